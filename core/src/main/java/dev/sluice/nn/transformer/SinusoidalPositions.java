package dev.sluice.nn.transformer;

import dev.sluice.Tensor;
import java.util.Arrays;

/**
 * Fixed positions of any length: element 2i of position p is {@code sin(p / 10000^(2i/width))}, element 2i+1 the cosine
 * of the same (Vaswani et al., arXiv 1706.03762, section 3.5). No parameters.
 */
public final class SinusoidalPositions extends Positions {
  /** Those that were asked for so far, on the host: each call moves a few, whatever scope and backend it is in. */
  private volatile double[] table = new double[0];

  /**
   * Of a width.
   *
   * @param width 1 or more
   * @param batchFirst whether sequences are (batch, length, width) in place of (length, batch, width)
   */
  public SinusoidalPositions(int width, boolean batchFirst) {
    super(width, batchFirst);
  }

  @Override
  Tensor rows(Tensor like, int start, int length) {
    int end = Math.addExact(start, length);
    double[] known = table;
    if (known.length < end * (long) width()) {
      known = table(Math.max(end, 2 * (known.length / width())));
      table = known;
    }
    return Tensor.of(like.backend(), Arrays.copyOfRange(known, start * width(), end * width()), length, width());
  }

  private double[] table(int length) {
    double[] rows = new double[Math.multiplyExact(length, width())];
    for (int i = 0; i < width(); i += 2) {
      double rate = StrictMath.pow(10000, -(double) i / width());
      for (int row = 0; row < length; row++) {
        rows[row * width() + i] = StrictMath.sin(row * rate);
        if (i + 1 < width()) {
          rows[row * width() + i + 1] = StrictMath.cos(row * rate);
        }
      }
    }
    return rows;
  }
}
