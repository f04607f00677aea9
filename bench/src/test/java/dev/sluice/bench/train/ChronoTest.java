package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.RecurrentOptions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChronoTest {
  private static final int HIDDEN = 64;
  private static final RecurrentOptions OPTIONS = RecurrentOptions.of(2, HIDDEN).withNumLayers(2);

  private static float[] gate(Recurrent recurrence, String name, int gate) {
    float[] values = recurrence.namedParameters().get(name).toFloats();
    return Arrays.copyOfRange(values, gate * HIDDEN, (gate + 1) * HIDDEN);
  }

  private static void assertSpread(float[] biases, int steps) {
    for (float bias : biases) {
      assertTrue(bias >= 0 && bias < Math.log(steps - 1), () -> "bias " + bias);
    }
    double most = 0;
    for (float bias : biases) {
      most = Math.max(most, bias);
    }
    assertTrue(most > Math.log(steps / 2.0), "nothing remembers for long");
  }

  @ParameterizedTest
  @CsvSource({"bias_ih_l0", "bias_ih_l1"})
  void whatKeepsIsSpreadOverAllSpans(String name) {
    Recurrent lstm = Chrono.lstm(OPTIONS, 100, new Generator(1));
    float[] forget = gate(lstm, name, 1);
    float[] input = gate(lstm, name, 0);
    assertSpread(forget, 100);
    for (int unit = 0; unit < HIDDEN; unit++) {
      assertEquals(-forget[unit], input[unit]);
    }
    assertSpread(gate(Chrono.gru(OPTIONS, 100, new Generator(1)), name, 1), 100);
    assertSpread(gate(Chrono.janet(OPTIONS, 100, new Generator(1)), name, 0), 100);
  }

  @Test
  void allOtherBiasesAreZero() {
    Recurrent lstm = Chrono.lstm(OPTIONS, 100, new Generator(1));
    Recurrent gru = Chrono.gru(OPTIONS, 100, new Generator(1));
    float[] zeros = new float[HIDDEN];
    for (float[] biases : new float[][] {
      gate(lstm, "bias_ih_l0", 2), gate(lstm, "bias_ih_l0", 3), gate(lstm, "bias_hh_l0", 1),
      gate(gru, "bias_ih_l0", 0), gate(gru, "bias_ih_l0", 2), gate(gru, "bias_hh_l0", 1)
    }) {
      assertTrue(Arrays.equals(zeros, biases), () -> Arrays.toString(biases));
    }
  }

  @Test
  void twoStepsLeaveNothingToDraw() {
    for (Recurrent recurrence : new Recurrent[] {
      Chrono.lstm(OPTIONS, 2, new Generator(1)), Chrono.gru(OPTIONS, 2, new Generator(1)),
      Chrono.janet(OPTIONS, 2, new Generator(1))
    }) {
      assertEquals(8, recurrence.parameters().size());
    }
  }
}
