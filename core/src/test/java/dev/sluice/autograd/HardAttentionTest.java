package dev.sluice.autograd;

import static dev.sluice.testing.FiniteDifferences.backend;
import static dev.sluice.testing.FiniteDifferences.check;
import static dev.sluice.testing.FiniteDifferences.checkAll;
import static dev.sluice.testing.FiniteDifferences.constant;
import static dev.sluice.testing.FiniteDifferences.leaf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hard attention, sparsemax and the score function: formulas, gradients by finite differences, ties and NaN. */
class HardAttentionTest {
  private static final double EXACT = 1e-12;

  static Stream<Selecting> selections() {
    Tensor keeps = Tensor.of(backend(), new boolean[] {true, false, true, true, false, true, false, true, true, true,
      false, true}, 3, 4);
    Tensor one = Tensor.of(backend(), new boolean[] {false, true, true, false}, 4);
    return Stream.of(Selecting.threshold(0.2), Selecting.largest(2), Selecting.largest(9), Selecting.predicate(keeps),
        Selecting.predicate(one)).flatMap(selecting -> Stream.of(selecting, selecting.renormalised()));
  }

  @ParameterizedTest
  @MethodSource("selections")
  void gradientsWithTheSelectionHeldFixed(Selecting selecting) {
    Tensor query = leaf(1, 2, 4, 3, 5);
    Tensor key = leaf(2, 2, 2, 4, 5);
    Tensor value = leaf(3, 2, 2, 4, 3);
    Tensor lengths = Tensor.of(backend(), new int[] {3, 0}, 2);
    AttentionOptions plain = AttentionOptions.NONE.selecting(selecting).withWeights();
    for (AttentionOptions options : List.of(plain, plain.causal(Causal.BOTTOM_RIGHT), plain.lengths(lengths))) {
      checkAll(in -> both(Attention.scaledDotProductAttention(in[0], in[1], in[2], options)), query, key, value);
    }
    checkAll(in -> both(Attention.scaledDotProductAttention(in[0], in[1], in[2],
        plain.bias(in[3]).dropout(0.3, new Generator(5)))), query, key, value, leaf(8, 3, 4));
  }

  private static List<Tensor> both(AttentionResult result) {
    return List.of(result.output(), result.weights());
  }

  @ParameterizedTest
  @MethodSource("selections")
  void aSelectionFromGeneratedWeightsIsThatOfTheFusedKernel(Selecting selecting) {
    for (Backend on : EveryBackend.all()) {
      Selecting there = selecting instanceof Selecting.Chosen(Tensor keeps, boolean renormalises)
          ? new Selecting.Chosen(keeps.to(on), renormalises) : selecting;
      Tensor[] leaves = {on(on, 1, 2, 3, 5), on(on, 2, 2, 4, 5), on(on, 3, 2, 4, 3)};
      Tensor gradient = constant(4, 2, 3, 3).to(on);
      Tensor fused = Attention.scaledDotProductAttention(leaves[0], leaves[1], leaves[2],
          AttentionOptions.NONE.scale(0.7).selecting(there)).output();
      fused.backward(gradient, false);
      List<double[]> wanted = Arrays.stream(leaves).map(leaf -> leaf.gradient().toDoubles()).toList();
      Arrays.stream(leaves).forEach(Tensor::clearGradient);
      Tensor logits = Arithmetic.mul(Products.matmul(leaves[0], false, leaves[1], true), 0.7);
      Tensor composed = Products.matmul(Softmax.select(Softmax.softmax(logits, -1), there), leaves[2]);
      EveryBackend.assertClose("output", composed.toDoubles(), fused);
      composed.backward(gradient, false);
      for (int i = 0; i < leaves.length; i++) {
        EveryBackend.assertClose("gradient " + i, wanted.get(i), leaves[i].gradient());
      }
    }
  }

  private static Tensor on(Backend backend, long seed, int... sizes) {
    return Tensor.of(backend, constant(seed, sizes).toDoubles(), sizes).requiresGrad(true);
  }

  @ParameterizedTest
  @MethodSource("selections")
  void gradientsOfASelectionByItself(Selecting selecting) {
    check(in -> Softmax.select(Softmax.softmax(in[0], -1), selecting), leaf(1, 3, 4));
    check(in -> Softmax.select(Arithmetic.add(Pointwise.square(in[0]), 0.1), selecting), leaf(2, 2, 3, 4));
  }

