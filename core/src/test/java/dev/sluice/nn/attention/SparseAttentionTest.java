package dev.sluice.nn.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.RecurrentOptions;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SparseAttentionTest {
  private static final int WIDTH = 4;
  private static final int STEPS = 5;
  private static final int[] LENGTHS = {5, 2, 0};

  /** The scores are the logarithms of a soft layer's weights but for a constant, which sparsemax does not see. */
  @ParameterizedTest
  @EnumSource
  void weightsAreTheSparsemaxOfTheScores(Score score) {
    boolean dropped = false;
    for (Backend backend : EveryBackend.all()) {
      for (Query query : Query.values()) {
        var soft = new SoftAttention(WIDTH, score, query, true, new Generator(1));
        var sparse = new SparseAttention(WIDTH, score, query, true, new Generator(1));
        soft.to(backend);
        sparse.to(backend);
        double[] h = FiniteDifferences.constant(1, 3, STEPS, WIDTH).toDoubles();
        Tensor outputs = Tensor.of(backend, h, 3, STEPS, WIDTH);
        Tensor asking = query == Query.LAST ? FiniteDifferences.constant(2, 3, WIDTH).to(backend) : null;
        Tensor lengths = Tensor.of(backend, LENGTHS);
        Attended wholly = soft.forward(outputs, asking, lengths);
        double[] all = wholly.weights().toDoubles();
        double[] wanted = new double[3 * STEPS];
        double[] output = wholly.output().toDoubles();
        for (int row = 0; row < 3; row++) {
          double[] weights = sparsemax(
              Arrays.stream(all, row * STEPS, row * STEPS + LENGTHS[row]).map(Math::log).toArray());
          System.arraycopy(weights, 0, wanted, row * STEPS, weights.length);
          dropped |= Arrays.stream(weights).anyMatch(weight -> weight == 0);
          for (int i = 0; i < WIDTH; i++) {
            double sum = 0;
            for (int t = 0; t < weights.length; t++) {
              sum += weights[t] * h[(row * STEPS + t) * WIDTH + i];
            }
            output[row * 2 * WIDTH + i] = sum;
          }
        }
        Attended attended = sparse.forward(outputs, asking, lengths);
        EveryBackend.assertClose(score + " weights on " + backend.id(), wanted, attended.weights());
        EveryBackend.assertClose(score + " output on " + backend.id(), output, attended.output());
      }
    }
    assertTrue(dropped || score == Score.SCALED || score == Score.ADDITIVE, "no weight is 0");
  }

  /** By bisection of the threshold. */
  private static double[] sparsemax(double[] scores) {
    double low = Arrays.stream(scores).max().orElse(0) - 1;
    double high = low + 1;
    for (int i = 0; i < 100; i++) {
      double middle = (low + high) / 2;
      double sum = Arrays.stream(scores).map(score -> Math.max(score - middle, 0)).sum();
      low = sum > 1 ? middle : low;
      high = sum > 1 ? high : middle;
    }
    double threshold = high;
    return Arrays.stream(scores).map(score -> Math.max(score - threshold, 0)).toArray();
  }

  @ParameterizedTest
  @EnumSource
  void gradients(Score score) {
    Tensor lengths = Tensor.of(FiniteDifferences.backend(), new int[] {4, 2});
    var attention = new SparseAttention(3, score, Query.LAST, true, new Generator(1));
    ModuleGradients.check(attention, x -> {
      Attended attended = attention.forward(x[0], x[1], lengths);
      return List.of(attended.output(), attended.weights());
    }, FiniteDifferences.leaf(1, 2, 4, 3), FiniteDifferences.leaf(2, 2, 3));
  }

  @Test
  void farStepsOfARecurrenceWeighNothing() {
    var lstm = new LSTM(RecurrentOptions.of(2, 3), new Generator(1));
    var attention = new SparseAttention(lstm, Score.DOT, Query.LEARNED, new Generator(2));
    attention.namedParameters().get("query").fill(100);
    Attended attended = attention.forward(lstm.forward(Tensor.of(new Generator(3).uniform(40 * 2, -1, 1), 40, 2)));
    assertEquals(Shape.of(40), attended.weights().shape());
    double[] weights = attended.weights().toDoubles();
    assertEquals(1, Arrays.stream(weights).sum(), 1e-5);
    assertTrue(Arrays.stream(weights).filter(weight -> weight == 0).count() > 20, Arrays.toString(weights));
    assertArrayEquals(new double[] {100, 100, 100}, Arrays.copyOfRange(attended.output().toDoubles(), 3, 6));
  }

  @Test
  void badArgumentsAreRefused() {
    assertRefused("sparseAttention: width is 0, wanted 1 or more",
        () -> new SparseAttention(0, Score.DOT, Query.LAST, true, new Generator(1)));
    var attention = new SparseAttention(WIDTH, Score.DOT, Query.LAST, true, new Generator(1));
    assertRefused("sparseAttention: query is missing, wanted one of width 4",
        () -> attention.forward(Tensor.zeros(1, 2, WIDTH), null, null));
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
