package dev.sluice.nn.transformer;

import static dev.sluice.testing.EveryBackend.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Shaping;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PositionsTest {
  static List<Backend> backends() {
    return EveryBackend.all();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 8})
  void sinusoidalOnesAreThePapers(int width) {
    var positions = new SinusoidalPositions(width, true);
    // The longest first or last: what is kept from before makes no difference.
    for (int[] part : new int[][] {{0, 3}, {7, 2}, {0, 12}, {100, 1}, {2, 4}}) {
      for (Backend backend : EveryBackend.all()) {
        try (Scope _ = Scope.open()) {
          Tensor zeros = Tensor.full(backend, Shape.of(2, part[1], width), 0);
          double[] expected = new double[zeros.elements()];
          for (int i = 0; i < expected.length; i++) {
            int position = part[0] + i / width % part[1];
            double angle = position / Math.pow(10000, i % width / 2 * 2 / (double) width);
            expected[i] = i % width % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
          }
          assertClose("from " + part[0], expected, positions.forward(zeros, part[0]));
        }
      }
    }
    assertEquals(List.of(), positions.parameters());
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("backends")
  void layoutsAgreeAndPartsAreOfTheWhole(Backend backend) {
    for (boolean learned : new boolean[] {false, true}) {
      Positions batchFirst = positions(learned, true);
      Positions lengthFirst = positions(learned, false);
      batchFirst.to(backend);
      lengthFirst.to(backend);
      Tensor x = Tensor.of(backend, FiniteDifferences.constant(1, 2, 5, 4).toDoubles(), 2, 5, 4);
      Tensor whole = batchFirst.forward(x);
      Tensor turned = lengthFirst.forward(Shaping.permute(x, 1, 0, 2));
      assertArrayEquals(whole.toDoubles(), Shaping.permute(turned, 1, 0, 2).toDoubles());
      assertArrayEquals(Shaping.select(whole, 0, 1).toDoubles(), lengthFirst.forward(Shaping.select(x, 0,
          1)).toDoubles());
      assertArrayEquals(Shaping.narrow(whole, 1, 3, 2).toDoubles(), batchFirst.forward(Shaping.narrow(x, 1, 3, 2),
          3).toDoubles());
    }
  }

  private static Positions positions(boolean learned, boolean batchFirst) {
    return learned ? new LearnedPositions(6, 4, batchFirst, new Generator(1)) : new SinusoidalPositions(4, batchFirst);
  }

  @Test
  void learnedOnesAreTrained() {
    for (boolean batchFirst : new boolean[] {false, true}) {
      var positions = new LearnedPositions(3, 4, batchFirst, new Generator(1));
      ModuleGradients.check(positions, x -> List.of(positions.forward(x[0]), positions.forward(x[1], 1)),
          FiniteDifferences.leaf(1, 3, 3, 4), FiniteDifferences.leaf(2, 2, 2, 4));
    }
    double[] start = new LearnedPositions(100, 100, true, new Generator(1)).weight().toDoubles();
    assertEquals(0.0004, Arrays.stream(start).map(x -> x * x).average().orElseThrow(), 0.00003);
  }

  @Test
  void badArgumentsAreRefused() {
    assertRefused("positions: width is 0, wanted 1 or more", () -> new SinusoidalPositions(0, true));
    assertRefused("positions: maxLength is 0, wanted 1 or more",
        () -> new LearnedPositions(0, 4, true, new Generator(1)));
    var learned = new LearnedPositions(3, 4, true, new Generator(1));
    assertRefused("positions: input has shape (2, 3), wanted (batch, length, 4) or (length, 4)",
        () -> learned.forward(Tensor.zeros(2, 3)));
    assertRefused("positions: input has shape (4), wanted (length, batch, 4) or (length, 4)",
        () -> new SinusoidalPositions(4, false).forward(Tensor.zeros(4)));
    assertRefused("positions: start is -1, wanted 0 or more", () -> learned.forward(Tensor.zeros(2, 4), -1));
    assertRefused("positions: 2 positions from 2 on, wanted positions below 3",
        () -> learned.forward(Tensor.zeros(2, 4), 2));
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
