/**
 * The backend on CUDA: {@link dev.sluice.cuda.CudaProvider} offers it, a {@link dev.sluice.cuda.Device} holds context,
 * stream, memory and kernels of one GPU, and each kernel family is a class of {@code dev.sluice.cuda.kernel}.
 */
@NullMarked
package dev.sluice.cuda;

import org.jspecify.annotations.NullMarked;
