/** What layers and optimizers check before they compute; not exported. */
@NullMarked
package dev.sluice.checks;

import org.jspecify.annotations.NullMarked;
