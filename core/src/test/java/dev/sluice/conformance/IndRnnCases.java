package dev.sluice.conformance;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.IndRnnKernels.Inputs;
import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.IndRnnSpec.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The recurrent part of IndRNN: activation x sizes x directions x layout x lengths x initial state x which output
 * gradients arrive x whether the initial state's gradient is wanted.
 */
final class IndRnnCases {
  private static final String FAMILY = "indrnn";

  /** Sizes: steps, batch, width. */
  private static final int[][] SIZES = {{1, 1, 1}, {3, 2, 5}, {5, 3, 16}, {7, 5, 17}, {4, 17, 3}, {2, 3, 31},
      {33, 2, 67}, {3, 33, 33}, {2, 1, 257}, {0, 3, 4}, {3, 0, 4}};

  private IndRnnCases() {}

  static List<Case> cases() {
    List<Case> crossing = new ArrayList<>();
    for (int[] size : SIZES) {
      for (int options = 0; options < 16; options++) {
        IndRnnSpec spec = spec(size, options);
        for (int missing = 0; missing < 16; missing++) {
          String group = spec.activation() + (spec.directions() == 2 ? " both directions" : "")
              + (spec.lengths() ? " lengths" : "");
          String name = "steps " + size[0] + " batch " + size[1] + " width " + size[2]
              + (spec.batchFirst() ? " batch first" : "") + " missing " + missing;
          crossing.add(Case.of(FAMILY, group, name, new Sweep(spec, missing)));
        }
      }
    }
    List<Case> cases = new ArrayList<>(Sample.of(crossing, 420));
    for (Case ordinary : Sample.of(crossing, 60)) {
      cases.add(Case.special(FAMILY, ordinary.group(), ordinary.name(), ordinary.script()));
    }
    return cases;
  }

  static void large(Bench bench) {
    for (int activation = 0; activation < 2; activation++) {
      new Sweep(spec(new int[] {7, 131, 131}, 0b1110 | activation), 0).run(bench);
    }
  }

  static void tiny(Bench bench) {
    for (int activation = 0; activation < 2; activation++) {
      new Sweep(spec(new int[] {3, 5, 19}, 0b1110 | activation), 0).run(bench);
    }
  }

  /** Bits of the options: tanh, both directions, batch first, lengths. */
  private static IndRnnSpec spec(int[] size, int options) {
    return new IndRnnSpec((options & 1) != 0 ? Activation.TANH : Activation.RELU, size[0], size[1],
        (options & 2) != 0 ? 2 : 1, size[2], (options & 4) != 0, (options & 8) != 0);
  }

  /**
   * One call, forward and backward. What lies beyond a row's length holds NaN.
   *
   * @param spec the recurrence
   * @param missing bits: no initial state; no gradient of the output; none of the final state; the initial state's
   *     gradient not wanted
   */
  private record Sweep(IndRnnSpec spec, int missing) implements Script {
    @Override
    public void run(Bench bench) {
      int sequence = spec.steps() * spec.batch() * spec.directions() * spec.width();
      int state = spec.directions() * spec.batch() * spec.width();
      int neurons = spec.directions() * spec.width();
      int[] lengths = Awkward.lengths(bench.random(), spec.lengths() ? spec.batch() : 0, spec.steps());
      double[] projected = bench.draw(sequence);
      double[] arriving = bench.draw(sequence);
      poison(lengths, projected);
      poison(lengths, arriving);
      // Near the bounds of layers: what grows over many steps measures no kernel's error.
      Inputs inputs = new Inputs(bench.input(projected), bench.input(bench.drawUniform(neurons, 1.1)),
          (missing & 1) == 0 ? bench.input(state) : null, spec.lengths() ? bench.ints(lengths) : null);

      var kernels = bench.backend().indRnn();
      Buffer output = bench.output("output", sequence);
      kernels.indRnn(spec, inputs, output, bench.output("finalHidden", state));
      kernels.indRnnBackward(spec, inputs, output, (missing & 2) == 0 ? bench.input(arriving) : null,
          (missing & 4) == 0 ? bench.input(state) : null, bench.output("gradProjected", sequence),
          bench.output("gradRecurrent", neurons), (missing & 8) == 0 ? bench.output("gradHidden", state) : null);
    }

    private void poison(int[] lengths, double[] values) {
      for (int row = 0; row < lengths.length; row++) {
        for (int step = lengths[row]; step < spec.steps(); step++) {
          int start = spec.rowOffset(step, row, 0);
          Arrays.fill(values, start, start + spec.directions() * spec.width(), Double.NaN);
        }
      }
    }
  }
}