  /** Of the weights 0.1, 0.2, 0.3 and 0.4. */
  @Test
  void keptWeightsStayAsTheyAreUnlessRenormalised() {
    for (Backend on : EveryBackend.all()) {
      EveryBackend.assertClose("threshold", new double[] {0, 0, 0.3, 0.4}, weights(on, Selecting.threshold(0.25)));
      EveryBackend.assertClose("largest", new double[] {0, 0.2, 0.3, 0.4}, weights(on, Selecting.largest(3)));
      EveryBackend.assertClose("renormalised", new double[] {0, 0, 3 / 7.0, 4 / 7.0},
          weights(on, Selecting.largest(2).renormalised()));
      Tensor keeps = Tensor.of(on, new boolean[] {true, false, false, true}, 4);
      EveryBackend.assertClose("predicate", new double[] {0.1, 0, 0, 0.4}, weights(on, Selecting.predicate(keeps)));
      EveryBackend.assertClose("renormalised", new double[] {0.2, 0, 0, 0.8},
          weights(on, Selecting.predicate(keeps).renormalised()));
      EveryBackend.assertClose("none", new double[4], weights(on, Selecting.threshold(0.9).renormalised()));
      EveryBackend.assertClose("arg-max", new double[] {0, 0, 0, 1}, weights(on, Selecting.ARG_MAX));
    }
  }

  private static Tensor weights(Backend on, Selecting selecting) {
    Tensor bias = Tensor.of(on, new double[] {Math.log(0.1), Math.log(0.2), Math.log(0.3), Math.log(0.4)}, 1, 4);
    Tensor zeros = Tensor.full(on, bias.shape().with(-1, 2), 0);
    return Attention.scaledDotProductAttention(zeros, Tensor.of(on, new double[8], 4, 2),
        Tensor.of(on, new double[4], 4, 1), AttentionOptions.NONE.bias(bias).selecting(selecting).withWeights())
        .weights();
  }

  @Test
  void tiesGoToTheLowerIndexAndNaNIsNotHidden() {
    for (Backend on : EveryBackend.all()) {
      Tensor equal = Tensor.of(on, new double[] {0, 0, 0, 0, 0, Double.NaN}, 2, 3);
      Tensor query = Tensor.of(on, new double[] {0, 0}, 2, 1);
      Tensor key = Tensor.of(on, new double[] {1, 2, 3}, 3, 1);
      for (Selecting selecting : List.of(Selecting.largest(2), Selecting.largest(2).renormalised())) {
        double[] weights = Attention.scaledDotProductAttention(query, key, key,
            AttentionOptions.NONE.bias(equal).selecting(selecting).withWeights()).weights().toDoubles();
        assertTrue(weights[0] > 0.3 && weights[1] == weights[0] && weights[2] == 0, Arrays.toString(weights));
        assertTrue(Double.isNaN(weights[3]) && Double.isNaN(weights[4]) && weights[5] == 0, Arrays.toString(weights));
      }
      double[] picked = Attention.scaledDotProductAttention(query, key, key,
          AttentionOptions.NONE.bias(equal).selecting(Selecting.ARG_MAX).withWeights()).weights().toDoubles();
      assertArrayEquals(new double[] {1, 0, 0, Double.NaN, 0, 0}, picked);
    }
  }

  /** Each of 4000 rows draws from 0.1, 0.2, 0.3 and 0.4, as often as its weight says within five deviations. */
  @Test
  void drawsFollowTheWeights() {
    int rows = 4000;
    double[] chances = {0.1, 0.2, 0.3, 0.4};
    double[] all = new double[rows * 4];
    Arrays.setAll(all, i -> chances[i % 4]);
    double[] first = null;
    for (Backend on : EveryBackend.all()) {
      double[] drawn = Softmax.select(Tensor.of(on, all, rows, 4), Selecting.sampled(new Generator(3))).toDoubles();
      first = first == null ? drawn : first;
      assertArrayEquals(first, drawn, "another draw on " + on.id());
      for (int j = 0; j < 4; j++) {
        double count = 0;
        for (int row = 0; row < rows; row++) {
          count += drawn[row * 4 + j];
        }
        double deviation = Math.sqrt(rows * chances[j] * (1 - chances[j]));
        assertEquals(rows * chances[j], count, 5 * deviation, "draws of " + j);
      }
    }
  }

