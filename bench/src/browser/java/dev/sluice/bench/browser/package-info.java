/** Looks at pages as a browser shows them. */
@NullMarked
package dev.sluice.bench.browser;

import org.jspecify.annotations.NullMarked;
