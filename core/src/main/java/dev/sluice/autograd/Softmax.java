package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.SoftmaxSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Softmax and its logarithm. */
public final class Softmax {
  private Softmax() {}

  /** {@code e^x / sum(e^x)} along a dimension: 0 to 1, summing to 1. */
  public static Tensor softmax(Tensor x, int dimension) {
    return along("softmax", x, dimension, false);
  }

  /** The logarithm of {@link #softmax}, without its rounding to 0. */
  public static Tensor logSoftmax(Tensor x, int dimension) {
    return along("logSoftmax", x, dimension, true);
  }

  /**
   * Softmax along the last dimension over the elements that take part; the others give 0 and are never read. A row in
   * which none takes part gives zeros.
   *
   * @param x (..., width)
   * @param mask BOOL of x's shape, true takes part; null for all
   * @param lengths INT32 of x's first sizes, for example (batch) for x (batch, heads, width): how many leading elements
   *     of each row take part, 0 to width; null for all
   */
  public static Tensor maskedSoftmax(Tensor x, @Nullable Tensor mask, @Nullable Tensor lengths) {
    Checks.backend("maskedSoftmax", x, mask, lengths);
    Checks.type("maskedSoftmax", "mask", mask, ElementType.BOOL);
    Checks.type("maskedSoftmax", "lengths", lengths, ElementType.INT32);
    Checks.shape(x.rank() >= 1, "maskedSoftmax", "tensor", x, "one dimension or more");
    Checks.shape("maskedSoftmax", "mask", mask, x.shape());
    int rows = x.shape().elements(0, x.rank() - 1);
    int rowsPerLength = 1;
    if (lengths != null) {
      Shape rowShape = x.shape().slice(0, x.rank() - 1);
      Checks.shape(lengths.rank() <= rowShape.rank() && rowShape.slice(0, lengths.rank()).equals(lengths.shape()),
          "maskedSoftmax", "lengths", lengths, "the first sizes of " + rowShape);
      rowsPerLength = Math.max(rowShape.elements(lengths.rank(), rowShape.rank()), 1);
    }
    return rows("maskedSoftmax", new SoftmaxSpec(rows, x.size(-1), false, rowsPerLength), x, mask, lengths);
  }

  private static Tensor along(String operation, Tensor x, int dimension, boolean log) {
    int d = x.shape().dimension(dimension);
    int last = x.rank() - 1;
    if (d != last) {
      return Shaping.transpose(along(operation, Shaping.transpose(x, d, last), last, log), d, last);
    }
    return rows(operation, new SoftmaxSpec(x.shape().elements(0, last), x.size(last), log), x, null, null);
  }

  private static Tensor rows(String operation, SoftmaxSpec spec, Tensor x, @Nullable Tensor mask,
      @Nullable Tensor lengths) {
    Checks.real(operation, "tensor", x);
    Backend backend = x.backend();
    Tensor y = Checks.real(backend, x.shape());
    backend.softmax().softmax(spec, x.buffer(), Checks.buffer(mask), Checks.buffer(lengths), y.buffer());
    Tape.record(operation, List.of(x), Checks.present(y, mask, lengths), List.of(y), gradients -> {
      Tensor gradX = Checks.real(backend, x.shape());
      backend.softmax().softmaxBackward(spec, y.buffer(), Checks.buffer(mask), Checks.buffer(lengths),
          gradients[0].buffer(), gradX.buffer());
      return new Tensor[] {gradX};
    });
    return y;
  }
}
