package dev.sluice.backend.vector;

import dev.sluice.spi.Windows;
import dev.sluice.spi.Windows.Axis;
import java.util.Arrays;

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
  /** Of each window of a line, its first column inside, and how many. */
  private final int[] left;
  private final int[] taps;

  AveragePooling(Windows windows, float[] divisors) {
    rows = windows.rows();
    columns = windows.columns();
    plane = windows.plane();
    height = rows.count();
    width = columns.count();
    this.divisors = divisors;
    left = new int[width];
    taps = new int[width];
    for (int v = 0; v < width; v++) {
      left[v] = columns.position(v, columns.firstTap(v));
      taps[v] = columns.endTap(v) - columns.firstTap(v);
    }
  }

  /** Planes from from to to. */
  void forward(float[] x, int from, int to, float[] y) {
    int n = columns.size();
    float[] sums = new float[n];
    for (int p = from; p < to; p++) {
      for (int u = 0; u < height; u++) {
        Arrays.fill(sums, 0f);
        for (int i = rows.firstTap(u); i < rows.endTap(u); i++) {
          Rows.add(sums, 0, x, p * plane + rows.position(u, i) * n, n);
        }
        windows(sums, u, y, (p * height + u) * width);
      }
    }
  }

  private void windows(float[] sums, int u, float[] y, int at) {
    int step = columns.dilation();
    for (int v = 0; v < width; v++) {
      float sum = 0;
      for (int j = 0; j < taps[v]; j++) {
        sum += sums[left[v] + j * step];
      }
      y[at + v] = sum / divisors[u * width + v];
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
        for (int i = rows.firstTap(u); i < rows.endTap(u); i++) {
          Rows.add(gradX, p * plane + rows.position(u, i) * n, parts, 0, n);
        }
      }
    }
  }

  /** What each column gets of a line of windows. */
  private void parts(float[] gradY, int at, int u, float[] parts) {
    Arrays.fill(parts, 0f);
    int step = columns.dilation();
    for (int v = 0; v < width; v++) {
      float part = gradY[at + v] / divisors[u * width + v];
      for (int j = 0; j < taps[v]; j++) {
        parts[left[v] + j * step] += part;
      }
    }
  }
}
