/**
 * The default backend: every kernel on {@code jdk.incubator.vector}, in float.
 *
 * <p>{@link dev.sluice.backend.vector.VectorProvider} decides whether it can run here; nothing else in the package is
 * loaded before it has. Rules that every kernel of the package keeps, so that the same call gives the same bits on any
 * number of threads, interpreted or compiled:
 *
 * <ul>
 *   <li>Numbers live in {@code float[]}; an array may be longer than its buffer, so sizes come from the spec and never
 *   from the array. <li>Species stand in static final fields ({@code Lanes}); a main loop has no mask, its tail is one
 *       masked vector or a scalar twin that rounds alike.
 *   <li>No lanewise transcendental function, no floating-point {@code reduceLanes} and no transcendental of {@link
 *       Math}: their bits depend on the compiler. {@code VectorMath} has exp, log, tanh and their kin; a horizontal sum
 *       is a fixed tree; what is rare goes through {@link StrictMath}.
 *   <li>Work is cut into chunks by the spec alone; threads ({@code Workers}) pick chunks up; partial sums combine in
 * chunk order.
 * </ul>
 */
@NullMarked
package dev.sluice.backend.vector;

import org.jspecify.annotations.NullMarked;
