package dev.sluice.nn.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.Arithmetic;
import dev.sluice.autograd.Pointwise;
import dev.sluice.autograd.Reductions;
import dev.sluice.autograd.Selecting;
import dev.sluice.autograd.Shaping;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.RecurrentOptions;
import dev.sluice.optim.Adam;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HardAttentionTest {
  private static final Backend REFERENCE = FiniteDifferences.backend();
  private static final int WIDTH = 4;

  private static List<Selecting> selections(Backend backend) {
    Tensor keeps = Tensor.of(backend, new boolean[] {true, false, true, false, true, true, true, false, false, true,
        true, true, false, true, false}, 3, 5);
    return List.of(Selecting.threshold(0.2), Selecting.threshold(0.2).renormalised(), Selecting.largest(2),
        Selecting.largest(2).renormalised(), Selecting.predicate(keeps), Selecting.predicate(keeps).renormalised(),
        Selecting.ARG_MAX);
  }

  /** Of a soft layer with the same parameters, those weights that count; and what they make of the outputs. */
  @ParameterizedTest
  @EnumSource
  void everyScoreWorksWithEverySelection(Score score) {
    for (Backend backend : EveryBackend.all()) {
      for (Selecting selecting : selections(backend)) {
        for (Query query : Query.values()) {
          var soft = new SoftAttention(WIDTH, score, query, true, new Generator(1));
          var hard = new HardAttention(WIDTH, score, query, true, selecting, new Generator(1));
          soft.to(backend);
          hard.to(backend);
          double[] h = FiniteDifferences.constant(1, 3, 5, WIDTH).toDoubles();
          Tensor outputs = Tensor.of(backend, h, 3, 5, WIDTH);
          Tensor asking = query == Query.LAST ? FiniteDifferences.constant(2, 3, WIDTH).to(backend) : null;
          Tensor lengths = Tensor.of(backend, new int[] {5, 2, 0});
          Attended wholly = soft.forward(outputs, asking, lengths);
          double[] all = wholly.weights().toDoubles();
          double[] q = Arrays.copyOfRange(wholly.output().toDoubles(), WIDTH, 2 * WIDTH);
          Attended attended = hard.forward(outputs, asking, lengths);
          double[] wanted = selected(selecting, all);
          EveryBackend.assertClose(score + " " + selecting, wanted, attended.weights());
          double[] output = attended.output().toDoubles();
          for (int i = 0; i < WIDTH; i++) {
            double sum = 0;
            for (int t = 0; t < 5; t++) {
              sum += wanted[t] * h[t * WIDTH + i];
            }
            assertEquals(sum, output[i], 1e-5);
            assertEquals(q[i], output[WIDTH + i], 1e-6);
          }
        }
      }
    }
  }

  private static double[] selected(Selecting selecting, double[] weights) {
    double[] selected = new double[weights.length];
    for (int row = 0; row < weights.length; row += 5) {
      double[] order = Arrays.stream(weights, row, row + 5).sorted().toArray();
      double sum = 0;
      boolean[] keeps = new boolean[5];
      for (int t = 0; t < 5; t++) {
        double weight = weights[row + t];
        keeps[t] = weight > 0 && (selecting instanceof Selecting.Chosen chosen ? chosen.keeps().toBooleans()[row + t]
            : selecting.equals(Selecting.ARG_MAX) ? weight == order[4]
                : selecting.equals(Selecting.largest(2)) || selecting.equals(Selecting.largest(2).renormalised())
                    ? weight >= order[3] : weight >= 0.2);
        sum += keeps[t] ? weight : 0;
      }
      boolean divides = selecting.equals(Selecting.ARG_MAX) || selecting.equals(selecting.renormalised());
      for (int t = 0; t < 5; t++) {
        selected[row + t] = !keeps[t] ? 0 : divides ? weights[row + t] / sum : weights[row + t];
      }
    }
    return selected;
  }

  @ParameterizedTest
  @EnumSource
  void gradients(Score score) {
    Tensor lengths = Tensor.of(REFERENCE, new int[] {4, 2});
    for (Selecting selecting : List.of(Selecting.threshold(0.2), Selecting.largest(2).renormalised())) {
      var attention = new HardAttention(3, score, Query.LAST, true, selecting, new Generator(1));
      ModuleGradients.check(attention, x -> {
        Attended attended = attention.forward(x[0], x[1], lengths);
        return List.of(attended.output(), attended.weights());
      }, FiniteDifferences.leaf(1, 2, 4, 3), FiniteDifferences.leaf(2, 2, 3));
    }
  }

  @Test
  void overARecurrenceItDrawsWhileTrainingAndTakesTheLargestWeightWhenEvaluating() {
    var lstm = new LSTM(RecurrentOptions.of(2, 3).withBatchFirst(true), new Generator(1));
    for (Score score : Score.values()) {
      var hard = new HardAttention(lstm, score, Query.LAST, Selecting.sampled(new Generator(5)), new Generator(2));
      var soft = new SoftAttention(lstm, score, Query.LAST, new Generator(2));
      var sequence = lstm.forward(Tensor.of(new Generator(3).uniform(2 * 40 * 2, -1, 1), 2, 40, 2));
      double[] first = hard.forward(sequence).weights().toDoubles();
      assertEquals(2, Arrays.stream(first).sum());
      boolean other = false;
      for (int i = 0; i < 20; i++) {
        other |= !Arrays.equals(first, hard.forward(sequence).weights().toDoubles());
      }
      assertTrue(other, "twenty draws are all the same");
      hard.eval();
      double[] all = soft.forward(sequence).weights().toDoubles();
      double[] picked = hard.forward(sequence).weights().toDoubles();
      for (int row = 0; row < 2; row++) {
        double most = Arrays.stream(all, row * 40, row * 40 + 40).max().orElseThrow();
        for (int t = row * 40; t < row * 40 + 40; t++) {
          assertEquals(all[t] == most ? 1 : 0, picked[t]);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDrawTellsItsLogProbabilityAndTheEntropy(Score score) {
    for (Backend backend : EveryBackend.all()) {
      var hard = new HardAttention(WIDTH, score, Query.LEARNED, false, Selecting.sampled(new Generator(5)),
          new Generator(1));
      var soft = new SoftAttention(WIDTH, score, Query.LEARNED, false, new Generator(1));
      hard.to(backend);
      soft.to(backend);
      Tensor outputs = FiniteDifferences.constant(1, 5, 3, WIDTH).to(backend);
      Tensor lengths = Tensor.of(backend, new int[] {5, 1, 0});
      double[] all = soft.forward(outputs, null, lengths).weights().toDoubles();
      HardAttention.Drawn drawn = hard.sample(outputs, null, lengths);
      double[] picked = drawn.attended().weights().toDoubles();
      double[] logProbability = new double[3];
      double[] entropy = new double[3];
      for (int i = 0; i < all.length; i++) {
        logProbability[i / 5] += picked[i] == 1 ? Math.log(all[i]) : 0;
        entropy[i / 5] -= all[i] == 0 ? 0 : all[i] * Math.log(all[i]);
      }
      assertEquals(2, Arrays.stream(picked).sum());
      EveryBackend.assertClose("log probability", logProbability, drawn.logProbability());
      EveryBackend.assertClose("entropy", entropy, drawn.entropy());
    }
  }

  /** Four steps, of which the loss wants the one that says 1 in its first feature. */
  @Test
  void theScoreFunctionLearnsWhichStepToTake() {
    var generator = new Generator(4);
    var hard = new HardAttention(2, Score.DOT, Query.LEARNED, true, Selecting.sampled(generator), generator);
    var loss = new ScoreFunctionLoss(0.9, 0.002);
    var adam = new Adam(hard.parameters(), 0.1);
    Tensor steps = Tensor.of(new float[] {0, 1, 1, 0, 0, -1, -1, 0}, 1, 4, 2);
    Tensor outputs = Shaping.expand(steps, 16, 4, 2);
    for (int step = 0; step < 200; step++) {
      HardAttention.Drawn drawn = hard.sample(outputs, null, null);
      Tensor feature = Shaping.select(drawn.attended().output(), 1, 0);
      Tensor losses = Pointwise.square(Arithmetic.sub(feature.detach(), 1));
      adam.zeroGrad();
      loss.forward(losses, drawn).backward();
      adam.step();
    }
    assertTrue(loss.baseline() < 0.1, "the baseline is " + loss.baseline());
    hard.eval();
    assertArrayEquals(new double[] {0, 1, 0, 0},
        Arrays.copyOf(hard.forward(outputs, null, null).weights().toDoubles(), 4));
  }

  @Test
  void theBaselineIsAMovingMeanOfLosses() {
    var hard = new HardAttention(2, Score.DOT, Query.LEARNED, true, Selecting.sampled(new Generator(1)),
        new Generator(1));
    var loss = new ScoreFunctionLoss(0.5, 0);
    HardAttention.Drawn drawn = hard.sample(Tensor.zeros(2, 1, 2), null, null);
    Tensor value = loss.forward(Tensor.of(new float[] {1, 3}, 2), drawn);
    assertEquals(2, value.item(), 1e-6);
    assertEquals(2, loss.baseline());
    loss.forward(Tensor.of(new float[] {4, 4}, 2), drawn);
    assertEquals(3, loss.baseline());
    loss.eval();
    loss.forward(Tensor.of(new float[] {9, 9}, 2), drawn);
    assertEquals(3, loss.baseline());
  }

  @Test
  void featuresAreSelectedToo() {
    for (Backend backend : EveryBackend.all()) {
      var soft = new FeatureAttention(4, new Generator(1));
      var hard = new FeatureAttention(4, Selecting.largest(2), new Generator(1));
      soft.to(backend);
      hard.to(backend);
      Tensor x = FiniteDifferences.constant(1, 2, 4).to(backend);
      double[] all = soft.attend(x).weights().toDoubles();
      double[] output = soft.attend(x).output().toDoubles();
      double[] weights = hard.attend(x).weights().toDoubles();
      double[] hardOutput = hard.attend(x).output().toDoubles();
      for (int row = 0; row < 8; row += 4) {
        double second = Arrays.stream(all, row, row + 4).sorted().toArray()[2];
        for (int i = row; i < row + 4; i++) {
          assertEquals(all[i] >= second ? all[i] : 0, weights[i]);
          assertEquals(all[i] >= second ? output[i] : 0, hardOutput[i] + 0.0);
        }
      }
    }
    var hard = new FeatureAttention(3, Selecting.largest(2).renormalised(), new Generator(1));
    ModuleGradients.check(hard, x -> List.of(hard.forward(x[0])), FiniteDifferences.leaf(1, 2, 3));
    var drawing = new FeatureAttention(3, Selecting.sampled(new Generator(2)), new Generator(1));
    assertEquals(1, Reductions.sum(drawing.attend(Tensor.ones(3)).weights()).item());
    drawing.eval();
    assertArrayEquals(drawing.attend(Tensor.ones(3)).weights().toDoubles(),
        drawing.attend(Tensor.ones(3)).weights().toDoubles());
  }

  @Test
  void badArgumentsAreRefused() {
    var hard = new HardAttention(2, Score.DOT, Query.LEARNED, true, Selecting.largest(1), new Generator(1));
    refused("hardAttention: outputs has shape (2, 3, 4), wanted (batch, steps, 2) or (steps, 2)",
        () -> hard.forward(Tensor.zeros(2, 3, 4), null, null));
    refused("hardAttention: width is 0, wanted 1 or more",
        () -> new HardAttention(0, Score.DOT, Query.LAST, true, Selecting.ALL, new Generator(1)));
    refused("hardAttention: selecting is " + Selecting.largest(1) + ", wanted Selecting.sampled to draw by",
        () -> hard.sample(Tensor.zeros(2, 3, 2), null, null));
    refused("hardAttention: outputs has shape (3, 2), wanted three dimensions to draw from",
        () -> hard.sample(Tensor.zeros(3, 2), null, null));
    refused("scoreFunctionLoss: decay is 2.0, wanted 0 to 1", () -> new ScoreFunctionLoss(2, 0));
    refused("scoreFunctionLoss: entropyWeight is -1.0, wanted 0 or more", () -> new ScoreFunctionLoss(0.9, -1));
  }

  private static void refused(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }
}
