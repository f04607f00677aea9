package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorBuffer.reals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClampSpec;
import dev.sluice.spi.ClippingKernels;
import dev.sluice.spi.NormSpec;
import dev.sluice.spi.ScaleToNormSpec;
import java.util.List;

/**
 * Norms and bounds of lists of buffers. A norm is accumulated in double, piece by piece of the list, and the pieces are
 * combined in the order of the list; the coefficient of {@link #scaleToNorm} is computed in double from the stored norm
 * and rounded once.
 */
final class VectorClipping implements ClippingKernels {
  private final Workers workers;

  VectorClipping(Workers workers, Scratch scratch) {
    this.workers = workers;
  }

  @Override
  public void norm(NormSpec spec, List<Buffer> tensors, Buffer norm) {
    float[][] arrays = TensorList.arrays(tensors);
    float[] result = reals(norm);
    double p = spec.p();
    boolean whole = p == 0 || p == 1 || p == 2 || Double.isInfinite(p);
    TensorList list = new TensorList(tensors, whole ? Chunks.LIGHT : Chunks.HEAVY);
    double[] partial = new double[list.pieces()];
    list.run(workers, true, (piece, tensor, from, to) -> partial[piece] = Norms.partial(p, arrays[tensor], from, to));
    result[0] = (float) (list.elements() == 0 ? 0 : combine(p, list, arrays.length, partial));
  }

  private static double combine(double p, TensorList list, int tensors, double[] partial) {
    double total = p == Double.NEGATIVE_INFINITY ? Double.POSITIVE_INFINITY : 0;
    for (int tensor = 0; tensor < tensors; tensor++) {
      double own = total;
      if (p == 0) {
        own = 0;
      }
      for (int piece = list.firstPiece(tensor); piece < list.firstPiece(tensor + 1); piece++) {
        own = Norms.combine(p, own, partial[piece]);
      }
      total = p == 0 ? total + own : own;
    }
    return Norms.root(p, total);
  }

  @Override
  public void scaleToNorm(ScaleToNormSpec spec, Buffer norm, List<Buffer> tensors) {
    float[][] arrays = TensorList.arrays(tensors);
    float coefficient = (float) Math.min(spec.maxNorm() / (reals(norm)[0] + ScaleToNormSpec.EPSILON), 1);
    new TensorList(tensors, Chunks.LIGHT).runBackwards(workers, TensorList.distinct(arrays),
        (piece, tensor, from, to) -> Norms.scale(arrays[tensor], coefficient, from, to));
  }

  @Override
  public void clamp(ClampSpec spec, List<Buffer> tensors) {
    float[][] arrays = TensorList.arrays(tensors);
    float lower = (float) spec.lower();
    float upper = (float) spec.upper();
    new TensorList(tensors, Chunks.LIGHT).run(workers, TensorList.distinct(arrays),
        (piece, tensor, from, to) -> Norms.clamp(arrays[tensor], lower, upper, from, to));
  }
}
