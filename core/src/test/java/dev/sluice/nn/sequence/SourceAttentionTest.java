package dev.sluice.nn.sequence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Products;
import dev.sluice.autograd.Selecting;
import dev.sluice.autograd.Shaping;
import dev.sluice.nn.attention.Attended;
import dev.sluice.nn.attention.AttentionCall;
import dev.sluice.nn.attention.MultiHeadAttention;
import dev.sluice.nn.attention.MultiHeadOptions;
import dev.sluice.nn.attention.Score;
import dev.sluice.nn.attention.Weighing;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SourceAttentionTest {
  private static final Backend REFERENCE = FiniteDifferences.backend();
  private static final int BATCH = 3;
  private static final int QUERIES = 2;
  private static final int STEPS = 5;
  private static final int WIDTH = 4;
  private static final int[] LENGTHS = {5, 2, 0};

  private static int queryWidth(Score score) {
    return score == Score.GENERAL || score == Score.ADDITIVE ? 3 : WIDTH;
  }

  private static Encoded encoded(Tensor outputs, Tensor lengths) {
    return new Encoded(outputs, Tensor.full(outputs.backend(), Shape.of(outputs.size(0), WIDTH), 0), lengths);
  }

  @ParameterizedTest
  @EnumSource
  void numbersAreTheFormulas(Score score) {
    for (int[] lengths : new int[][] {null, LENGTHS}) {
      for (Backend backend : EveryBackend.all()) {
        check(score, lengths, backend);
      }
    }
  }

  private static void check(Score score, int[] lengths, Backend backend) {
    int width = queryWidth(score);
    var attention = new ScoredSourceAttention(width, WIDTH, score, new Generator(1));
    attention.to(backend);
    double[] h = FiniteDifferences.constant(1, BATCH, STEPS, WIDTH).toDoubles();
    double[] q = FiniteDifferences.constant(2, BATCH, QUERIES, width).toDoubles();
    Encoded encoded = encoded(Tensor.of(backend, h, BATCH, STEPS, WIDTH),
        lengths == null ? null : Tensor.of(backend, lengths));
    Tensor queries = Tensor.of(backend, q, BATCH, QUERIES, width);
    Attended attended = attention.attend(queries, attention.prepare(encoded));
    double[] weights = new double[BATCH * QUERIES * STEPS];
    double[] contexts = new double[BATCH * QUERIES * WIDTH];
    for (int row = 0; row < BATCH * QUERIES; row++) {
      int batch = row / QUERIES;
      int valid = lengths == null ? STEPS : lengths[batch];
      double[] e = new double[valid];
      for (int t = 0; t < valid; t++) {
        int from = (batch * STEPS + t) * WIDTH;
        e[t] = Math.exp(score(score, Arrays.copyOfRange(q, row * width, (row + 1) * width),
            Arrays.copyOfRange(h, from, from + WIDTH), attention.namedParameters()));
      }
      for (int t = 0; t < valid; t++) {
        double weight = e[t] / Arrays.stream(e).sum();
        weights[row * STEPS + t] = weight;
        for (int i = 0; i < WIDTH; i++) {
          contexts[row * WIDTH + i] += weight * h[(batch * STEPS + t) * WIDTH + i];
        }
      }
    }
    String what = score + " on " + backend.id();
    assertEquals(Shape.of(BATCH, QUERIES, STEPS), attended.weights().shape());
    assertEquals(Shape.of(BATCH, QUERIES, WIDTH), attended.output().shape());
    EveryBackend.assertClose(what + ": weights", weights, attended.weights());
    EveryBackend.assertClose(what + ": contexts", contexts, attended.output());
    assertArrayEquals(attended.output().toDoubles(),
        attention.forward(queries, attention.prepare(encoded)).toDoubles(), what);
  }

  private static double score(Score score, double[] q, double[] h, Map<String, Tensor> parameters) {
    return switch (score) {
      case DOT -> dot(q, h);
      case SCALED -> dot(q, h) / 2;
      case GENERAL -> dot(q, multiply(parameters.get("matrix").toDoubles(), h, q.length));
      case ADDITIVE -> {
        double[] fromQuery = multiply(parameters.get("query_projection.weight").toDoubles(), q, q.length);
        double[] bias = parameters.get("query_projection.bias").toDoubles();
        double[] fromOutput = multiply(parameters.get("output_projection.weight").toDoubles(), h, q.length);
        double[] v = parameters.get("v").toDoubles();
        double sum = 0;
        for (int i = 0; i < q.length; i++) {
          sum += v[i] * Math.tanh(fromQuery[i] + bias[i] + fromOutput[i]);
        }
        yield sum;
      }
    };
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double[] multiply(double[] matrix, double[] x, int rows) {
    double[] y = new double[rows];
    for (int row = 0; row < rows; row++) {
      y[row] = dot(Arrays.copyOfRange(matrix, row * x.length, (row + 1) * x.length), x);
    }
    return y;
  }

  @ParameterizedTest
  @EnumSource
  void gradientsThroughContextsAndWeights(Score score) {
    Tensor lengths = Tensor.of(REFERENCE, new int[] {3, 1});
    var attention = new ScoredSourceAttention(queryWidth(score), WIDTH, score, new Generator(1));
    ModuleGradients.check(attention, x -> {
      Attended attended = attention.attend(x[1], attention.prepare(encoded(x[0], lengths)));
      return List.of(attended.output(), attended.weights());
    }, FiniteDifferences.leaf(1, 2, 3, WIDTH), FiniteDifferences.leaf(2, 2, 2, queryWidth(score)));
  }

  @ParameterizedTest
  @EnumSource(names = "ADDITIVE", mode = EnumSource.Mode.EXCLUDE)
  void positionsPastALengthAreNotRead(Score score) {
    for (Backend backend : EveryBackend.all()) {
      var attention = new ScoredSourceAttention(1, 1, score, new Generator(1));
      attention.to(backend);
      Tensor outputs = Tensor.of(backend, new double[] {2, Double.NaN}, 1, 2, 1).requiresGrad(true);
      Encoded encoded = new Encoded(outputs, outputs, Tensor.of(backend, new int[] {1}, 1));
      Tensor contexts = attention.forward(Tensor.of(backend, new double[] {3, 4}, 1, 2, 1),
          attention.prepare(encoded));
      assertArrayEquals(new double[] {2, 2}, contexts.toDoubles());
      contexts.backward(Tensor.full(backend, Shape.of(1, 2, 1), 1), false);
      assertArrayEquals(new double[] {2, 0}, outputs.gradient().toDoubles());
    }
  }

  @ParameterizedTest
  @EnumSource
  void selectedRowsAttendAsTheyDid(Score score) {
    for (Backend backend : EveryBackend.all()) {
      var attention = new ScoredSourceAttention(WIDTH, WIDTH, score, new Generator(1));
      attention.to(backend);
      double[] h = FiniteDifferences.constant(1, BATCH, STEPS, WIDTH).toDoubles();
      Encoded encoded = encoded(Tensor.of(backend, h, BATCH, STEPS, WIDTH), Tensor.of(backend, LENGTHS));
      Tensor queries = Tensor.full(backend, Shape.of(BATCH, 1, WIDTH), 0.5);
      SourceAttention.Source source = attention.prepare(encoded);
      double[] all = attention.forward(queries, source).toDoubles();
      double[] selected = attention.forward(queries, source.select(new int[] {1, 0, 1})).toDoubles();
      for (int i = 0; i < WIDTH; i++) {
        assertEquals(all[WIDTH + i], selected[i]);
        assertEquals(all[i], selected[WIDTH + i]);
        assertEquals(all[WIDTH + i], selected[2 * WIDTH + i]);
      }
    }
  }

  /** What a weighing makes of the scores, which the logarithms of a soft layer's weights are but for a constant. */
  @ParameterizedTest
  @EnumSource
  void weighingsAreThoseOfTheScores(Score score) {
    for (Backend backend : EveryBackend.all()) {
      int width = queryWidth(score);
      double[] h = FiniteDifferences.constant(1, BATCH, STEPS, WIDTH).toDoubles();
      Encoded encoded = encoded(Tensor.of(backend, h, BATCH, STEPS, WIDTH), Tensor.of(backend, LENGTHS));
      Tensor queries = FiniteDifferences.constant(2, BATCH, QUERIES, width).to(backend);
      double[] soft = weights(score, Weighing.SOFT, queries, encoded);
      for (Weighing weighing : List.of(Weighing.hard(Selecting.largest(2)), Weighing.hard(Selecting.ARG_MAX),
          Weighing.hard(Selecting.threshold(0.3).renormalised()), Weighing.SPARSE)) {
        double[] weights = weights(score, weighing, queries, encoded);
        for (int row = 0; row < BATCH * QUERIES; row++) {
          int valid = LENGTHS[row / QUERIES];
          double[] scores = Arrays.stream(soft, row * STEPS, row * STEPS + valid).map(Math::log).toArray();
          Tensor wanted = weighing.weights(Tensor.of(REFERENCE, scores, 1, valid), null);
          assertArrayEquals(Arrays.copyOf(wanted.toDoubles(), STEPS),
              Arrays.copyOfRange(weights, row * STEPS, (row + 1) * STEPS), 1e-5, weighing + " on " + backend.id());
        }
      }
    }
  }

  private static double[] weights(Score score, Weighing weighing, Tensor queries, Encoded encoded) {
    var attention = new ScoredSourceAttention(queryWidth(score), WIDTH, score, weighing, new Generator(1));
    attention.to(queries.backend());
    Attended attended = attention.attend(queries, attention.prepare(encoded));
    EveryBackend.assertClose("contexts",
        Products.matmul(attended.weights(), encoded.outputs()).toDoubles(), attended.output());
    return attended.weights().toDoubles();
  }

  @ParameterizedTest
  @EnumSource
  void gradientsOfSparsemax(Score score) {
    Tensor lengths = Tensor.of(REFERENCE, new int[] {3, 1});
    var attention = new ScoredSourceAttention(queryWidth(score), WIDTH, score, Weighing.SPARSE, new Generator(1));
    ModuleGradients.check(attention, x -> {
      Attended attended = attention.attend(x[1], attention.prepare(encoded(x[0], lengths)));
      return List.of(attended.output(), attended.weights());
    }, FiniteDifferences.leaf(1, 2, 3, WIDTH), FiniteDifferences.leaf(2, 2, 2, queryWidth(score)));
  }

  @Test
  void whatIsDrawnIsDrawnInTrainingAlone() {
    var attention = new ScoredSourceAttention(WIDTH, WIDTH, Score.DOT,
        Weighing.hard(Selecting.sampled(new Generator(2))), new Generator(1));
    Encoded encoded = encoded(Tensor.zeros(1, 40, WIDTH), null);
    Tensor queries = Tensor.zeros(1, 1, WIDTH);
    SourceAttention.Source source = attention.prepare(encoded);
    List<Integer> drawn = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      double[] weights = attention.attend(queries, source).weights().toDoubles();
      assertEquals(1, Arrays.stream(weights).sum());
      drawn.add(IntStream.range(0, 40).filter(t -> weights[t] == 1).findFirst().orElseThrow());
    }
    assertTrue(drawn.stream().distinct().count() > 1, drawn::toString);
    attention.eval();
    assertEquals(1, attention.attend(queries, source).weights().toDoubles()[0]);
  }

  /** Several heads are a MultiHeadAttention whose keys and values are projected once. */
  @Test
  void headsAreThoseOfMultiHeadAttention() {
    for (Backend backend : EveryBackend.all()) {
      var attention = new MultiHeadSourceAttention(6, WIDTH, 2, new Generator(1));
      var plain = new MultiHeadAttention(
          MultiHeadOptions.of(6, 2).withKdim(WIDTH).withVdim(WIDTH).withBatchFirst(true), new Generator(1));
      attention.to(backend);
      plain.to(backend);
      assertEquals(6, attention.contextWidth());
      Tensor outputs = FiniteDifferences.constant(1, BATCH, STEPS, WIDTH).to(backend);
      Tensor queries = FiniteDifferences.constant(2, BATCH, QUERIES, 6).to(backend);
      SourceAttention.Source source = attention.prepare(encoded(outputs, Tensor.of(backend, LENGTHS)));
      boolean[] padding = new boolean[BATCH * STEPS];
      for (int i = 0; i < padding.length; i++) {
        padding[i] = i % STEPS >= LENGTHS[i / STEPS];
      }
      MultiHeadAttention.Output wanted = plain.forward(queries, outputs, outputs,
          AttentionCall.PLAIN.keyPaddingMask(Tensor.of(backend, padding, BATCH, STEPS))
              .weights(AttentionCall.Weights.AVERAGED));
      Attended attended = attention.attend(queries, source);
      EveryBackend.assertClose("contexts", wanted.output().toDoubles(), attended.output());
      EveryBackend.assertClose("weights", wanted.weights().toDoubles(), attended.weights());
      EveryBackend.assertClose("contexts alone", wanted.output().toDoubles(), attention.forward(queries, source));
      double[] all = attended.output().toDoubles();
      double[] selected = attention.forward(Shaping.indexSelect(queries, 0, 1, 0), source.select(new int[] {1, 0}))
          .toDoubles();
      int row = QUERIES * 6;
      assertArrayEquals(Arrays.copyOfRange(all, row, 2 * row), Arrays.copyOf(selected, row));
      assertArrayEquals(Arrays.copyOf(all, row), Arrays.copyOfRange(selected, row, 2 * row));
    }
  }

  @Test
  void gradientsOfHeads() {
    Tensor lengths = Tensor.of(REFERENCE, new int[] {3, 1});
    SourceAttention attention = Attending.byHeads(2).make(2, WIDTH, new Generator(1));
    ModuleGradients.check(attention, x -> {
      Attended attended = attention.attend(x[1], attention.prepare(encoded(x[0], lengths)));
      return List.of(attended.output(), attended.weights());
    }, FiniteDifferences.leaf(1, 2, 3, WIDTH), FiniteDifferences.leaf(2, 2, 2, 2));
  }

  @Test
  void parametersAreThoseOfTheScore() {
    List<List<String>> names = new ArrayList<>();
    for (Score score : Score.values()) {
      names.add(List.copyOf(new ScoredSourceAttention(2, 2, score, new Generator(1)).namedParameters().keySet()));
    }
    assertEquals(List.of(List.of(), List.of(), List.of("matrix"),
        List.of("v", "query_projection.weight", "query_projection.bias", "output_projection.weight")), names);
  }

  @Test
  void badArgumentsAreRefused() {
    assertRefused("sourceAttention: queryWidth is 0, wanted 1 or more",
        () -> new ScoredSourceAttention(0, 2, Score.GENERAL, new Generator(1)));
    assertRefused("sourceAttention: width is 0, wanted 1 or more",
        () -> new ScoredSourceAttention(2, 0, Score.GENERAL, new Generator(1)));
    assertRefused("sourceAttention: score is DOT with queries of width 2 and outputs of width 3, wanted equal widths,"
        + " or GENERAL or ADDITIVE", () -> new ScoredSourceAttention(2, 3, Score.DOT, new Generator(1)));
    assertRefused("attending: heads is 0, wanted 1 or more", () -> Attending.byHeads(0));
    assertRefused("multiHeadAttention: embedDim is 3, wanted a multiple of 2 heads",
        () -> Attending.byHeads(2).make(3, WIDTH, new Generator(1)));
    var attention = new ScoredSourceAttention(2, WIDTH, Score.GENERAL, new Generator(1));
    assertRefused("sourceAttention: outputs has shape (3, 5, 2), wanted (batch, steps, 4)",
        () -> attention.prepare(encoded(Tensor.zeros(3, 5, 2), null)));
    assertRefused("sourceAttention: lengths is INT32 (2), wanted INT32 (3)",
        () -> attention.prepare(encoded(Tensor.zeros(3, 5, WIDTH), Tensor.of(new int[] {1, 2}))));
    SourceAttention.Source source = attention.prepare(encoded(Tensor.zeros(3, 5, WIDTH), null));
    assertRefused("sourceAttention: queries has shape (2, 1, 2), wanted (3, queries, 2)",
        () -> attention.forward(Tensor.zeros(2, 1, 2), source));
    assertRefused("sourceAttention: queries has shape (3, 1, 4), wanted (3, queries, 2)",
        () -> attention.attend(Tensor.zeros(3, 1, 4), source));
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
