package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static dev.sluice.backend.vector.Lanes.bound;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.sluice.spi.UnfoldSpec;
import dev.sluice.spi.Windows;
import dev.sluice.spi.Windows.Axis;
import java.util.Arrays;
import jdk.incubator.vector.VectorMask;

/**
 * The copies of one tap (i, j) in all windows of a plane, {@code copies[u,v] = x[p(u,i), q(v,j)]} or 0 in the padding,
 * and the sums of copies that go back. Copies lie as (channels, row taps, column taps, samples, windows).
 */
final class Unfolding {
  private final Axis rows;
  private final Axis columns;
  private final int channels;
  private final int plane;
  private final int first;
  private final int samples;
  private final int height;
  private final int width;
  /** Windows lie as the elements of x do, so that all copies of a tap are one run. */
  private final boolean alike;

  Unfolding(UnfoldSpec spec) {
    Windows windows = spec.windows();
    rows = windows.rows();
    columns = windows.columns();
    channels = windows.channels();
    plane = windows.plane();
    first = spec.first();
    samples = spec.samples();
    height = rows.count();
    width = columns.count();
    alike = rows.stride() == 1 && columns.stride() == 1 && width == columns.size();
  }

  /** The copies of a tap in the windows of one sample, by their place among all: ((c, i, j), sample). */
  void unfold(float[] x, int place, float[] copies) {
    int tap = place / samples % (rows.kernel() * columns.kernel());
    int channel = place / samples / (rows.kernel() * columns.kernel());
    int source = ((first + place % samples) * channels + channel) * plane;
    int i = tap / columns.kernel();
    int j = tap % columns.kernel();
    int at = place * height * width;
    int top = rows.firstWindow(i);
    int bottom = rows.endWindow(i);
    int left = columns.firstWindow(j);
    int right = columns.endWindow(j);
    if (top >= bottom || left >= right) {
      Arrays.fill(copies, at, at + height * width, 0f);
      return;
    }
    Arrays.fill(copies, at, at + top * width, 0f);
    Arrays.fill(copies, at + bottom * width, at + height * width, 0f);
    if (alike) {
      int run = (bottom - top - 1) * width + right - left;
      System.arraycopy(x, source + rows.position(top, i) * columns.size() + columns.position(left, j), copies,
          at + top * width + left, run);
    }
    for (int u = top; u < bottom && !alike; u++) {
      int from = source + rows.position(u, i) * columns.size() + columns.position(0, j);
      row(x, from, columns.stride(), copies, at + u * width, left, right);
    }
    zero(copies, at, top, bottom, 0, left);
    zero(copies, at, top, bottom, right, width);
  }

  private static void row(float[] x, int from, int stride, float[] copies, int row, int left, int right) {
    if (stride == 1) {
      System.arraycopy(x, from + left, copies, row + left, right - left);
      return;
    }
    for (int v = left; v < right; v++) {
      copies[row + v] = x[from + v * stride];
    }
  }

  /** Sets some columns to 0, few if any, in the lines of windows from top to bottom. */
  private void zero(float[] copies, int at, int top, int bottom, int from, int to) {
    for (int v = from; v < to; v++) {
      for (int u = top; u < bottom; u++) {
        copies[at + u * width + v] = 0f;
      }
    }
  }

  /** The sums of all copies of a plane's elements, by its place among those of the samples: (sample, channel). */
  void fold(float[] copies, int place, float[] x) {
    int sample = place / channels;
    int channel = place % channels;
    int target = ((first + sample) * channels + channel) * plane;
    Arrays.fill(x, target, target + plane, 0f);
    for (int i = 0; i < rows.kernel(); i++) {
      for (int j = 0; j < columns.kernel(); j++) {
        int tap = (channel * rows.kernel() + i) * columns.kernel() + j;
        int at = (tap * samples + sample) * height * width;
        int left = columns.firstWindow(j);
        int right = columns.endWindow(j);
        for (int u = rows.firstWindow(i); u < rows.endWindow(i); u++) {
          int to = target + rows.position(u, i) * columns.size() + columns.position(left, j);
          add(copies, at + u * width + left, x, to, columns.stride(), right - left);
        }
      }
    }
  }

  private static void add(float[] copies, int from, float[] x, int to, int stride, int n) {
    if (stride != 1) {
      for (int v = 0; v < n; v++) {
        x[to + v * stride] += copies[from + v];
      }
      return;
    }
    int v = 0;
    for (int end = bound(0, n); v < end; v += COUNT) {
      fromArray(SPECIES, x, to + v).add(fromArray(SPECIES, copies, from + v)).intoArray(x, to + v);
    }
    if (v < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(v, n);
      fromArray(SPECIES, x, to + v, rest).add(fromArray(SPECIES, copies, from + v, rest)).intoArray(x, to + v, rest);
    }
  }
}
