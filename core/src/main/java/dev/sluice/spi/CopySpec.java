package dev.sluice.spi;

import java.util.List;

/**
 * A copy from one strided walk to another over the same shape. Index {@code (i0, i1, ...)} lies at {@code offset +
 * i0*strides[0] + i1*strides[1] + ...}. Source strides may be 0 (broadcast) or negative (flip); no two indices may meet
 * in the target.
 *
 * @param type what both buffers hold
 * @param shape the sizes walked; empty for a single element
 * @param sourceOffset where the source's first element lies
 * @param sourceStrides the source's step per dimension
 * @param targetOffset where the target's first element lies
 * @param targetStrides the target's step per dimension, positive where the dimension is larger than 1
 * @param scale a factor on every element; 1 unless the type is REAL
 * @param accumulate adds to the target in place of overwriting it; REAL only
 */
public record CopySpec(ElementType type, int[] shape, int sourceOffset, int[] sourceStrides, int targetOffset,
    int[] targetStrides, double scale, boolean accumulate) implements KernelSpec {
  public CopySpec {
    for (int size : shape) {
      Sizes.atLeast("copy", "shape", size, 0);
    }
    boolean empty = Sizes.elements("copy", "shape", widen(shape)) == 0;
    Sizes.extent("copy", "source", sourceOffset, shape, sourceStrides);
    Sizes.extent("copy", "target", targetOffset, shape, targetStrides);
    for (int d = 0; d < shape.length; d++) {
      if (!empty && shape[d] > 1 && targetStrides[d] <= 0) {
        throw Sizes.refusal("copy", "target stride " + targetStrides[d], "1 or more");
      }
    }
    if (type != ElementType.REAL && (scale != 1 || accumulate)) {
      throw Sizes.refusal("copy", "scale or accumulate given for " + type, "neither");
    }
  }

  /** A plain copy of the first elements. */
  public static CopySpec contiguous(ElementType type, int length) {
    return new CopySpec(type, new int[] {length}, 0, new int[] {1}, 0, new int[] {1}, 1, false);
  }

  /** {@code target[i] += scale * source[i]} over the first elements. */
  public static CopySpec accumulating(int length, double scale) {
    return new CopySpec(ElementType.REAL, new int[] {length}, 0, new int[] {1}, 0, new int[] {1}, scale, true);
  }

  @Override
  public List<Operand> operands(Pass pass) {
    int sourceLength = Sizes.extent("copy", "source", sourceOffset, shape, sourceStrides);
    int targetLength = Sizes.extent("copy", "target", targetOffset, shape, targetStrides);
    return List.of(Operand.read("source", sourceLength).of(type), Operand.update("target", targetLength).of(type));
  }

  private static long[] widen(int[] shape) {
    long[] sizes = new long[shape.length];
    for (int d = 0; d < shape.length; d++) {
      sizes[d] = shape[d];
    }
    return sizes;
  }
}
