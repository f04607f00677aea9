package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.SelectionSpec;
import dev.sluice.spi.SoftmaxKernels;
import dev.sluice.spi.SoftmaxSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Softmax, its logarithm and sparsemax, and selections from the weights that they make. */
public final class Softmax {
  /** What rows are put through. */
  private enum Form {
    SOFTMAX,
    LOG_SOFTMAX,
    SPARSEMAX
  }

  private Softmax() {}

  /** {@code e^x / sum(e^x)} along a dimension: 0 to 1, summing to 1. */
  public static Tensor softmax(Tensor x, int dimension) {
    return along("softmax", Form.SOFTMAX, x, dimension);
  }

  /** The logarithm of {@link #softmax}, without its rounding to 0. */
  public static Tensor logSoftmax(Tensor x, int dimension) {
    return along("logSoftmax", Form.LOG_SOFTMAX, x, dimension);
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
    return masked("maskedSoftmax", Form.SOFTMAX, x, mask, lengths);
  }

  /**
   * {@code max(x - tau, 0)} along a dimension, with tau such that it sums to 1: weights of which many are exactly 0
   * (Martins and Astudillo: From softmax to sparsemax, arXiv 1602.02068).
   */
  public static Tensor sparsemax(Tensor x, int dimension) {
    return along("sparsemax", Form.SPARSEMAX, x, dimension);
  }

  /** {@link #sparsemax} along the last dimension over the elements that take part, as {@link #maskedSoftmax} has it. */
  public static Tensor maskedSparsemax(Tensor x, @Nullable Tensor mask, @Nullable Tensor lengths) {
    return masked("maskedSparsemax", Form.SPARSEMAX, x, mask, lengths);
  }

  /**
   * Weights of which some are selected along the last dimension, the others exactly 0; see {@link Selecting}. With the
   * softmax before it, this is hard attention over any logits.
   *
   * @param weights REAL (..., width), each row a softmax's, in which what takes no part is 0
   */
  public static Tensor select(Tensor weights, Selecting selecting) {
    Checks.real("select", "weights", weights);
    Checks.shape(weights.rank() >= 1, "select", "weights", weights, "one dimension or more");
    Tensor keeps = selecting instanceof Selecting.Chosen chosen ? chosen.keeps() : null;
    Backend backend = Checks.backend("select", weights, keeps);
    if (keeps != null) {
      Checks.shape(Broadcasting.stretches(keeps.shape(), weights.shape()), "select", "predicate", keeps,
          "a shape that stretches to " + weights.shape());
    }
    Tensor predicate = keeps == null || keeps.shape().equals(weights.shape()) ? keeps
        : Shaping.expand(keeps, weights.shape().toArray());
    int rows = weights.shape().elements(0, weights.rank() - 1);
    int width = weights.size(-1);
    SelectionSpec spec = new SelectionSpec(rows, width,
        selecting.selection(rows, predicate == null ? null : new Layout(0, 0, width)));
    Tensor selected = Checks.real(backend, weights.shape());
    Tensor kept = Tensor.allocate(backend, ElementType.BOOL, weights.shape());
    backend.softmax().select(spec, weights.buffer(), Checks.buffer(predicate), selected.buffer(), kept.buffer());
    Tape.record("select", List.of(weights), List.of(weights, kept), List.of(selected), gradients -> {
      Tensor gradWeights = Checks.real(backend, weights.shape());
      backend.softmax().selectBackward(spec, weights.buffer(), kept.buffer(), gradients[0].buffer(),
          gradWeights.buffer());
      return new Tensor[] {gradWeights};
    });
    return selected;
  }

  private static Tensor masked(String operation, Form form, Tensor x, @Nullable Tensor mask,
      @Nullable Tensor lengths) {
    Checks.backend(operation, x, mask, lengths);
    Checks.type(operation, "mask", mask, ElementType.BOOL);
    Checks.type(operation, "lengths", lengths, ElementType.INT32);
    Checks.shape(x.rank() >= 1, operation, "tensor", x, "one dimension or more");
    Checks.shape(operation, "mask", mask, x.shape());
    int rows = x.shape().elements(0, x.rank() - 1);
    int rowsPerLength = 1;
    if (lengths != null) {
      Shape rowShape = x.shape().slice(0, x.rank() - 1);
      Checks.shape(lengths.rank() <= rowShape.rank() && rowShape.slice(0, lengths.rank()).equals(lengths.shape()),
          operation, "lengths", lengths, "the first sizes of " + rowShape);
      rowsPerLength = Math.max(rowShape.elements(lengths.rank(), rowShape.rank()), 1);
    }
    return rows(operation, form, new SoftmaxSpec(rows, x.size(-1), false, rowsPerLength), x, mask, lengths);
  }

  private static Tensor along(String operation, Form form, Tensor x, int dimension) {
    int d = x.shape().dimension(dimension);
    int last = x.rank() - 1;
    if (d != last) {
      return Shaping.transpose(along(operation, form, Shaping.transpose(x, d, last), last), d, last);
    }
    SoftmaxSpec spec = new SoftmaxSpec(x.shape().elements(0, last), x.size(last), form == Form.LOG_SOFTMAX);
    return rows(operation, form, spec, x, null, null);
  }

  private static Tensor rows(String operation, Form form, SoftmaxSpec spec, Tensor x, @Nullable Tensor mask,
      @Nullable Tensor lengths) {
    Checks.real(operation, "tensor", x);
    Backend backend = x.backend();
    SoftmaxKernels kernels = backend.softmax();
    boolean sparse = form == Form.SPARSEMAX;
    Tensor y = Checks.real(backend, x.shape());
    Buffer maskBuffer = Checks.buffer(mask);
    Buffer lengthsBuffer = Checks.buffer(lengths);
    if (sparse) {
      kernels.sparsemax(spec, x.buffer(), maskBuffer, lengthsBuffer, y.buffer());
    } else {
      kernels.softmax(spec, x.buffer(), maskBuffer, lengthsBuffer, y.buffer());
    }
    Tape.record(operation, List.of(x), Checks.present(y, mask, lengths), List.of(y), gradients -> {
      Tensor gradX = Checks.real(backend, x.shape());
      if (sparse) {
        kernels.sparsemaxBackward(spec, y.buffer(), maskBuffer, lengthsBuffer, gradients[0].buffer(), gradX.buffer());
      } else {
        kernels.softmaxBackward(spec, y.buffer(), maskBuffer, lengthsBuffer, gradients[0].buffer(), gradX.buffer());
      }
      return new Tensor[] {gradX};
    });
    return y;
  }
}
