package dev.sluice.conformance;

import dev.sluice.spi.AdamSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.SgdSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Three steps of SGD and of Adam: every option crossed, over lists of several lengths. */
final class OptimizerCases {
  private static final String FAMILY = "optimizer";
  private static final int STEPS = 3;
  private static final int[][] LISTS = {{}, {1}, {0, 17}, {3, 33, 130}};

  private OptimizerCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int[] lengths : LISTS) {
      for (double momentum : new double[] {0, 0.9}) {
        for (double dampening : new double[] {0, 0.3}) {
          for (double decay : new double[] {0, 0.05}) {
            for (int flags = 0; flags < 4; flags++) {
              boolean nesterov = (flags & 1) != 0;
              boolean maximize = (flags & 2) != 0;
              if (!nesterov || (momentum > 0 && dampening == 0)) {
                SgdSpec spec = new SgdSpec(0.1, momentum, dampening, decay, nesterov, maximize, true);
                String name = Arrays.toString(lengths) + " momentum " + momentum + " dampening " + dampening
                    + " decay " + decay
                    + (nesterov ? " nesterov" : "") + (maximize ? " maximize" : "");
                cases.add(Case.of(FAMILY, "sgd", name, bench -> sgd(bench, spec, lengths)));
                cases.add(Case.special(FAMILY, "sgd", name, bench -> sgd(bench, spec, lengths)));
              }
            }
          }
        }
      }
      for (double epsilon : new double[] {1e-8, 1e-3}) {
        for (double decay : new double[] {0, 0.05}) {
          for (double beta1 : new double[] {0, 0.9}) {
            for (int flags = 0; flags < 8; flags++) {
              AdamSpec spec = new AdamSpec(0.01, beta1, 0.99, epsilon, decay, (flags & 1) != 0, (flags & 2) != 0,
                  (flags & 4) != 0, 1);
              String name = Arrays.toString(lengths) + " epsilon " + epsilon + " decay " + decay + " beta1 " + beta1
                  + (spec.decoupled() ? " decoupled" : "") + (spec.amsgrad() ? " amsgrad" : "")
                  + (spec.maximize() ? " maximize" : "");
              cases.add(Case.of(FAMILY, "adam", name, bench -> adam(bench, spec, lengths)));
              cases.add(Case.special(FAMILY, "adam", name, bench -> adam(bench, spec, lengths)));
            }
          }
        }
      }
    }
    int[] many = new int[70];
    Arrays.fill(many, 5);
    for (int[] lengths : new int[][] {{9001, 3, 4097}, many}) {
      String name = lengths.length + " of " + lengths[0];
      SgdSpec sgd = new SgdSpec(0.1, 0.9, 0, 0.05, true, false, true);
      cases.add(Case.of(FAMILY, "sgd", name, bench -> sgd(bench, sgd, lengths)));
      AdamSpec adam = new AdamSpec(0.01, 0.9, 0.99, 1e-8, 0.05, true, true, false, 1);
      cases.add(Case.of(FAMILY, "adam", name, bench -> adam(bench, adam, lengths)));
    }
    return cases;
  }

  static void large(Bench bench) {
    int[] lengths = {150_001, 3, 70_001};
    sgd(bench, new SgdSpec(0.1, 0.9, 0, 0.05, true, false, true), lengths);
    adam(bench, new AdamSpec(0.01, 0.9, 0.99, 1e-8, 0.05, true, true, false, 1), lengths);
  }

  static void tiny(Bench bench) {
    int[] lengths = {37, 3};
    sgd(bench, new SgdSpec(0.1, 0.9, 0, 0.05, true, false, true), lengths);
    adam(bench, new AdamSpec(0.01, 0.9, 0.99, 1e-8, 0.05, true, true, false, 1), lengths);
  }

  private static void sgd(Bench bench, SgdSpec first, int[] lengths) {
    List<Buffer> parameters = drawn(bench, "parameter", lengths);
    List<Buffer> velocities = first.momentum() == 0 ? null : state(bench, "velocity", lengths, Double.NaN);
    for (int step = 0; step < STEPS; step++) {
      SgdSpec spec = new SgdSpec(first.learningRate(), first.momentum(), first.dampening(), first.weightDecay(),
          first.nesterov(), first.maximize(), step == 0);
      bench.backend().optimizer().sgd(spec, parameters, drawn(bench, "gradient " + step, lengths), velocities);
    }
  }

  private static void adam(Bench bench, AdamSpec first, int[] lengths) {
    List<Buffer> parameters = drawn(bench, "parameter", lengths);
    List<Buffer> means = state(bench, "mean", lengths, 0);
    List<Buffer> variances = state(bench, "variance", lengths, 0);
    List<Buffer> largest = first.amsgrad() ? state(bench, "largest", lengths, 0) : null;
    for (int step = 1; step <= STEPS; step++) {
      AdamSpec spec = new AdamSpec(first.learningRate(), first.beta1(), first.beta2(), first.epsilon(),
          first.weightDecay(), first.decoupled(), first.amsgrad(), first.maximize(), step);
      bench.backend().optimizer().adam(spec, parameters, drawn(bench, "gradient " + step, lengths), means, variances,
          largest);
    }
  }

  private static List<Buffer> drawn(Bench bench, String name, int[] lengths) {
    List<Buffer> list = new ArrayList<>();
    for (int length : lengths) {
      list.add(bench.exactly(name + " " + list.size(), bench.draw(length)));
    }
    return list;
  }

  private static List<Buffer> state(Bench bench, String name, int[] lengths, double value) {
    List<Buffer> list = new ArrayList<>();
    for (int length : lengths) {
      double[] values = new double[length];
      Arrays.fill(values, value);
      list.add(bench.exactly(name + " " + list.size(), values));
    }
    return list;
  }
}
