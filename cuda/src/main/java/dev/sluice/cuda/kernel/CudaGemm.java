package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.reals;
import static dev.sluice.cuda.CudaBuffer.realsOrNull;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Gemm;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.GemmKernels;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.GemmSpec.Matrix;
import org.jspecify.annotations.Nullable;

/** Matrix products by cuBLAS; a bias is laid into C first, and the product added to it. */
public final class CudaGemm implements GemmKernels {
  private final Gemm gemm;

  /** The products of a device. */
  public CudaGemm(Device device) {
    gemm = device.gemm();
  }

  @Override
  public void multiply(GemmSpec spec, Buffer a, Buffer b, @Nullable Buffer bias, Buffer c) {
    CudaBuffer left = reals(a);
    CudaBuffer right = reals(b);
    CudaBuffer added = spec.bias() ? realsOrNull(bias) : null;
    CudaBuffer result = reals(c);
    Matrix first = spec.a();
    Matrix second = spec.b();
    Matrix third = spec.c();
    double beta = spec.beta();
    if (added != null) {
      gemm.begin(added, spec.m(), spec.n(), beta, result, third.offset(), third.rowStride(), third.batchStride(),
          spec.batch());
      if (spec.k() == 0) {
        return;
      }
      beta = 1;
    }
    gemm.multiply(first.transposed(), second.transposed(), spec.m(), spec.n(), spec.k(), spec.alpha(), left,
        first.offset(), first.rowStride(), first.batchStride(), right, second.offset(), second.rowStride(),
        second.batchStride(), beta, result, third.offset(), third.rowStride(), third.batchStride(), spec.batch());
  }
}
