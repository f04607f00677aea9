/**
 * Every kernel of the seam on the backend under test, held against the reference backend: {@link
 * dev.sluice.conformance.Tolerance} says how close, one {@code ...Cases} class per family says over which sizes,
 * options and values, {@link dev.sluice.conformance.Settings} says on which JVM settings and what must run there.
 *
 * <p>A case is a {@link dev.sluice.conformance.Script}: it draws its inputs from a {@link dev.sluice.conformance.Bench}
 * and calls kernels. It runs on the reference (double), on the reference's own source in float and on the backend under
 * test; all three see the same inputs, rounded to float. Inputs contain outliers; buffers are longer than needed, with
 * NaN in the rest and in whatever is not to be read; what is written starts as NaN, and everything, the rest included,
 * is compared.
 */
@NullMarked
package dev.sluice.conformance;

import org.jspecify.annotations.NullMarked;
