package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.IndRnnKernels.Inputs;
import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.IndRnnSpec.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * IndRNN against the reference, with every option crossed with every other, and the same bits on 1, 2 and 5 threads.
 */
class VectorIndRnnTest {
  @Test
  void everyOptionAgreesWithTheReference() {
    int[][] sizes = {{1, 1, 1}, {4, 3, 16}, {5, 4, 37}};
    for (int[] size : sizes) {
      for (int option = 0; option < 1 << 7; option++) {
        check(size[0], size[1], size[2], option);
      }
    }
  }

  @Test
  void emptySizes() {
    for (int option = 0; option < 1 << 7; option++) {
      check(0, 3, 4, option);
      check(3, 0, 4, option);
    }
  }

  @Test
  void manyNeuronsInChunks() {
    for (int option : new int[] {0, 1, 2, 0b0000111, 0b1111111, 0b0001010}) {
      check(60, 40, 97, option);
    }
  }

  @Test
  void aLongSequence() {
    check(3000, 2, 20, 0b1110000);
    check(3000, 2, 20, 0b1110001);
  }

  @Test
  void lengthsOutOfRangeAreRefused() {
    Backend backend = Agreement.VECTOR.getFirst();
    Buffer x = Agreement.reals(backend, new float[6]);
    Inputs inputs = new Inputs(x, x, null, Agreement.ints(backend, 2, 4));
    var error = assertThrows(IllegalArgumentException.class, () -> backend.indRnn().indRnn(
        new IndRnnSpec(Activation.RELU, 3, 2, 1, 1, false, true), inputs, Agreement.empty(backend, 6),
        Agreement.empty(backend, 2)));
    assertEquals("indRnn: lengths[1] is 4, wanted 0 to 3", error.getMessage());
  }

  @Test
  void specialValues() {
    float[] special = Agreement.SPECIAL;
    for (Activation activation : Activation.values()) {
      IndRnnSpec spec = new IndRnnSpec(activation, 1, 1, 1, special.length, false, false);
      for (float u : new float[] {0, 1, Float.NaN}) {
        float[] recurrent = new float[special.length];
        Arrays.fill(recurrent, u);
        Agreement.check(activation + " " + u, 4, backend -> {
          Buffer x = Agreement.reals(backend, special);
          Buffer output = Agreement.empty(backend, special.length);
          Buffer last = Agreement.empty(backend, special.length);
          backend.indRnn().indRnn(spec, new Inputs(x, Agreement.reals(backend, recurrent), null, null), output, last);
          return List.of(output, last);
        });
      }
    }
  }

  /** Bits of the option: tanh, two directions, batch first, lengths, initial state, gradients of output and state. */
  private static void check(int steps, int batch, int width, int option) {
    IndRnnSpec spec = new IndRnnSpec(bit(option, 0) ? Activation.TANH : Activation.RELU, steps, batch,
        bit(option, 1) ? 2 : 1, width, bit(option, 2), bit(option, 3));
    int[] lengths = new int[batch];
    Random random = new Random(option);
    for (int row = 0; row < batch; row++) {
      lengths[row] = random.nextInt(steps + 1);
    }
    int sequence = steps * batch * spec.directions() * width;
    int states = spec.directions() * batch * width;
    float[] x = padded(spec, lengths, Agreement.random(option + 1, sequence));
    float[] gradient = padded(spec, lengths, Agreement.random(option + 2, sequence));
    float[] recurrent = Agreement.random(option + 3, spec.directions() * width);
    for (int j = 0; j < recurrent.length; j++) {
      // The paper's bound: larger weights let a rectified state explode.
      recurrent[j] = (float) Math.clamp(recurrent[j], -1, 1);
    }
    float[] initial = Agreement.random(option + 4, states);
    // Where tanh is flat, its slope 1 - h^2 has the error of h, and multiplies gradients and states of 8 and more.
    double magnitude = spec.activation() == Activation.TANH ? 16 : 1;
    Agreement.check(spec.toString(), 24 + steps, magnitude, backend -> run(backend, spec, x, recurrent,
        bit(option, 4) ? initial : null, lengths, bit(option, 5) ? gradient : null, bit(option, 6) ? initial : null));
  }

  private static List<Buffer> run(Backend backend, IndRnnSpec spec, float[] x, float[] recurrent,
      float @Nullable [] initial, int[] lengths, float @Nullable [] gradOutput, float @Nullable [] gradLast) {
    Inputs inputs = new Inputs(Agreement.reals(backend, x), Agreement.reals(backend, recurrent),
        realsOrNull(backend, initial), spec.lengths() ? Agreement.ints(backend, lengths) : null);
    List<Buffer> results = new ArrayList<>();
    int states = spec.directions() * spec.batch() * spec.width();
    for (int size : new int[] {x.length, states, x.length, recurrent.length, states}) {
      results.add(Agreement.empty(backend, size));
    }
    backend.indRnn().indRnn(spec, inputs, results.get(0), results.get(1));
    Buffer gradHidden = initial == null ? null : results.get(4);
    backend.indRnn().indRnnBackward(spec, inputs, results.get(0), realsOrNull(backend, gradOutput),
        realsOrNull(backend, gradLast), results.get(2), results.get(3), gradHidden);
    return gradHidden == null ? results.subList(0, 4) : results;
  }

  private static @Nullable Buffer realsOrNull(Backend backend, float @Nullable [] values) {
    return values == null ? null : Agreement.reals(backend, values);
  }

  /** NaN past every row's length, where nothing may be read. */
  private static float[] padded(IndRnnSpec spec, int[] lengths, float[] sequence) {
    for (int row = 0; row < spec.batch() && spec.lengths(); row++) {
      for (int time = lengths[row]; time < spec.steps(); time++) {
        int at = spec.rowOffset(time, row, 0);
        Arrays.fill(sequence, at, at + spec.directions() * spec.width(), Float.NaN);
      }
    }
    return sequence;
  }

  private static boolean bit(int options, int bit) {
    return (options >> bit & 1) != 0;
  }
}
