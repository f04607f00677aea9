package dev.sluice.spi;

import org.jspecify.annotations.Nullable;

/** What convolution and pooling do with the {@link Windows} of x (batch, channels, rows, columns). */
public interface WindowKernels {
  /**
   * {@code columns[c, i, j, s, u, v] = x[first + s, c, p, q]}, where p and q are the positions of taps i and j of
   * windows u and v; 0 in the padding.
   *
   * @param x REAL (batch, channels, rows, columns)
   * @param columns REAL (channels, row taps, column taps, samples, row windows, column windows)
   */
  void unfold(UnfoldSpec spec, Buffer x, Buffer columns);

  /**
   * The adjoint: each element of the samples taken gets the sum of its copies in gradColumns, taps in their order;
   * other samples of gradX stay as they are.
   */
  void unfoldBackward(UnfoldSpec spec, Buffer gradColumns, Buffer gradX);

  /**
   * {@code y[b, c, u, v]} is the largest element of the window, the first in row-major order of those that tie. A NaN
   * counts as the largest, the last of several, as in PyTorch. Padding takes no part.
   *
   * @param y REAL (batch, channels, row windows, column windows)
   * @param indices INT32 like y: where in its plane the element lies, row * columns + column; null where no backward
   *     follows
   */
  void maxPool(MaxPoolSpec spec, Buffer x, Buffer y, @Nullable Buffer indices);

  /**
   * {@code gradX[b, c, k] = sum of gradY[b, c, u, v] over the windows with indices[b, c, u, v] = k}, in their order.
   *
   * @param indices as {@link #maxPool} wrote them
   */
  void maxPoolBackward(MaxPoolSpec spec, Buffer indices, Buffer gradY, Buffer gradX);

  /** {@code y[b, c, u, v]} is the sum of the window's elements over {@link AveragePoolSpec#divisor(int, int)}. */
  void averagePool(AveragePoolSpec spec, Buffer x, Buffer y);

  /** {@code gradX[b, c, p, q] = sum of gradY[b, c, u, v] / divisor(u, v) over the windows that hold (p, q)}. */
  void averagePoolBackward(AveragePoolSpec spec, Buffer gradY, Buffer gradX);
}
