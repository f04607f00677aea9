/**
 * The few calls of the CUDA driver and of cuBLAS that Sluice makes, behind two small interfaces, {@link
 * dev.sluice.cuda.driver.CudaDriver} and {@link dev.sluice.cuda.driver.Blas}, and the exceptions that a failing call
 * becomes. Nothing here knows of kernels or tensors.
 */
@NullMarked
package dev.sluice.cuda.driver;

import org.jspecify.annotations.NullMarked;