  @Test
  void aDrawnKeyPassesTheSoftmaxGradientStraightThrough() {
    Tensor[] leaves = {leaf(1, 2, 3, 5), leaf(2, 2, 4, 5), leaf(3, 2, 4, 3)};
    Tensor gradient = constant(4, 2, 3, 3);
    Attention.scaledDotProductAttention(leaves[0], leaves[1], leaves[2]).backward(gradient, false);
    double[] wantedQuery = leaves[0].gradient().toDoubles();
    double[] wantedKey = leaves[1].gradient().toDoubles();
    Arrays.stream(leaves).forEach(Tensor::clearGradient);
    AttentionResult drawn = Attention.scaledDotProductAttention(leaves[0], leaves[1], leaves[2],
        AttentionOptions.NONE.selecting(Selecting.sampled(new Generator(7))).withWeights());
    double[] oneHot = drawn.weights().toDoubles();
    assertEquals(6, Arrays.stream(oneHot).sum());
    assertEquals(6, Arrays.stream(oneHot).filter(weight -> weight == 1).count());
    drawn.output().backward(gradient, false);
    assertArrayEquals(wantedQuery, leaves[0].gradient().toDoubles(), EXACT);
    assertArrayEquals(wantedKey, leaves[1].gradient().toDoubles(), EXACT);
    Tensor picked = Tensor.of(backend(), oneHot, 2, 3, 4);
    assertArrayEquals(Products.matmul(picked, true, gradient, false).toDoubles(), leaves[2].gradient().toDoubles(),
        EXACT);
  }

  /** Over all draws, each as often as its weight says, the surrogate's gradient is that of the expected loss. */
  @Test
  void theScoreFunctionIsTheGradientOfTheExpectation() {
    double[] losses = {0.5, -1, 2, 0.25};
    double entropyWeight = 0.3;
    Tensor logits = leaf(1, 1, 4);
    Tensor expected =
        Reductions.sum(Arithmetic.mul(Softmax.softmax(logits, -1), Tensor.of(backend(), losses, 1, 4)));
    Arithmetic.sub(expected, Arithmetic.mul(Reductions.sum(ScoreFunction.entropy(Softmax.softmax(logits, -1))),
        entropyWeight)).backward();
    double[] wanted = logits.gradient().toDoubles();
    for (double baseline : new double[] {0, 0.7}) {
      logits.clearGradient();
      double[] chances = Softmax.softmax(logits, -1).toDoubles();
      for (int j = 0; j < 4; j++) {
        double[] oneHot = new double[4];
        oneHot[j] = 1;
        Tensor weights = Softmax.softmax(logits, -1);
        Tensor surrogate = ScoreFunction.surrogate(Tensor.of(backend(), new double[] {losses[j]}, 1),
            ScoreFunction.logProbability(weights, Tensor.of(backend(), oneHot, 1, 4)), ScoreFunction.entropy(weights),
            baseline, entropyWeight);
        Arithmetic.mul(surrogate, chances[j]).backward();
      }
      assertArrayEquals(wanted, logits.gradient().toDoubles(), 1e-10);
    }
  }

  @Test
  void scoreFunctionGradients() {
    Tensor picked = Tensor.of(backend(), new double[] {0, 1, 0, 1, 0, 0, 0, 0, 0}, 3, 3);
    check(in -> ScoreFunction.logProbability(Softmax.softmax(in[0], -1), picked), leaf(1, 3, 3));
    check(in -> ScoreFunction.entropy(Softmax.softmax(in[0], -1)), leaf(1, 3, 3));
    Tensor certain = Tensor.of(backend(), new double[] {0, 1, 0}, 1, 3);
    assertEquals(0, ScoreFunction.entropy(certain).item(), EXACT);
  }

  @Test
  void sparsemaxIsTheNearestPointOfTheSimplex() {
    for (Backend on : EveryBackend.all()) {
      Tensor x = Tensor.of(on, new double[] {0.1, 0.2, 0.9, 3, 0, 0, 0.5, 0.5, -1, 7, 7, 7}, 4, 3);
      double[] wanted = {1 / 30.0, 4 / 30.0, 25 / 30.0, 1, 0, 0, 0.5, 0.5, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0};
      EveryBackend.assertClose("sparsemax", wanted, Softmax.sparsemax(x, -1));
      EveryBackend.assertClose("transposed", Shaping.transpose(Tensor.of(on, wanted, 4, 3), 0, 1).toDoubles(),
          Softmax.sparsemax(Shaping.transpose(x, 0, 1), 0));
      Tensor lengths = Tensor.of(on, new int[] {2, 0, 1, 3});
      EveryBackend.assertClose("lengths",
          new double[] {0.45, 0.55, 0, 0, 0, 0, 1, 0, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0},
          Softmax.maskedSparsemax(x, null, lengths));
    }
  }

  @Test
  void sparsemaxGradients() {
    for (int dimension : new int[] {0, 1, 2}) {
      check(in -> Softmax.sparsemax(in[0], dimension), leaf(1, 3, 4, 5));
    }
    Tensor lengths = Tensor.of(backend(), new int[] {2, 0, 4});
    check(in -> Softmax.maskedSparsemax(in[0], null, lengths), leaf(2, 3, 4));
  }
}
