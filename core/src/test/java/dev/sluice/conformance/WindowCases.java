package dev.sluice.conformance;

import dev.sluice.spi.AveragePoolSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.MaxPoolSpec;
import dev.sluice.spi.UnfoldSpec;
import dev.sluice.spi.Windows;
import dev.sluice.spi.Windows.Axis;
import java.util.ArrayList;
import java.util.List;

/** Unfolding and pooling: planes x kernels x strides x paddings x dilations, with ties and NaN; divisors; samples. */
final class WindowCases {
  private static final String FAMILY = "window";
  private static final int[] SIZES = {1, 2, 5, 16, 17, 33};
  private static final int[][] PLANES = {{0, 1}, {1, 0}, {1, 1}, {2, 3}, {3, 2}};

  private WindowCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Windows windows : Sample.of(windows(), 120)) {
      int batch = windows.batch();
      for (int first : batch > 1 ? new int[] {0, 1} : new int[] {0}) {
        UnfoldSpec spec = new UnfoldSpec(windows, first, batch - first);
        String name = name(windows) + " from " + first;
        cases.add(Case.of(FAMILY, "unfold", name, bench -> unfold(bench, spec)));
        cases.add(Case.special(FAMILY, "unfold", name, bench -> unfold(bench, spec)));
      }
      if (isInsideEverywhere(windows.rows()) && isInsideEverywhere(windows.columns())) {
        MaxPoolSpec spec = new MaxPoolSpec(windows);
        cases.add(Case.of(FAMILY, "max pool", name(windows), bench -> maxPool(bench, spec)));
        cases.add(Case.special(FAMILY, "max pool", name(windows), bench -> maxPool(bench, spec)));
        add(cases, new AveragePoolSpec(windows, false, AveragePoolSpec.COUNTED));
      }
      add(cases, new AveragePoolSpec(windows, true, AveragePoolSpec.COUNTED));
      add(cases, new AveragePoolSpec(windows, true, 7));
    }
    return cases;
  }

  private static void add(List<Case> cases, AveragePoolSpec spec) {
    String group = "average pool " + (spec.divisor() > 0 ? "by " + spec.divisor()
        : spec.countPadding() ? "padding counted" : "padding not counted");
    cases.add(Case.of(FAMILY, group, name(spec.windows()), bench -> averagePool(bench, spec)));
    cases.add(Case.special(FAMILY, group, name(spec.windows()), bench -> averagePool(bench, spec)));
  }

  static void large(Bench bench) {
    Windows windows = new Windows(7, 5, new Axis(67, 3, 1, 1, 1, false), new Axis(65, 5, 1, 2, 1, false));
    unfold(bench, new UnfoldSpec(windows, 1, 6));
    Windows strided = new Windows(16, 9, new Axis(67, 3, 2, 1, 2, false), new Axis(130, 4, 3, 2, 1, true));
    unfold(bench, new UnfoldSpec(strided, 0, 16));
    maxPool(bench, new MaxPoolSpec(strided));
    averagePool(bench, new AveragePoolSpec(strided, true, AveragePoolSpec.COUNTED));
  }

  static void tiny(Bench bench) {
    Windows windows = new Windows(2, 3, new Axis(7, 3, 2, 1, 2, false), new Axis(19, 2, 2, 1, 1, true));
    unfold(bench, new UnfoldSpec(windows, 1, 1));
    Windows alike = new Windows(2, 2, new Axis(4, 3, 1, 1, 1, false), new Axis(17, 3, 1, 1, 1, false));
    unfold(bench, new UnfoldSpec(alike, 0, 2));
    maxPool(bench, new MaxPoolSpec(windows));
    averagePool(bench, new AveragePoolSpec(windows, false, AveragePoolSpec.COUNTED));
  }

  private static List<Windows> windows() {
    List<Axis> axes = new ArrayList<>();
    for (int size : SIZES) {
      for (int kernel : new int[] {1, 2, 3, 5}) {
        for (int stride : new int[] {1, 2, 3}) {
          for (int padding : new int[] {0, 1, 2}) {
            for (int dilation : new int[] {1, 2}) {
              if ((kernel - 1) * dilation + 1 <= size + 2 * padding) {
                axes.add(new Axis(size, kernel, stride, padding, dilation, (kernel + stride) % 2 == 0));
              }
            }
          }
        }
      }
    }
    // Every axis both ways, with another one that is far from it in the list.
    List<Windows> all = new ArrayList<>();
    for (int a = 0; a < axes.size(); a++) {
      int[] plane = PLANES[a % PLANES.length];
      all.add(new Windows(plane[0], plane[1], axes.get(a), axes.get(a * 101 % axes.size())));
      all.add(new Windows(plane[0], plane[1], axes.get((a * 211 + 7) % axes.size()), axes.get(a)));
    }
    return all;
  }

  private static boolean isInsideEverywhere(Axis axis) {
    for (int window = 0; window < axis.count(); window++) {
      if (axis.firstTap(window) == axis.endTap(window)) {
        return false;
      }
    }
    return true;
  }

  private static String name(Windows windows) {
    return windows.batch() + "x" + windows.channels() + " " + name(windows.rows()) + " by " + name(windows.columns());
  }

  private static String name(Axis axis) {
    return axis.size() + " kernel " + axis.kernel() + " stride " + axis.stride() + " padding " + axis.padding()
        + " dilation " + axis.dilation() + (axis.ceil() ? " ceil" : "");
  }

  private static void unfold(Bench bench, UnfoldSpec spec) {
    int size = inputs(spec.windows());
    int copies = spec.height() * spec.width();
    bench.backend().window().unfold(spec, bench.input(size), bench.output("columns", copies));
    bench.backend().window().unfoldBackward(spec, bench.input(copies), bench.output("gradX", size));
  }

  private static void maxPool(Bench bench, MaxPoolSpec spec) {
    int size = inputs(spec.windows());
    int outputs = outputs(spec.windows());
    Buffer x = bench.input(bench.drawTied(size));
    Buffer indices = bench.indices("indices", outputs);
    bench.backend().window().maxPool(spec, x, bench.output("y", outputs), indices);
    bench.backend().window().maxPool(spec, x, bench.output("y alone", outputs), null);
    bench.backend().window().maxPoolBackward(spec, indices, bench.input(outputs), bench.output("gradX", size));
  }

  private static void averagePool(Bench bench, AveragePoolSpec spec) {
    int size = inputs(spec.windows());
    int outputs = outputs(spec.windows());
    bench.backend().window().averagePool(spec, bench.input(size), bench.output("y", outputs));
    bench.backend().window().averagePoolBackward(spec, bench.input(outputs), bench.output("gradX", size));
  }

  private static int inputs(Windows windows) {
    return windows.batch() * windows.channels() * windows.plane();
  }

  private static int outputs(Windows windows) {
    return windows.batch() * windows.channels() * windows.count();
  }
}
