package dev.sluice.nn.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Shaping;
import dev.sluice.nn.recurrent.JANET;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.RecurrentOptions;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SoftAttentionTest {
  private static final Backend REFERENCE = FiniteDifferences.backend();
  private static final int BATCH = 3;
  private static final int STEPS = 5;
  private static final int WIDTH = 4;
  private static final int[] LENGTHS = {5, 2, 0};

  @ParameterizedTest
  @EnumSource
  void numbersAreTheFormulas(Score score) {
    for (Query query : Query.values()) {
      for (boolean batchFirst : new boolean[] {false, true}) {
        for (int[] lengths : new int[][] {null, LENGTHS}) {
          for (Backend backend : EveryBackend.all()) {
            check(score, query, batchFirst, lengths, backend);
          }
        }
      }
    }
  }

  private static void check(Score score, Query query, boolean batchFirst, int[] lengths, Backend backend) {
    var attention = new SoftAttention(WIDTH, score, query, batchFirst, new Generator(1));
    attention.to(backend);
    double[] h = FiniteDifferences.constant(1, BATCH, STEPS, WIDTH).toDoubles();
    double[] q = FiniteDifferences.constant(2, BATCH, WIDTH).toDoubles();
    if (query == Query.LEARNED) {
      double[] learned = attention.namedParameters().get("query").toDoubles();
      for (int i = 0; i < q.length; i++) {
        q[i] = learned[i % WIDTH];
      }
    }
    Tensor outputs = Tensor.of(backend, h, BATCH, STEPS, WIDTH);
    Attended attended = attention.forward(batchFirst ? outputs : Shaping.permute(outputs, 1, 0, 2),
        query == Query.LAST ? Tensor.of(backend, q, BATCH, WIDTH) : null,
        lengths == null ? null : Tensor.of(backend, lengths));
    double[] weights = new double[BATCH * STEPS];
    double[] output = new double[BATCH * 2 * WIDTH];
    for (int b = 0; b < BATCH; b++) {
      double[] row = Arrays.copyOfRange(q, b * WIDTH, (b + 1) * WIDTH);
      int valid = lengths == null ? STEPS : lengths[b];
      double[] e = new double[valid];
      for (int t = 0; t < valid; t++) {
        int start = (b * STEPS + t) * WIDTH;
        e[t] = Math.exp(score(score, row, Arrays.copyOfRange(h, start, start + WIDTH), attention.namedParameters()));
      }
      double sum = Arrays.stream(e).sum();
      for (int t = 0; t < valid; t++) {
        weights[b * STEPS + t] = e[t] / sum;
        for (int i = 0; i < WIDTH; i++) {
          output[b * 2 * WIDTH + i] += e[t] / sum * h[(b * STEPS + t) * WIDTH + i];
        }
      }
      System.arraycopy(row, 0, output, b * 2 * WIDTH + WIDTH, WIDTH);
    }
    String what = score + " " + query + " on " + backend.id();
    assertEquals(Shape.of(BATCH, STEPS), attended.weights().shape());
    assertEquals(Shape.of(BATCH, 2 * WIDTH), attended.output().shape());
    EveryBackend.assertClose(what + ": weights", weights, attended.weights());
    EveryBackend.assertClose(what + ": output", output, attended.output());
  }

  private static double score(Score score, double[] q, double[] h, Map<String, Tensor> parameters) {
    return switch (score) {
      case DOT -> dot(q, h);
      case SCALED -> dot(q, h) / 2;
      case GENERAL -> dot(q, multiply(parameters.get("matrix").toDoubles(), h));
      case ADDITIVE -> {
        double[] fromQuery = multiply(parameters.get("query_projection.weight").toDoubles(), q);
        double[] bias = parameters.get("query_projection.bias").toDoubles();
        double[] fromOutput = multiply(parameters.get("output_projection.weight").toDoubles(), h);
        double[] v = parameters.get("v").toDoubles();
        double sum = 0;
        for (int i = 0; i < WIDTH; i++) {
          sum += v[i] * Math.tanh(fromQuery[i] + bias[i] + fromOutput[i]);
        }
        yield sum;
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void gradientsThroughOutputAndWeights(Score score) {
    Tensor lengths = Tensor.of(REFERENCE, new int[] {3, 1});
    var last = new SoftAttention(3, score, Query.LAST, false, new Generator(1));
    ModuleGradients.check(last, x -> both(last.forward(x[0], x[1], lengths)), FiniteDifferences.leaf(1, 3, 2, 3),
        FiniteDifferences.leaf(2, 2, 3));
    var learned = new SoftAttention(3, score, Query.LEARNED, true, new Generator(1));
    ModuleGradients.check(learned, x -> both(learned.forward(x[0], null, lengths)), FiniteDifferences.leaf(1, 2, 3, 3));
  }

  @Test
  void gradientsThroughARecurrenceAndItsLastOutput() {
    var options = RecurrentOptions.of(2, 2).withNumLayers(2).withBidirectional(true);
    var janet = new JANET(options, new Generator(1));
    janet.to(REFERENCE);
    var attention = new SoftAttention(janet, Score.SCALED, Query.LAST, new Generator(2));
    Tensor lengths = Tensor.of(REFERENCE, new int[] {3, 2});
    ModuleGradients.check(janet, x -> both(attention.forward(janet.forward(x[0], null, lengths), lengths)),
        FiniteDifferences.leaf(1, 3, 2, 2));
  }

  private static List<Tensor> both(Attended attended) {
    return List.of(attended.output(), attended.weights());
  }

  /** The forward direction's output at the last valid step beside the reverse direction's at the first. */
  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "false, true", "true, true"})
  void theQueryIsTheLastValidOutputOfTheTopLayer(boolean bidirectional, boolean batchFirst) {
    var options =
        RecurrentOptions.of(2, 3).withNumLayers(2).withBidirectional(bidirectional).withBatchFirst(batchFirst);
    var lstm = new LSTM(options, new Generator(1));
    lstm.to(REFERENCE);
    var attention = new SoftAttention(lstm, Score.DOT, Query.LAST, new Generator(1));
    Tensor input = FiniteDifferences.constant(1, 4, 2, 2);
    int[] lengths = {4, 2};
    Recurrent.Output sequence = lstm.forward(batchFirst ? Shaping.permute(input, 1, 0, 2) : input, null,
        Tensor.of(REFERENCE, lengths));
    double[] result = attention.forward(sequence, Tensor.of(REFERENCE, lengths)).output().toDoubles();
    int width = bidirectional ? 6 : 3;
    double[] outputs = (batchFirst ? sequence.output() : Shaping.permute(sequence.output(), 1, 0, 2)).toDoubles();
    for (int b = 0; b < 2; b++) {
      for (int i = 0; i < width; i++) {
        int step = i < 3 ? lengths[b] - 1 : 0;
        assertEquals(outputs[(b * 4 + step) * width + i], result[b * 2 * width + width + i], 1e-12);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anUnbatchedSequenceIsABatchOfOne(Score score) {
    for (Query query : Query.values()) {
      for (boolean batchFirst : new boolean[] {false, true}) {
        var lstm = new LSTM(RecurrentOptions.of(2, 3).withBatchFirst(batchFirst), new Generator(1));
        lstm.to(REFERENCE);
        var attention = new SoftAttention(lstm, score, query, new Generator(2));
        attention.to(REFERENCE);
        Tensor input = FiniteDifferences.constant(1, 4, 2);
        Attended alone = attention.forward(lstm.forward(input));
        Attended batch = attention.forward(lstm.forward(Shaping.unsqueeze(input, batchFirst ? 0 : 1)));
        assertEquals(Shape.of(6), alone.output().shape());
        assertEquals(Shape.of(4), alone.weights().shape());
        assertArrayEquals(batch.output().toDoubles(), alone.output().toDoubles(), 1e-12);
        assertArrayEquals(batch.weights().toDoubles(), alone.weights().toDoubles(), 1e-12);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "ADDITIVE", mode = EnumSource.Mode.EXCLUDE)
  void stepsPastALengthAreNotRead(Score score) {
    for (Backend backend : EveryBackend.all()) {
      var attention = new SoftAttention(2, score, Query.LEARNED, true, new Generator(1));
      attention.to(backend);
      Tensor outputs = Tensor.of(backend, new double[] {1, 2, Double.NaN, Double.NaN}, 1, 2, 2).requiresGrad(true);
      Attended attended = attention.forward(outputs, null, Tensor.of(backend, new int[] {1}, 1));
      assertArrayEquals(new double[] {1, 2}, Arrays.copyOf(attended.output().toDoubles(), 2));
      assertArrayEquals(new double[] {1, 0}, attended.weights().toDoubles());
      attended.output().backward(Tensor.full(backend, Shape.of(1, 4), 1), false);
      assertArrayEquals(new double[] {1, 1, 0, 0}, outputs.gradient().toDoubles());
    }
  }

  @Test
  void parametersAreThoseOfTheScore() {
    List<List<String>> names = new ArrayList<>();
    for (Score score : Score.values()) {
      names.add(List.copyOf(
          new SoftAttention(2, score, Query.LEARNED, false, new Generator(1)).namedParameters().keySet()));
    }
    assertEquals(List.of(List.of("query"), List.of("query"), List.of("query", "matrix"), List.of("query", "v",
        "query_projection.weight", "query_projection.bias", "output_projection.weight")), names);
  }

  @Test
  void badArgumentsAreRefused() {
    var last = new SoftAttention(2, Score.DOT, Query.LAST, true, new Generator(1));
    var learned = new SoftAttention(2, Score.DOT, Query.LEARNED, false, new Generator(1));
    Tensor outputs = Tensor.zeros(3, 4, 2);
    assertRefused("softAttention: width is 0, wanted 1 or more",
        () -> new SoftAttention(0, Score.DOT, Query.LAST, true, new Generator(1)));
    assertRefused("softAttention: outputs has shape (3, 4, 5), wanted (batch, steps, 2) or (steps, 2)",
        () -> last.forward(Tensor.zeros(3, 4, 5), Tensor.zeros(3, 2), null));
    assertRefused("softAttention: query is missing, wanted one of width 2", () -> last.forward(outputs, null, null));
    assertRefused("softAttention: query has shape (4, 2), wanted (3, 2)",
        () -> last.forward(outputs, Tensor.zeros(4, 2), null));
    assertRefused("softAttention: a query is given, wanted none: it is learned",
        () -> learned.forward(outputs, Tensor.zeros(4, 2), null));
    assertRefused("softAttention: lengths is INT32 (3), wanted INT32 (4)",
        () -> learned.forward(outputs, null, Tensor.of(new int[] {1, 2, 3})));
    assertRefused("softAttention: lengths is given with unbatched outputs, wanted none",
        () -> learned.forward(Tensor.zeros(3, 2), null, Tensor.of(new int[] {3})));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double[] multiply(double[] matrix, double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = dot(Arrays.copyOfRange(matrix, i * x.length, (i + 1) * x.length), x);
    }
    return y;
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
