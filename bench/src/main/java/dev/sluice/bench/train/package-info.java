/** Training runs: their options, the models they train, the loop, what they leave behind, and the test of that. */
@NullMarked
package dev.sluice.bench.train;

import org.jspecify.annotations.NullMarked;
