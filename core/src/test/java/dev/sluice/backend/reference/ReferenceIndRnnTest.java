package dev.sluice.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.IndRnnKernels.Inputs;
import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.IndRnnSpec.Activation;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ReferenceIndRnnTest {
  private final ReferenceBackend backend = new ReferenceBackend();
  private final Kit kit = new Kit(backend);

  @Test
  void oneStepByHand() {
    // x = 4, h = 2, u = (-3, -2, 1, 3): pre-activations -2, 0, 6, 10.
    Buffer output = kit.empty(4);
    Buffer last = kit.empty(4);
    IndRnnSpec spec = new IndRnnSpec(Activation.RELU, 1, 1, 1, 4, false, false);
    backend.indRnn().indRnn(spec, new Inputs(kit.reals(4, 4, 4, 4), kit.reals(-3, -2, 1, 3), kit.reals(2, 2, 2, 2),
        null), output, last);
    assertArrayEquals(new double[] {0, 0, 6, 10}, kit.values(output));
    assertArrayEquals(new double[] {0, 0, 6, 10}, kit.values(last));
  }

  @Test
  void theSecondDirectionRunsBackwardsFromEachRowsEnd() {
    // Two rows of lengths 3 and 1; a direction adds up half of what it has read.
    Buffer output = kit.empty(12);
    Buffer last = kit.empty(4);
    IndRnnSpec spec = new IndRnnSpec(Activation.RELU, 3, 2, 2, 1, true, true);
    backend.indRnn().indRnn(spec, new Inputs(kit.reals(1, 1, 2, 2, 4, 4, 8, 8, Double.NaN, Double.NaN, Double.NaN,
        Double.NaN), kit.reals(0.5, 0.5), null, kit.integers(3, 1)), output, last);
    assertArrayEquals(new double[] {1, 3, 2.5, 4, 5.25, 4, 8, 8, 0, 0, 0, 0}, kit.values(output));
    assertArrayEquals(new double[] {5.25, 8, 3, 8}, kit.values(last));
  }

  @ParameterizedTest
  @CsvSource({"RELU, 1, false", "RELU, 2, true", "TANH, 1, true", "TANH, 2, false"})
  void gradients(Activation activation, int directions, boolean batchFirst) {
    IndRnnCase sample = IndRnnCase.random(activation, directions, batchFirst);
    double[] gradient = Kit.normal(9, sample.forward(backend).length);
    List<double[]> gradients = sample.backward(backend, gradient);
    for (int i = 0; i < IndRnnCase.NAMES.size(); i++) {
      int argument = i;
      Kit.assertGradient(IndRnnCase.NAMES.get(i), sample.arguments().get(i), gradients.get(i),
          moved -> Kit.dot(gradient, sample.with(argument, moved).forward(backend)));
    }
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void stepsBeyondALengthAreNotRead(Activation activation) {
    IndRnnCase sample = IndRnnCase.random(activation, 2, true);
    double[] poisoned = sample.arguments().getFirst().clone();
    double[] gradient = Kit.normal(9, sample.forward(backend).length);
    List<double[]> expected = sample.backward(backend, gradient);
    // Row 1 has no step, row 2 two of four; a row has 6 columns.
    for (int from : new int[] {4 * 6, 10 * 6}) {
      int to = from == 4 * 6 ? 8 * 6 : 12 * 6;
      Arrays.fill(poisoned, from, to, Double.NaN);
      Arrays.fill(gradient, from, to, Double.NaN);
    }
    assertArrayEquals(sample.forward(backend), sample.with(0, poisoned).forward(backend));
    List<double[]> found = sample.with(0, poisoned).backward(backend, gradient);
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), found.get(i), IndRnnCase.NAMES.get(i));
    }
  }

  @Test
  void noGradientPassesTheKink() {
    IndRnnSpec spec = new IndRnnSpec(Activation.RELU, 1, 1, 1, 1, false, false);
    Inputs inputs = new Inputs(kit.reals(0), kit.reals(1), null, null);
    Buffer gradProjected = kit.empty(1);
    backend.indRnn().indRnnBackward(spec, inputs, kit.reals(0), kit.reals(5), null, gradProjected, kit.empty(1), null);
    assertArrayEquals(new double[] {0}, kit.values(gradProjected));
  }

  @Test
  void aLengthOutOfRangeIsRefused() {
    IndRnnSpec spec = new IndRnnSpec(Activation.RELU, 1, 1, 1, 1, false, true);
    var error = assertThrows(IllegalArgumentException.class, () -> backend.indRnn().indRnn(spec,
        new Inputs(kit.reals(0), kit.reals(1), null, kit.integers(2)), kit.empty(1), kit.empty(1)));
    assertEquals("indRnn: lengths[0] is 2, wanted 0 to 1", error.getMessage());
  }
}
