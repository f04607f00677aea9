package dev.sluice.conformance;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClampSpec;
import dev.sluice.spi.NormSpec;
import dev.sluice.spi.ScaleToNormSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Norms x lists, scaling by them and bounds: empty lists, empty and repeated buffers, zeros, huge values, infinities
 * and NaN.
 */
final class ClippingCases {
  private static final String FAMILY = "clipping";
  private static final int[][] LISTS = {{}, {0}, {1}, {2}, {17}, {5, 0, 17}, {33, 1, 257}, {3, 3, 3, 3},
      {16, 15, 31, 67}};
  private static final double[] NORMS = {1, 2, 3, 0.5, 0, -1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};

  /** What the buffers hold. */
  private enum Content {
    ORDINARY,
    ZERO,
    LAST_ALONE,
    HUGE,
    DENORMAL,
    INFINITE,
    NAN;

    double[] fill(double[] drawn, int buffer) {
      double[] values = drawn.clone();
      switch (this) {
        case ORDINARY -> {}
        case ZERO -> Arrays.fill(values, 0);
        case LAST_ALONE -> {
          Arrays.fill(values, 0);
          setLast(values, buffer == 0 ? 0 : 1);
        }
        case HUGE -> Arrays.setAll(values, i -> (float) (drawn[i] * 1e30));
        case DENORMAL -> Arrays.setAll(values, i -> (float) (drawn[i] * 1e-41));
        case INFINITE -> setLast(values, Double.NEGATIVE_INFINITY);
        case NAN -> setLast(values, Double.NaN);
      }
      return values;
    }

    private static void setLast(double[] values, double last) {
      if (values.length > 0) {
        values[values.length - 1] = last;
      }
    }
  }

  private ClippingCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int[] lengths : LISTS) {
      for (Content content : Content.values()) {
        String name = Arrays.toString(lengths) + " " + content;
        for (double p : NORMS) {
          cases.add(of(content, "norm", name + " p " + p,
              bench -> bench.backend().clipping().norm(new NormSpec(p), list(bench, lengths, content, "read"),
                  bench.output("norm", 1))));
        }
        for (double norm : new double[] {0, 0.5, 1, 13, Double.POSITIVE_INFINITY, Double.NaN}) {
          for (double maxNorm : new double[] {0, 1, 1000, Double.POSITIVE_INFINITY}) {
            cases.add(of(content, "scaleToNorm", name + " norm " + norm + " to " + maxNorm,
                bench -> bench.backend().clipping().scaleToNorm(new ScaleToNormSpec(maxNorm),
                    bench.input(new double[] {norm}),
                    list(bench, lengths, content, "tensor"))));
          }
        }
        for (double[] bounds : new double[][] {{-1, 1}, {0, 0}, {-0.5, Double.POSITIVE_INFINITY}}) {
          cases.add(of(content, "clamp", name + " to " + Arrays.toString(bounds),
              bench -> bench.backend().clipping().clamp(new ClampSpec(bounds[0], bounds[1]),
                  list(bench, lengths, content, "tensor"))));
        }
      }
    }
    int[] many = new int[70];
    Arrays.fill(many, 5);
    for (int[] lengths : new int[][] {{9001, 3, 4097}, many}) {
      String name = lengths.length + " of " + lengths[0];
      for (Content content : new Content[] {Content.ORDINARY, Content.LAST_ALONE}) {
        for (double p : NORMS) {
          cases.add(of(content, "norm", name + " " + content + " p " + p,
              bench -> bench.backend().clipping().norm(new NormSpec(p), list(bench, lengths, content, "read"),
                  bench.output("norm", 1))));
        }
      }
      cases.add(of(Content.ORDINARY, "scaleToNorm", name,
          bench -> bench.backend().clipping().scaleToNorm(new ScaleToNormSpec(1), bench.input(new double[] {13}),
              list(bench, lengths, Content.ORDINARY, "tensor"))));
      cases.add(of(Content.ORDINARY, "clamp", name,
          bench -> bench.backend().clipping().clamp(new ClampSpec(-0.5, 0.75),
              list(bench, lengths, Content.ORDINARY, "tensor"))));
    }
    return cases;
  }

  static void large(Bench bench) {
    int[] lengths = {150_001, 3, 70_001, 0, 4099};
    for (double p : new double[] {1, 2, 3, Double.POSITIVE_INFINITY}) {
      bench.backend().clipping().norm(new NormSpec(p), list(bench, lengths, Content.ORDINARY, "read"),
          bench.output("norm " + p, 1));
    }
    bench.backend().clipping().scaleToNorm(new ScaleToNormSpec(1), bench.input(new double[] {3}),
        list(bench, lengths, Content.ORDINARY, "scaled"));
  }

  static void tiny(Bench bench) {
    int[] lengths = {37, 3};
    for (double p : new double[] {1, 2, 3, Double.POSITIVE_INFINITY}) {
      bench.backend().clipping().norm(new NormSpec(p), list(bench, lengths, Content.ORDINARY, "read"),
          bench.output("norm " + p, 1));
    }
    bench.backend().clipping().scaleToNorm(new ScaleToNormSpec(1), bench.input(new double[] {3}),
        list(bench, lengths, Content.ORDINARY, "scaled"));
    bench.backend().clipping().clamp(new ClampSpec(-1, 1), list(bench, lengths, Content.ORDINARY, "clamped"));
  }

  private static Case of(Content content, String group, String name, Script script) {
    boolean special = content == Content.HUGE || content == Content.INFINITE || content == Content.NAN;
    return new Case(FAMILY, group, name, special, script);
  }

  /** The buffers, the last one twice where there are four or more. */
  private static List<Buffer> list(Bench bench, int[] lengths, Content content, String name) {
    List<Buffer> list = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      double[] values = content.fill(bench.drawOrdinary(lengths[i]), i);
      list.add(bench.exactly(name + " " + i, values));
    }
    if (lengths.length >= 4) {
      list.add(list.getLast());
    }
    return list;
  }
}
