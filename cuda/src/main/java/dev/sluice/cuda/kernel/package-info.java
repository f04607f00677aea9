/**
 * The kernel families on CUDA, one class each: they check what the device cannot, lay out arguments and choose grids.
 * The kernels themselves are CUDA C++ in {@code native/kernels}, a file for a family.
 */
@NullMarked
package dev.sluice.cuda.kernel;

import org.jspecify.annotations.NullMarked;
