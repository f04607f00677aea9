package dev.sluice.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentKernels.InputGradients;
import dev.sluice.spi.RecurrentKernels.Inputs;
import dev.sluice.spi.RecurrentKernels.Outputs;
import dev.sluice.spi.RecurrentKernels.Weights;
import dev.sluice.spi.RecurrentSpec;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceRecurrentTest {
  private final ReferenceBackend backend = new ReferenceBackend();
  private final Kit kit = new Kit(backend);

  @ParameterizedTest
  @CsvSource({"1, 0.33992968405450796, -0.43316189543229955", "0, 0.25113712697851753, -0.33720561070585187"})
  void janetOfThePaper(double beta, double first, double second) {
    // The pre-activations come from the input biases alone: s, then the candidate before its tanh.
    double[] bias = {0.89, 0.4, atanh(0.3756626611656808), atanh(-0.3927098596476682)};
    RecurrentSpec spec = new RecurrentSpec(RecurrentCell.JANET, 1, 1, 0, 2, 0, true, false, false, 1, 0, false, beta,
        false);
    Buffer output = kit.empty(2);
    Buffer hidden = kit.empty(2);
    backend.recurrent().recurrence(spec, new Inputs(kit.empty(0), kit.reals(0.2, -0.3), null, null),
        new Weights(kit.empty(0), kit.reals(new double[8]), kit.reals(bias), kit.reals(new double[4]), null),
        new Outputs(output, hidden, null), null);
    assertArrayEquals(new double[] {first, second}, kit.values(output), 1e-15);
    assertArrayEquals(new double[] {first, second}, kit.values(hidden), 1e-15);
  }

  private static double atanh(double x) {
    return 0.5 * Math.log((1 + x) / (1 - x));
  }

  @Test
  void lstmByHand() {
    // Width 1, no input: gates i = 1/2, f = 3/4, g = 3/5, o = 1/3 from the biases, c = 0.8.
    double[] bias = {0, Math.log(3), atanh(0.6), -Math.log(2)};
    RecurrentSpec spec = new RecurrentSpec(RecurrentCell.LSTM, 1, 1, 0, 1, 0, true, false, false, 1, 0, false, 0,
        false);
    Buffer hidden = kit.empty(1);
    Buffer cell = kit.empty(1);
    backend.recurrent().recurrence(spec, new Inputs(kit.empty(0), null, kit.reals(0.8), null),
        new Weights(kit.empty(0), kit.reals(new double[4]), kit.reals(bias), kit.reals(new double[4]), null),
        new Outputs(kit.empty(1), hidden, cell), null);
    assertArrayEquals(new double[] {0.9}, kit.values(cell), 1e-15);
    assertArrayEquals(new double[] {Math.tanh(0.9) / 3}, kit.values(hidden), 1e-15);
  }

  @Test
  void gruByHand() {
    // Width 1, no input: r = 1/4, z = 1/3; the candidate is tanh(0.1 + r (2 h + 0.6)) with h = 0.5.
    RecurrentSpec spec = new RecurrentSpec(RecurrentCell.GRU, 1, 1, 0, 1, 0, true, false, false, 1, 0, false, 0,
        false);
    Buffer hidden = kit.empty(1);
    backend.recurrent().recurrence(spec, new Inputs(kit.empty(0), kit.reals(0.5), null, null),
        new Weights(kit.empty(0), kit.reals(0, 0, 2), kit.reals(-Math.log(3), 0, 0.1),
            kit.reals(0, -Math.log(2), 0.6), null),
        new Outputs(kit.empty(1), hidden, null), null);
    assertArrayEquals(new double[] {2.0 / 3 * Math.tanh(0.5) + 0.5 / 3}, kit.values(hidden), 1e-15);
  }

  @ParameterizedTest
  @CsvSource({"RNN_TANH, 0.5370495669980353, -0.537049566998035", "RNN_RELU, 0.6, 0"})
  void rnnByHand(RecurrentCell cell, double first, double second) {
    // Pre-activations 0.1 + 0.3 + 0.4 * 0.5 and their negation.
    RecurrentSpec spec = new RecurrentSpec(cell, 1, 1, 0, 2, 0, true, false, false, 1, 0, false, 0, false);
    Buffer output = kit.empty(2);
    backend.recurrent().recurrence(spec, new Inputs(kit.empty(0), kit.reals(0.5, 0), null, null),
        new Weights(kit.empty(0), kit.reals(0.4, 0, -0.4, 0), kit.reals(0.1, -0.1), kit.reals(0.3, -0.3), null),
        new Outputs(output, kit.empty(2), null), null);
    assertArrayEquals(new double[] {first, second}, kit.values(output), 1e-15);
  }

  @Test
  void theRectifiedRecurrenceHasNoGradientAtItsKink() {
    RecurrentSpec spec = new RecurrentSpec(RecurrentCell.RNN_RELU, 1, 1, 1, 1, 0, false, false, false, 1, 0, false, 0,
        false);
    Inputs inputs = new Inputs(kit.reals(0), null, null, null);
    Weights weights = new Weights(kit.reals(2), kit.reals(1), null, null, null);
    Outputs outputs = new Outputs(kit.empty(1), kit.empty(1), null);
    Buffer reserve = kit.empty(backend.recurrent().recurrenceReserve(spec));
    backend.recurrent().recurrence(spec, inputs, weights, outputs, reserve);
    Buffer gradInput = kit.reals(10);
    backend.recurrent().recurrenceBackward(spec, inputs, weights, outputs, reserve,
        new Outputs(kit.reals(3), null, null), new InputGradients(gradInput, null, null),
        new Weights(kit.empty(1), kit.empty(1), null, null, null));
    assertArrayEquals(new double[] {0}, kit.values(gradInput));
  }

  @ParameterizedTest
  @CsvSource({"LSTM, 0, false, false", "LSTM, 0, true, true", "LSTM, 2, false, true", "JANET, 0, false, false",
      "JANET, 0, true, true", "GRU, 0, false, false", "GRU, 0, true, true", "RNN_TANH, 0, false, true",
      "RNN_RELU, 0, true, false"})
  void gradients(RecurrentCell cell, int projection, boolean batchFirst, boolean reverse) {
    RecurrentCase sample = RecurrentCase.random(cell, projection, batchFirst, reverse);
    double[] gradient = Kit.normal(99, sample.forward(backend).length);
    List<double[]> gradients = sample.backward(backend, gradient);
    for (int i = 0; i < RecurrentCase.NAMES.size(); i++) {
      int argument = i;
      Kit.assertGradient(RecurrentCase.NAMES.get(i), sample.arguments().get(i), gradients.get(i),
          moved -> Kit.dot(gradient, sample.with(argument, moved).forward(backend)));
    }
  }

  @ParameterizedTest
  @CsvSource({"LSTM, false", "LSTM, true", "JANET, false", "JANET, true", "GRU, false", "GRU, true", "RNN_RELU, true"})
  void stepsBeyondALengthAreNeitherReadNorWritten(RecurrentCell cell, boolean reverse) {
    RecurrentCase sample = RecurrentCase.random(cell, 0, false, reverse);
    double[] poisoned = sample.arguments().getFirst().clone();
    // Row 1 of the batch of 3 has no valid step, row 2 has two; an input row has 2 elements.
    for (int time = 0; time < 4; time++) {
      for (int j = 0; j < 2; j++) {
        poisoned[(time * 3 + 1) * 2 + j] = Double.NaN;
        poisoned[(time * 3 + 2) * 2 + j] = time < 2 ? poisoned[(time * 3 + 2) * 2 + j] : Double.NaN;
      }
    }
    double[] clean = sample.forward(backend);
    double[] result = sample.with(0, poisoned).forward(backend);
    assertArrayEquals(clean, result);
    double[] gradient = Kit.normal(99, clean.length);
    List<double[]> expected = sample.backward(backend, gradient);
    // Six columns an output row, in both directions' rows.
    for (int time = 2; time < 4; time++) {
      Arrays.fill(gradient, (time * 3 + 2) * 6, (time * 3 + 3) * 6, Double.NaN);
    }
    List<double[]> found = sample.with(0, poisoned).backward(backend, gradient);
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), found.get(i), RecurrentCase.NAMES.get(i));
    }
    // Output (time 3, row 2) is 0; final hidden state (direction 1, row 1) is the initial one.
    assertEquals(0, result[(3 * 3 + 2) * 6 + 3]);
    int finalHidden = 4 * 3 * 6 + (3 + 1) * 3;
    assertEquals(sample.arguments().get(1)[(3 + 1) * 3], result[finalHidden]);
  }

  @Test
  void theInputGradientIsAddedToWhereAskedFor() {
    RecurrentSpec spec = new RecurrentSpec(RecurrentCell.JANET, 1, 1, 1, 1, 0, false, false, false, 1, 0, false, 0,
        true);
    Inputs inputs = new Inputs(kit.reals(0), null, null, null);
    Weights weights = new Weights(kit.reals(0, 2), kit.reals(0, 0), null, null, null);
    Outputs outputs = new Outputs(kit.empty(1), kit.empty(1), null);
    Buffer reserve = kit.empty(backend.recurrent().recurrenceReserve(spec));
    backend.recurrent().recurrence(spec, inputs, weights, outputs, reserve);
    Buffer gradInput = kit.reals(10);
    backend.recurrent().recurrenceBackward(spec, inputs, weights, outputs, reserve,
        new Outputs(kit.reals(3), null, null), new InputGradients(gradInput, null, null),
        new Weights(kit.empty(2), kit.empty(2), null, null, null));
    // d/dx (1 - 1/2) tanh(2x) = 1 at 0.
    assertArrayEquals(new double[] {13}, kit.values(gradInput), 1e-15);
  }

  @Test
  void aLengthOutOfRangeIsRefused() {
    RecurrentSpec spec = new RecurrentSpec(RecurrentCell.JANET, 1, 1, 1, 1, 0, false, false, false, 1, 0, true, 0,
        true);
    var error = assertThrows(IllegalArgumentException.class, () -> backend.recurrent().recurrence(spec,
        new Inputs(kit.reals(0), null, null, kit.integers(2)),
        new Weights(kit.reals(0, 2), kit.reals(0, 0), null, null, null),
        new Outputs(kit.empty(1), kit.empty(1), null), null));
    assertEquals("recurrence: lengths[0] is 2, wanted 0 to 1", error.getMessage());
  }
}
