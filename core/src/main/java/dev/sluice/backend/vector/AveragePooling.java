package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import dev.sluice.spi.Windows;
import dev.sluice.spi.Windows.Axis;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The sum of each window over its divisor: first of each column over the rows of a line of windows, which lanes do side
 * by side, then of each window over its columns; backward the other way round.
 */
final class AveragePooling {
  private final Axis rows;
  private final Axis columns;
  private final int plane;
  private final int height;
  private final int width;
  private final float[] divisors;
  private final WindowTaps rowTaps;
  private final WindowTaps columnTaps;

  AveragePooling(Windows windows, float[] divisors) {
    rows = windows.rows();
    columns = windows.columns();
    plane = windows.plane();
    height = rows.count();
    width = columns.count();
    this.divisors = divisors;
    rowTaps = WindowTaps.of(rows);
    columnTaps = WindowTaps.of(columns);
  }

  /** Planes from from to to. */
  void forward(float[] x, int from, int to, float[] y) {
    int n = columns.size();
    float[] sums = new float[n];
    for (int p = from; p < to; p++) {
      for (int u = 0; u < height; u++) {
        columns(x, p * plane + rowTaps.first()[u] * n, rowTaps.count()[u], sums);
        windows(sums, y, (p * height + u) * width);
      }
      divide(y, p * height * width);
    }
  }

  /** The sum of each column over so many taps. */
  private void columns(float[] x, int at, int taps, float[] sums) {
    int n = columns.size();
    int step = rows.dilation() * n;
    if (n < COUNT) {
      Arrays.fill(sums, 0f);
      for (int i = 0; i < taps; i++) {
        Rows.add(sums, 0, x, at + i * step, n);
      }
      return;
    }
    for (int next = 0; next < n; next += COUNT) {
      int w = Math.min(next, n - COUNT);
      FloatVector sum = zero(SPECIES);
      for (int i = 0; i < taps; i++) {
        sum = sum.add(fromArray(SPECIES, x, at + i * step + w));
      }
      sum.intoArray(sums, w);
    }
  }

  private void windows(float[] sums, float[] y, int at) {
    int[] left = columnTaps.first();
    int[] taps = columnTaps.count();
    int step = columns.dilation();
    for (int v = 0; v < width; v++) {
      float sum = 0;
      for (int j = 0; j < taps[v]; j++) {
        sum += sums[left[v] + j * step];
      }
      y[at + v] = sum;
    }
  }

  /** A plane of sums by their divisors. */
  private void divide(float[] y, int at) {
    int n = height * width;
    for (int i = 0; i < n; i += COUNT) {
      VectorMask<Float> inside = SPECIES.indexInRange(i, n);
      fromArray(SPECIES, y, at + i, inside).div(fromArray(SPECIES, divisors, i, inside)).intoArray(y, at + i, inside);
    }
  }

  /** Planes from from to to. */
  void backward(float[] gradY, int from, int to, float[] gradX) {
    int n = columns.size();
    float[] parts = new float[n];
    Arrays.fill(gradX, from * plane, to * plane, 0f);
    for (int p = from; p < to; p++) {
      for (int u = 0; u < height; u++) {
        parts(gradY, (p * height + u) * width, u, parts);
        for (int i = 0; i < rowTaps.count()[u]; i++) {
          Rows.add(gradX, p * plane + (rowTaps.first()[u] + i * rows.dilation()) * n, parts, 0, n);
        }
      }
    }
  }

  /** What each column gets of a line of windows. */
  private void parts(float[] gradY, int at, int u, float[] parts) {
    Arrays.fill(parts, 0f);
    int[] left = columnTaps.first();
    int[] taps = columnTaps.count();
    int step = columns.dilation();
    for (int v = 0; v < width; v++) {
      float part = gradY[at + v] / divisors[u * width + v];
      for (int j = 0; j < taps[v]; j++) {
        parts[left[v] + j * step] += part;
      }
    }
  }
}
