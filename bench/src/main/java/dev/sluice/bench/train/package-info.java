/** Training runs: their options, the models they train, the loop, and the report they leave behind. */
@NullMarked
package dev.sluice.bench.train;

import org.jspecify.annotations.NullMarked;
