package dev.sluice.spi;

import org.jspecify.annotations.Nullable;

/** Functions of each element, and of two elements with broadcasting. */
public interface ElementwiseKernels {
  /** {@code y[i] = f(x[i])}. */
  void unary(UnarySpec spec, Buffer x, Buffer y);

  /** {@code gradX[i] = gradY[i] * f'(x[i])}; x and y as the forward read and wrote them. */
  void unaryBackward(UnarySpec spec, Buffer x, Buffer y, Buffer gradY, Buffer gradX);

  /** {@code y = f(left, right)} over the spec's shape. */
  void binary(BinarySpec spec, Buffer left, Buffer right, Buffer y);

  /**
   * The gradients of {@link #binary}, each of its own argument's size, summed over the dimensions along which that
   * argument was broadcast; a null one is not computed.
   */
  void binaryBackward(BinarySpec spec, Buffer left, Buffer right, Buffer gradY, @Nullable Buffer gradLeft,
      @Nullable Buffer gradRight);

  /** {@code y = f(left, right)} of truth values, all BOOL, over the spec's shape. */
  void logical(LogicalSpec spec, Buffer left, Buffer right, Buffer y);
}
