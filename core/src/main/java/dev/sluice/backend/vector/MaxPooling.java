package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.INTS;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

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
 *
 * <p>So an element's rank is a long: its upper half the float in the order of ints, both zeros the same and NaN above
 * all; the lower one, unsigned, the element's place in the plane if it is NaN, and else the complement of that.
 */
final class MaxPooling {
  private static final IntVector COLUMNS = Lanes.iota();
  /** The upper half of a NaN's rank. */
  private static final int NAN = Integer.MAX_VALUE;

  private final Axis rows;
  private final Axis columns;
  private final int plane;
  private final int height;
  private final int width;
  private final WindowTaps rowTaps;
  private final WindowTaps columnTaps;

  MaxPooling(Windows windows) {
    rows = windows.rows();
    columns = windows.columns();
    plane = windows.plane();
    height = rows.count();
    width = columns.count();
    rowTaps = WindowTaps.of(rows);
    columnTaps = WindowTaps.of(columns);
  }

  /** Planes from from to to. */
  void forward(float[] x, int from, int to, float[] y, int @Nullable [] indices) {
    int[] upper = new int[columns.size()];
    int[] lower = new int[columns.size()];
    for (int p = from; p < to; p++) {
      for (int u = 0; u < height; u++) {
        columns(x, p * plane, rowTaps.first()[u], rowTaps.count()[u], upper, lower);
        windows(upper, lower, x, p * plane, y, indices, (p * height + u) * width);
      }
    }
  }

  /** The ranks of the largest of each column over so many taps from a row on. */
  private void columns(float[] x, int start, int top, int taps, int[] upper, int[] lower) {
    int n = columns.size();
    if (n < COUNT) {
      fewColumns(x, start, top, taps, upper, lower);
      return;
    }
    int step = rows.dilation() * n;
    for (int next = 0; next < n; next += COUNT) {
      int w = Math.min(next, n - COUNT);
      FloatVector m = fromArray(SPECIES, x, start + top * n + w);
      IntVector place = COLUMNS.add(top * n + w);
      for (int i = 1; i < taps; i++) {
        FloatVector v = fromArray(SPECIES, x, start + top * n + i * step + w);
        VectorMask<Float> better = v.compare(GT, m).or(v.eq(v).not());
        m = m.blend(v, better);
        place = place.blend(COLUMNS.add(top * n + i * step + w), better.cast(INTS));
      }
      IntVector bits = m.add(0).reinterpretAsInts();
      VectorMask<Integer> number = m.eq(m).cast(INTS);
      IntVector.broadcast(INTS, NAN).blend(bits.lanewise(ASHR, 31).lanewise(LSHR, 1).lanewise(XOR, bits), number)
          .intoArray(upper, w);
      place.blend(place.not(), number).intoArray(lower, w);
    }
  }

  /** {@link #columns} of less than a vector of them. */
  private void fewColumns(float[] x, int start, int top, int taps, int[] upper, int[] lower) {
    int n = columns.size();
    int step = rows.dilation() * n;
    for (int w = 0; w < n; w++) {
      int place = top * n + w;
      for (int i = 1; i < taps; i++) {
        int next = top * n + i * step + w;
        float v = x[start + next];
        place = v > x[start + place] || Float.isNaN(v) ? next : place;
      }
      float m = x[start + place];
      upper[w] = Float.isNaN(m) ? NAN : Rows.ordered(m + 0f);
      lower[w] = Float.isNaN(m) ? place : ~place;
    }
  }

  /** The largest of each window of a line over its columns, without branches, which would be taken at random. */
  private void windows(int[] upper, int[] lower, float[] x, int start, float[] y, int @Nullable [] indices, int at) {
    int[] left = columnTaps.first();
    int[] taps = columnTaps.count();
    for (int v = 0; v < width; v++) {
      int w = left[v];
      long best = rank(upper[w], lower[w]);
      for (int j = 1; j < taps[v]; j++) {
        w += columns.dilation();
        best = Math.max(best, rank(upper[w], lower[w]));
      }
      int index = (int) best ^ (int) best >> 31;
      y[at + v] = x[start + index];
      if (indices != null) {
        indices[at + v] = index;
      }
    }
  }

  private static long rank(int upper, int lower) {
    return (long) upper << Integer.SIZE | Integer.toUnsignedLong(lower);
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
