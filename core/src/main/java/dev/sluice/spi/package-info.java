/**
 * The seam between the library and what computes: a {@link dev.sluice.spi.BackendProvider} says whether a backend can
 * run here and makes it; a {@link dev.sluice.spi.Backend} owns {@link dev.sluice.spi.Buffer}s and implements one small
 * interface per kernel family.
 *
 * <p>A kernel takes a spec first (sizes, strides, options; every scalar a {@code double}) and then buffers. Specs are
 * records that refuse nonsense when they are made, so a kernel never sees a wrong size; {@link
 * dev.sluice.spi.KernelSpec#operands} states, for each buffer of a call, its element type, its least length and whether
 * it is read, written or updated. Rules that hold for every kernel:
 *
 * <ul>
 *   <li>Buffers are dense and row-major unless the spec gives strides. A buffer may be longer than needed; the rest is
 *       not touched.
 *   <li>A written buffer's earlier contents are never read: allocation leaves contents undefined.
 *   <li>No argument aliases another, except that an updated argument is read and written in place.
 *   <li>Masked, dropped and out-of-length positions are never read, so a NaN there cannot leak.
 *   <li>NaN otherwise propagates; each enumeration of operations states its rule at kinks and ties.
 *   <li>The same call on the same backend gives the same bits, whatever the number of threads.
 *   <li>There is no optional kernel: a backend implements all of them.
 * </ul>
 *
 * <p>Backends know buffers and numbers: no gradients-by-tape, no layers, no tensors.
 */
@NullMarked
package dev.sluice.spi;

import org.jspecify.annotations.NullMarked;
