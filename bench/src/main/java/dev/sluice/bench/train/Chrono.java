package dev.sluice.bench.train;

import dev.sluice.Generator;
import dev.sluice.nn.HostTensor;
import dev.sluice.nn.StateDict;
import dev.sluice.nn.recurrent.GRU;
import dev.sluice.nn.recurrent.JANET;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.RecurrentOptions;
import java.util.HashMap;
import java.util.Map;

/**
 * Gates that start by remembering over all spans up to a sequence's length (Tallec and Ollivier: Can recurrent neural
 * networks warp time?, arXiv 1804.11188): the bias of what is kept starts at log U(1, steps - 1), that of an LSTM's
 * input gate at its negative, all others at 0.
 */
final class Chrono {
  /** The shortest sequence that leaves anything to draw. */
  private static final int LEAST_STEPS = 3;

  private Chrono() {}

  static LSTM lstm(RecurrentOptions options, int steps, Generator generator) {
    var lstm = new LSTM(options, generator);
    setBiases(lstm, steps, generator, span -> new double[] {-span, span, 0, 0});
    return lstm;
  }

  static GRU gru(RecurrentOptions options, int steps, Generator generator) {
    var gru = new GRU(options, generator);
    setBiases(gru, steps, generator, span -> new double[] {0, span, 0});
    return gru;
  }

  static JANET janet(RecurrentOptions options, int steps, Generator generator) {
    return new JANET(options, JANET.DEFAULT_BETA, steps < LEAST_STEPS ? 0 : steps, generator);
  }

  /** The biases of one unit's gates, from the logarithm of the span it is to remember. */
  private interface Gates {
    double[] of(double logSpan);
  }

  private static void setBiases(Recurrent recurrence, int steps, Generator generator, Gates gates) {
    if (steps < LEAST_STEPS) {
      return;
    }
    int hidden = recurrence.options().hiddenSize();
    Map<String, HostTensor> biases = new HashMap<>();
    recurrence.namedParameters().forEach((name, parameter) -> {
      float[] values = new float[parameter.elements()];
      if (name.startsWith("bias_ih")) {
        float[] spans = generator.uniform(hidden, 1, steps - 1);
        for (int unit = 0; unit < hidden; unit++) {
          double[] bias = gates.of(StrictMath.log(spans[unit]));
          for (int gate = 0; gate < bias.length; gate++) {
            values[gate * hidden + unit] = (float) bias[gate];
          }
        }
      }
      if (name.startsWith("bias_")) {
        biases.put(name, HostTensor.of(values, values.length));
      }
    });
    recurrence.loadStateDict(new StateDict(biases), false);
  }
}
