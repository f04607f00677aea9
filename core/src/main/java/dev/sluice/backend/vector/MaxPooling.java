package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.INTS;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static dev.sluice.backend.vector.Lanes.bound;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;

import dev.sluice.spi.Windows;
import dev.sluice.spi.Windows.Axis;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/**
 * The largest element of each window: first of each column over the rows of a line of windows, which lanes do side by
 * side, then of each window over its columns. The first of those that tie counts, and the last NaN of several.
 */
final class MaxPooling {
  private final Axis rows;
  private final Axis columns;
  private final int plane;
  private final int height;
  private final int width;
  /** Of each window of a line, its first column inside, and how many. */
  private final int[] left;
  private final int[] taps;

  MaxPooling(Windows windows) {
    rows = windows.rows();
    columns = windows.columns();
    plane = windows.plane();
    height = rows.count();
    width = columns.count();
    left = new int[width];
    taps = new int[width];
    for (int v = 0; v < width; v++) {
      left[v] = columns.position(v, columns.firstTap(v));
      taps[v] = columns.endTap(v) - columns.firstTap(v);
    }
  }

  /** Planes from from to to. */
  void forward(float[] x, int from, int to, float[] y, int @Nullable [] indices) {
    float[] best = new float[columns.size()];
    int[] row = new int[columns.size()];
    for (int p = from; p < to; p++) {
      for (int u = 0; u < height; u++) {
        int first = rows.firstTap(u);
        columns(x, p * plane, rows.position(u, first), rows.endTap(u) - first, best, row);
        windows(best, row, y, indices, (p * height + u) * width);
      }
    }
  }

  /** The largest of each column over so many taps from a row on, and the row that it stands in. */
  private void columns(float[] x, int start, int top, int taps, float[] best, int[] row) {
    int n = columns.size();
    int step = rows.dilation() * n;
    int w = 0;
    for (int end = bound(0, n); w < end; w += COUNT) {
      FloatVector m = fromArray(SPECIES, x, start + top * n + w);
      IntVector r = IntVector.broadcast(INTS, top);
      for (int i = 1; i < taps; i++) {
        FloatVector v = fromArray(SPECIES, x, start + top * n + i * step + w);
        VectorMask<Float> better = v.compare(GT, m).or(v.eq(v).not());
        m = m.blend(v, better);
        r = r.blend(top + i * rows.dilation(), better.cast(INTS));
      }
      m.intoArray(best, w);
      r.intoArray(row, w);
    }
    for (; w < n; w++) {
      int at = start + top * n + w;
      float m = x[at];
      int r = top;
      for (int i = 1; i < taps; i++) {
        float v = x[at + i * step];
        if (v > m || Float.isNaN(v)) {
          m = v;
          r = top + i * rows.dilation();
        }
      }
      best[w] = m;
      row[w] = r;
    }
  }

  /** The largest of each window of a line over its columns. */
  private void windows(float[] best, int[] row, float[] y, int @Nullable [] indices, int at) {
    int n = columns.size();
    int step = columns.dilation();
    for (int v = 0; v < width; v++) {
      int w = left[v];
      float m = best[w];
      int index = row[w] * n + w;
      for (int j = 1; j < taps[v]; j++) {
        w += step;
        float candidate = best[w];
        if (candidate > m || !(candidate < m) && isBetterThanEqual(candidate, m, row[w] * n + w, index)) {
          m = candidate;
          index = row[w] * n + w;
        }
      }
      y[at + v] = m;
      if (indices != null) {
        indices[at + v] = index;
      }
    }
  }

  /** Of those that tie the earlier one, of NaNs the later one, and a NaN before a number. */
  private static boolean isBetterThanEqual(float candidate, float best, int at, int bestAt) {
    return Float.isNaN(candidate) ? !Float.isNaN(best) || at > bestAt : candidate == best && at < bestAt;
  }

  /** Planes from from to to: each window's gradient goes to the element that it took. */
  void backward(int[] indices, float[] gradY, int from, int to, float[] gradX) {
    Arrays.fill(gradX, from * plane, to * plane, 0f);
    for (int p = from; p < to; p++) {
      for (int window = p * height * width; window < (p + 1) * height * width; window++) {
        gradX[p * plane + indices[window]] += gradY[window];
      }
    }
  }
}
