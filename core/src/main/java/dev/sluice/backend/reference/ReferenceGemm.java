package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.reals;
import static dev.sluice.backend.reference.ReferenceBuffer.realsOrNull;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.GemmKernels;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.KernelSpec.Pass;
import org.jspecify.annotations.Nullable;

/**
 * {@code C[i,j] = alpha * sum_p op(A)[i,p] op(B)[p,j] + beta * C[i,j] + bias[j]}, A (m, k), B (k, n), C (m, n), per
 * matrix of the batch.
 *
 * <p>Numbers of the spec enter by lines of their own, where the float twin rounds them.
 */
final class ReferenceGemm implements GemmKernels {
  @Override
  public void multiply(GemmSpec spec, Buffer a, Buffer b, @Nullable Buffer bias, Buffer c) {
    ReferenceArguments.check("gemm", spec.operands(Pass.FORWARD), a, b, bias, c);
    double[] left = reals(a);
    double[] right = reals(b);
    double[] added = spec.bias() ? realsOrNull(bias) : null;
    double[] result = reals(c);
    double alpha = spec.alpha();
    double beta = spec.beta();
    // Steps of op(A) along a row, of op(B) down a column.
    int leftStep = spec.a().transposed() ? spec.a().rowStride() : 1;
    int rightStep = spec.b().transposed() ? 1 : spec.b().rowStride();
    for (int matrix = 0; matrix < spec.batch(); matrix++) {
      for (int i = 0; i < spec.m(); i++) {
        int leftRow = start(spec.a(), matrix) + i * (spec.a().transposed() ? 1 : spec.a().rowStride());
        for (int j = 0; j < spec.n(); j++) {
          int rightColumn = start(spec.b(), matrix) + j * (spec.b().transposed() ? spec.b().rowStride() : 1);
          double sum = 0;
          for (int p = 0; p < spec.k(); p++) {
            sum += left[leftRow + p * leftStep] * right[rightColumn + p * rightStep];
          }
          int at = start(spec.c(), matrix) + i * spec.c().rowStride() + j;
          double value = alpha * sum;
          if (beta != 0) {
            value += beta * result[at];
          }
          if (added != null) {
            value += added[j];
          }
          result[at] = value;
        }
      }
    }
  }

  private static int start(GemmSpec.Matrix matrix, int index) {
    return matrix.offset() + index * matrix.batchStride();
  }
}
