package dev.sluice.nn.sequence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.nn.transformer.TransformerOptions;
import dev.sluice.nn.transformer.TransformerOptions.Activation;
import dev.sluice.optim.Adam;
import dev.sluice.optim.GradientClipping;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransformerTranslatorTest {
  private static final Backend REFERENCE = FiniteDifferences.backend();
  private static final int VOCABULARY = 6;
  private static final int[][] SOURCES = {{1, 2, 3}, {4}, {5, 1}};

  private static TransformerTranslator translator(int width, int layers, boolean normFirst, double dropout) {
    TransformerOptions options = TransformerOptions.of(width, 2).withDimFeedforward(2 * width).withDropout(dropout)
        .withActivation(Activation.GELU).withNormFirst(normFirst).withBatchFirst(true);
    return new TransformerTranslator(VOCABULARY, VOCABULARY, options, layers, new Generator(3));
  }

  @Test
  void gradientsOfEverything() {
    TransformerTranslator translator = translator(2, 1, true, 0);
    PaddedTokens sources = PaddedTokens.of(REFERENCE, new int[] {1, 2, 3}, new int[] {4, 5});
    TeacherForcing targets = TeacherForcing.of(REFERENCE, 0, 0, new int[] {2, 1}, new int[] {3});
    ModuleGradients.check(translator, _ -> List.of(
        translator.forward(sources.tokens(), sources.lengths(), targets.inputs()),
        translator.loss(sources.tokens(), sources.lengths(), targets, 0.1)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void logitsOfTeacherForcingAreThoseOfSingleStepsWhateverRowsAreSelected(boolean normFirst) {
    int[][] tokens = {{0, 2, 1, 5}, {0, 4, 4, 3}, {0, 1, 2, 3}};
    for (Backend backend : EveryBackend.all()) {
      TransformerTranslator translator = translator(8, 2, normFirst, 0.5);
      translator.to(backend);
      translator.eval();
      PaddedTokens sources = PaddedTokens.of(backend, SOURCES);
      double[] logits = translator.forward(sources.tokens(), sources.lengths(),
          PaddedTokens.of(backend, tokens).tokens()).toDoubles();
      int[] rows = {0, 1, 2};
      TransformerState state =
          translator.start(sources.tokens(), sources.lengths(), SearchOptions.of(0, 0, 4).withWidth(2));
      for (int t = 0; t < 4; t++) {
        int at = t;
        StepDecoder.Step<TransformerState> step =
            translator.step(state, Arrays.stream(rows).map(row -> tokens[row][at]).toArray());
        double[] expected = new double[rows.length * VOCABULARY];
        for (int i = 0; i < rows.length; i++) {
          int from = (rows[i] * 4 + t) * VOCABULARY;
          double sum = Arrays.stream(logits, from, from + VOCABULARY).map(Math::exp).sum();
          for (int token = 0; token < VOCABULARY; token++) {
            expected[i * VOCABULARY + token] = logits[from + token] - Math.log(sum);
          }
        }
        EveryBackend.assertClose("step " + t + " on " + backend.id(), expected, step.logProbabilities());
        double[] weights = step.weights().toDoubles();
        assertEquals(rows.length * 3, weights.length);
        for (int i = 0; i < rows.length; i++) {
          int length = SOURCES[rows[i]].length;
          assertEquals(1, Arrays.stream(weights, i * 3, i * 3 + length).sum(), 1e-5);
          assertEquals(0, Arrays.stream(weights, i * 3 + length, i * 3 + 3).sum());
        }
        int[] selected = new int[][] {{0, 0, 1, 2}, {3, 1, 2}, {1, 0, 0}, {}}[t];
        int[] before = rows;
        rows = Arrays.stream(selected).map(row -> before[row]).toArray();
        state = step.state().select(selected);
        assertEquals(rows.length, state.rows());
      }
    }
  }

  @Test
  void paddingCountsForNothing() {
    for (Backend backend : EveryBackend.all()) {
      TransformerTranslator translator = translator(4, 1, true, 0);
      translator.to(backend);
      Tensor lengths = Tensor.of(backend, new int[] {3, 1});
      Tensor tokens = Tensor.of(backend, new int[] {0, 1, 0, 2}, 2, 2);
      double[] once = translator.forward(Tensor.of(backend, new int[] {1, 2, 3, 4, 0, 0}, 2, 3), lengths, tokens)
          .toDoubles();
      double[] again = translator.forward(Tensor.of(backend, new int[] {1, 2, 3, 4, 5, 2}, 2, 3), lengths, tokens)
          .toDoubles();
      assertArrayEquals(once, again, 1e-9, backend.id());
      EveryBackend.assertClose("alone", Arrays.copyOfRange(once, 2 * VOCABULARY, once.length),
          translator.forward(Tensor.of(backend, new int[] {4}, 1, 1), null,
              Tensor.of(backend, new int[] {0, 2}, 1, 2)));
    }
  }

  @Test
  void learnsToReverseAndSearchesAgree() {
    TransformerTranslator translator = translator(32, 2, true, 0);
    var adam = new Adam(translator.parameters(), 0.003);
    var random = new SplittableRandom(5);
    Backend backend = Backends.selected();
    double loss = Double.NaN;
    for (int step = 0; step < 250; step++) {
      int[][] sources = sequences(random, 32);
      try (Scope _ = Scope.open()) {
        PaddedTokens padded = PaddedTokens.of(backend, sources);
        Tensor batch = translator.loss(padded.tokens(), padded.lengths(),
            TeacherForcing.of(backend, 0, 0, reversed(sources)), 0);
        adam.zeroGrad();
        batch.backward();
        GradientClipping.clipGradNorm(translator.parameters(), 1);
        adam.step();
        loss = batch.item();
      }
    }
    assertTrue(loss < 0.3, "loss is " + loss);
    translator.eval();
    int[][] unseen = sequences(random, 64);
    PaddedTokens padded = PaddedTokens.of(backend, unseen);
    SearchOptions options = SearchOptions.of(0, 0, 10);
    List<Hypothesis> greedy =
        Search.greedy(translator, translator.start(padded.tokens(), padded.lengths(), options), options);
    List<List<Hypothesis>> one =
        Search.beam(translator, translator.start(padded.tokens(), padded.lengths(), options), options);
    for (int i = 0; i < unseen.length; i++) {
      Hypothesis found = greedy.get(i);
      assertEquals(found.tokens(), one.get(i).getFirst().tokens());
      assertEquals(found.score(), one.get(i).getFirst().score());
      assertEquals(found.tokens().size() + (found.ended() ? 1 : 0), found.weights().size());
      assertArrayEquals(found.weights().getLast(), one.get(i).getFirst().weights().getLast());
    }
    SearchOptions wide = options.withWidth(4).withLengthPenalty(1);
    List<List<Hypothesis>> beam =
        Search.beam(translator, translator.start(padded.tokens(), padded.lengths(), wide), wide);
    int right = 0;
    for (int i = 0; i < unseen.length; i++) {
      List<Integer> wanted = Arrays.stream(reversed(unseen)[i]).boxed().toList();
      right += beam.get(i).getFirst().tokens().equals(wanted) && greedy.get(i).tokens().equals(wanted) ? 1 : 0;
    }
    assertTrue(right >= 52, "of 64 right are " + right);
  }

  /** Of 1 to 5 tokens from 1 to 5. */
  private static int[][] sequences(SplittableRandom random, int count) {
    int[][] sequences = new int[count][];
    for (int i = 0; i < count; i++) {
      sequences[i] = random.ints(random.nextInt(1, 6), 1, VOCABULARY).toArray();
    }
    return sequences;
  }

  private static int[][] reversed(int[][] sequences) {
    return Arrays.stream(sequences).map(sequence -> {
      int[] reversed = new int[sequence.length];
      for (int i = 0; i < reversed.length; i++) {
        reversed[i] = sequence[reversed.length - 1 - i];
      }
      return reversed;
    }).toArray(int[][]::new);
  }

  @Test
  void badArgumentsAreRefused() {
    TransformerOptions options = TransformerOptions.of(4, 2);
    assertRefused("transformerTranslator: options have the length first, wanted the batch first",
        () -> new TransformerTranslator(5, 5, options, 1, new Generator(1)));
    assertRefused("transformerTranslator: sourceVocabulary is 0, wanted 1 or more",
        () -> new TransformerTranslator(0, 5, options, 1, new Generator(1)));
    assertRefused("transformerTranslator: vocabulary is 0, wanted 1 or more",
        () -> new TransformerTranslator(5, 0, options, 1, new Generator(1)));
    TransformerTranslator translator = translator(4, 1, true, 0);
    Tensor sources = Tensor.of(new int[6], 2, 3);
    assertRefused("transformerTranslator: sources is REAL (2, 3), wanted INT32 (batch, steps)",
        () -> translator.forward(Tensor.zeros(2, 3), null, sources));
    assertRefused("transformerTranslator: tokens has shape (1, 3), wanted (2, steps)",
        () -> translator.forward(sources, null, Tensor.of(new int[3], 1, 3)));
    assertRefused("transformerTranslator: lengths is INT32 (3), wanted INT32 (2)",
        () -> translator.forward(sources, Tensor.of(new int[3]), sources));
    TransformerState state = translator.start(sources, null, SearchOptions.of(0, 0, 3).withWidth(2));
    assertRefused("transformerTranslator: tokens are 3, wanted 2, one for each row",
        () -> translator.step(state, new int[3]));
    assertRefused("transformerState: rows of source 0 are more than 2, wanted at most as many as the search that this"
        + " was started for is wide", () -> state.select(new int[] {0, 0, 0}));
    TeacherForcing targets = TeacherForcing.of(REFERENCE, 0, 0, new int[] {1});
    assertRefused("teacherForcing: logits has shape (1, 3, 6), wanted (1, 2) and a vocabulary",
        () -> targets.loss(Tensor.full(REFERENCE, Shape.of(1, 3, 6), 0), 0));
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
