package dev.sluice.backend.vector;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Two sums for each channel of x (outer, channels, inner) over the positions that take part: of {@code x - centre} and
 * its square, or with a gradient of {@code gradY} and {@code gradY (x - centre) scale}. Each chunk sums blocks of
 * {@value #BLOCK} outer positions in float, the blocks in order; the chunks are added in order and in double.
 *
 * @param layout sizes, mask and chunks
 * @param x (outer, channels, inner)
 * @param gradY as x; null for the sums about the centre
 * @param centre (channels)
 * @param scale (channels); not read without a gradient
 * @param partial receives both sums of each chunk, (chunks, 2, channels)
 */
record BatchNormSums(BatchNormLayout layout, float[] x, float @Nullable [] gradY, float[] centre, float[] scale,
    float[] partial, Scratch scratch) implements Workers.Task {
  private static final int BLOCK = 64;

  /** Sums about the centre, (2, channels). */
  static double[] moments(Workers workers, Scratch scratch, BatchNormLayout layout, float[] x, float[] centre) {
    return of(workers, scratch, layout, x, null, centre, centre);
  }

  /** Sums of the gradient, (2, channels). */
  static double[] products(Workers workers, Scratch scratch, BatchNormLayout layout, float[] x, float[] gradY,
      float[] centre, float[] scale) {
    return of(workers, scratch, layout, x, gradY, centre, scale);
  }

  private static double[] of(Workers workers, Scratch scratch, BatchNormLayout layout, float[] x,
      float @Nullable [] gradY, float[] centre, float[] scale) {
    int width = 2 * layout.channels();
    float[] partial = scratch.borrow(Math.multiplyExact(layout.chunks(), width));
    workers.run(layout.chunks(), new BatchNormSums(layout, x, gradY, centre, scale, partial, scratch));
    double[] sums = new double[width];
    for (int chunk = 0; chunk < layout.chunks(); chunk++) {
      for (int i = 0; i < width; i++) {
        sums[i] += partial[chunk * width + i];
      }
    }
    scratch.release(partial);
    return sums;
  }

  @Override
  public void run(int chunk) {
    int width = 2 * layout.channels();
    float[] block = scratch.borrow(width);
    Arrays.fill(partial, chunk * width, (chunk + 1) * width, 0);
    for (int from = layout.first(chunk); from < layout.end(chunk); from += BLOCK) {
      Arrays.fill(block, 0, width, 0);
      for (int o = from; o < Math.min(from + BLOCK, layout.end(chunk)); o++) {
        if (layout.inner() == 1) {
          addRow(o, block);
        } else {
          addRuns(o, block);
        }
      }
      Rows.add(partial, chunk * width, block, 0, width);
    }
    scratch.release(block);
  }

  private void addRow(int o, float[] sums) {
    int n = layout.channels();
    if (!layout.takesPart(o)) {
      return;
    }
    if (gradY == null) {
      BatchNormRows.addMoments(n, x, o * n, centre, sums);
    } else {
      BatchNormRows.addProducts(n, x, gradY, o * n, centre, scale, sums);
    }
  }

  private void addRuns(int o, float[] sums) {
    int n = layout.inner();
    for (int c = 0; c < layout.channels(); c++) {
      int at = (o * layout.channels() + c) * n;
      if (gradY == null) {
        BatchNormRuns.addMoments(n, x, at, layout.flags(), layout.flagsAt(o), centre[c], sums, c, layout.channels());
      } else {
        BatchNormRuns.addProducts(n, x, gradY, at, layout.flags(), layout.flagsAt(o), centre[c], scale[c], sums,
            c, layout.channels());
      }
    }
  }
}
