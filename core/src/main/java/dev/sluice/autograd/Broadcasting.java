package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import java.util.function.Supplier;

/** NumPy's and PyTorch's rule: shapes align at their last dimensions, and a size of 1, or a missing one, stretches. */
final class Broadcasting {
  private Broadcasting() {}

  /** The shape that both stretch to. */
  static Shape shape(String operation, Shape left, Shape right) {
    return shape(operation, left, right, () -> "shapes are " + left + " and " + right);
  }

  /** The shape that both stretch to; a refusal says what was given in these words. */
  static Shape shape(String operation, Shape left, Shape right, Supplier<String> given) {
    int rank = Math.max(left.rank(), right.rank());
    int[] sizes = new int[rank];
    for (int d = 0; d < rank; d++) {
      int l = sizeFromEnd(left, rank - d);
      int r = sizeFromEnd(right, rank - d);
      if (l != r && l != 1 && r != 1) {
        throw Checks.refusal(operation, given.get(), "sizes that are equal or 1, from the last dimension on");
      }
      sizes[d] = l == 1 ? r : l;
    }
    return Shape.of(sizes);
  }

  /** Whether a shape stretches to another. */
  static boolean stretches(Shape from, Shape to) {
    if (from.rank() > to.rank()) {
      return false;
    }
    for (int d = 1; d <= from.rank(); d++) {
      int size = sizeFromEnd(from, d);
      if (size != 1 && size != sizeFromEnd(to, d)) {
        return false;
      }
    }
    return true;
  }

  /** The step per dimension of the target as a dense tensor is walked in the target's shape: 0 where it stretches. */
  static int[] strides(Shape from, Shape to) {
    int[] strides = new int[to.rank()];
    int[] dense = from.strides();
    int missing = to.rank() - from.rank();
    for (int d = missing; d < to.rank(); d++) {
      strides[d] = from.size(d - missing) == 1 ? 0 : dense[d - missing];
    }
    return strides;
  }

  /** Sums a gradient over the dimensions along which a tensor of the target shape was stretched. */
  static Tensor sumTo(Tensor gradient, Shape target) {
    if (gradient.shape().equals(target)) {
      return gradient;
    }
    Shape shape = gradient.shape();
    int missing = shape.rank() - target.rank();
    Tensor sum = gradient;
    // Neighbouring stretched dimensions are one reduction; from the last on, so that the sizes before stay as they are.
    int end = shape.rank();
    int inner = 1;
    while (end > 0) {
      boolean stretched = stretched(shape, target, missing, end - 1);
      int start = end - 1;
      while (start > 0 && stretched(shape, target, missing, start - 1) == stretched) {
        start--;
      }
      int count = shape.elements(start, end);
      if (stretched) {
        int outer = shape.elements(0, start);
        Tensor reduced = Checks.real(sum.backend(), Shape.of(outer, inner));
        sum.backend().reduction().reduce(new ReductionSpec(ReductionOp.SUM, outer, count, inner), sum.buffer(),
            reduced.buffer());
        sum = reduced;
      } else {
        inner *= count;
      }
      end = start;
    }
    return sum.alias(target);
  }

  private static boolean stretched(Shape shape, Shape target, int missing, int dimension) {
    return dimension < missing || (target.size(dimension - missing) == 1 && shape.size(dimension) != 1);
  }

  private static int sizeFromEnd(Shape shape, int position) {
    return position > shape.rank() ? 1 : shape.size(-position);
  }
}
