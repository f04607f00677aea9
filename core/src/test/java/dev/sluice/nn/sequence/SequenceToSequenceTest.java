package dev.sluice.nn.sequence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Selecting;
import dev.sluice.nn.attention.Attended;
import dev.sluice.nn.attention.Score;
import dev.sluice.nn.attention.Weighing;
import dev.sluice.nn.recurrent.GRU;
import dev.sluice.nn.recurrent.IndRNN;
import dev.sluice.nn.recurrent.JANET;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.RNN;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.RecurrentOptions;
import dev.sluice.optim.Adam;
import dev.sluice.optim.GradientClipping;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SequenceToSequenceTest {
  private static final Backend REFERENCE = FiniteDifferences.backend();
  private static final int BOUNDARY = 0;
  private static final int VOCABULARY = 6;

  private static Recurrent recurrence(String cell, RecurrentOptions options, Generator generator) {
    return switch (cell) {
      case "lstm" -> new LSTM(options, generator);
      case "gru" -> new GRU(options, generator);
      case "rnn" -> new RNN(options, generator);
      case "janet" -> new JANET(options, generator);
      default -> new IndRNN(options, generator);
    };
  }

  /** An encoder of two directions of width hidden/2 each, a decoder of width hidden. */
  private static SequenceToSequence model(String encoder, String decoder, int layers, int hidden, Attending attending,
      double dropout) {
    var generator = new Generator(3);
    RecurrentOptions options = RecurrentOptions.of(3, hidden).withBatchFirst(true).withNumLayers(layers);
    RecurrentOptions both = RecurrentOptions.of(3, hidden / 2).withBatchFirst(true).withNumLayers(layers)
        .withBidirectional(true);
    return new SequenceToSequence(
        new RecurrentEncoder(VOCABULARY, recurrence(encoder, both, generator), dropout, generator),
        new AttentionDecoder(VOCABULARY, recurrence(decoder, options, generator), hidden, attending, dropout,
            generator));
  }

  static Stream<Arguments> models() {
    return Stream.of(Arguments.of("lstm", "lstm", 1, Attending.by(Score.DOT)),
        Arguments.of("gru", "lstm", 2, Attending.by(Score.GENERAL)),
        Arguments.of("lstm", "gru", 1, Attending.by(Score.ADDITIVE)),
        Arguments.of("rnn", "janet", 2, Attending.by(Score.SCALED)),
        Arguments.of("janet", "rnn", 1, Attending.by(Score.GENERAL, Weighing.hard(Selecting.largest(2)))),
        Arguments.of("lstm", "lstm", 1, Attending.by(Score.GENERAL, Weighing.SPARSE)),
        Arguments.of("gru", "gru", 1, Attending.byHeads(2)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void gradientsOfEverything(String encoder, String decoder, int layers, Attending attending) {
    SequenceToSequence model = model(encoder, decoder, layers, 2, attending, 0);
    Tensor sources = Tensor.of(REFERENCE, new int[] {1, 2, 3, 4, 5, 0}, 2, 3);
    Tensor lengths = Tensor.of(REFERENCE, new int[] {3, 2});
    TeacherForcing targets = TeacherForcing.of(REFERENCE, BOUNDARY, BOUNDARY, new int[] {2, 1}, new int[] {3});
    ModuleGradients.check(model, _ -> {
      Attended attended = model.decoder().attend(targets.inputs(), model.start(sources, lengths));
      return List.of(attended.output(), attended.weights(), model.loss(sources, lengths, targets, 0.1));
    });
  }

  static Stream<Arguments> modelsOnEveryBackend() {
    return Stream.concat(models(), Stream.of(Arguments.of("indrnn", "indrnn", 2, Attending.by(Score.DOT))))
        .flatMap(model -> EveryBackend.all().stream().map(backend -> {
          Object[] all = Arrays.copyOf(model.get(), 5);
          all[4] = backend;
          return Arguments.of(all);
        }));
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("modelsOnEveryBackend")
  void logitsOfTeacherForcingAreThoseOfSingleSteps(String encoder, String decoder, int layers, Attending attending,
      Backend backend) {
    SequenceToSequence model = model(encoder, decoder, layers, 4, attending, 0.5);
    model.to(backend);
    model.eval();
    int[][] tokens = {{0, 2, 1, 5}, {0, 4, 4, 3}, {0, 1, 2, 3}};
    PaddedTokens sources = PaddedTokens.of(backend, new int[] {1, 2, 3}, new int[] {4}, new int[] {5, 1});
    DecoderState start = model.start(sources.tokens(), sources.lengths());
    Attended all = model.decoder().attend(PaddedTokens.of(backend, tokens).tokens(), start);
    double[] logits = all.output().toDoubles();
    double[] weights = all.weights().toDoubles();
    assertEquals(Shape.of(3, 4, VOCABULARY), all.output().shape());
    assertArrayEquals(logits,
        model.forward(sources.tokens(), sources.lengths(), PaddedTokens.of(backend, tokens).tokens()).toDoubles());
    DecoderState state = start;
    for (int t = 0; t < 4; t++) {
      int at = t;
      StepDecoder.Step<DecoderState> step =
          model.decoder().step(state, Arrays.stream(tokens).mapToInt(row -> row[at]).toArray());
      state = step.state();
      double[] expected = new double[3 * VOCABULARY];
      double[] attended = new double[9];
      for (int row = 0; row < 3; row++) {
        double[] own = Arrays.copyOfRange(logits, (row * 4 + t) * VOCABULARY, (row * 4 + t + 1) * VOCABULARY);
        double sum = Arrays.stream(own).map(Math::exp).sum();
        for (int i = 0; i < VOCABULARY; i++) {
          expected[row * VOCABULARY + i] = own[i] - Math.log(sum);
        }
        System.arraycopy(weights, (row * 4 + t) * 3, attended, row * 3, 3);
      }
      EveryBackend.assertClose("step " + t, expected, step.logProbabilities());
      EveryBackend.assertClose("weights of step " + t, attended, step.weights());
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("modelsOnEveryBackend")
  void selectedRowsGoOnAsTheyWould(String encoder, String decoder, int layers, Attending attending, Backend backend) {
    SequenceToSequence model = model(encoder, decoder, layers, 4, attending, 0);
    model.to(backend);
    PaddedTokens sources = PaddedTokens.of(backend, new int[] {1, 2, 3}, new int[] {4}, new int[] {5, 1});
    DecoderState state = model.decoder().step(model.start(sources.tokens(), sources.lengths()), new int[3]).state();
    double[] all = model.decoder().step(state, new int[] {1, 2, 3}).logProbabilities().toDoubles();
    for (int[] rows : new int[][] {{2, 0, 0, 1}, {1}, {0, 1, 2}}) {
      DecoderState selected = state.select(rows);
      assertEquals(rows.length, selected.rows());
      int[] tokens = Arrays.stream(rows).map(row -> row + 1).toArray();
      double[] expected = new double[rows.length * VOCABULARY];
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(all, rows[i] * VOCABULARY, expected, i * VOCABULARY, VOCABULARY);
      }
      EveryBackend.assertClose(Arrays.toString(rows), expected,
          model.decoder().step(selected, tokens).logProbabilities());
    }
  }

  /** What stands behind a sequence's end changes nothing of its row, and no gradient. */
  @ParameterizedTest
  @EnumSource
  void paddingCountsForNothing(Score score) {
    for (Backend backend : EveryBackend.all()) {
      SequenceToSequence model = model("lstm", "gru", 2, 4, Attending.by(score), 0);
      model.to(backend);
      Tensor lengths = Tensor.of(backend, new int[] {4, 2});
      TeacherForcing targets = TeacherForcing.of(backend, BOUNDARY, BOUNDARY, new int[] {1, 2, 3}, new int[] {5});
      double[][] results = new double[2][];
      for (int padding : new int[] {0, 1}) {
        Tensor sources = Tensor.of(backend, new int[] {1, 2, 3, 4, 5, 3, padding, padding + 2}, 2, 4);
        Tensor inputs = Tensor.of(backend, new int[] {0, 1, 2, 3, 0, 5, padding, padding + 1}, 2, 4);
        Tensor loss = model.loss(sources, lengths, new TeacherForcing(inputs, targets.labels()), 0);
        loss.backward();
        double[] gradients = model.parameters().stream()
            .flatMapToDouble(parameter -> Arrays.stream(parameter.gradient().toDoubles())).toArray();
        model.parameters().forEach(Tensor::clearGradient);
        results[padding] = Stream.of(loss.toDoubles(), gradients).flatMapToDouble(Arrays::stream).toArray();
      }
      assertArrayEquals(results[0], results[1], 1e-7, backend.id());
    }
  }

  @ParameterizedTest
  @CsvSource({"lstm, GENERAL", "gru, DOT", "janet, ADDITIVE"})
  void learnsToReverse(String cell, Score score) {
    SequenceToSequence model = model(cell, cell, 1, 24, Attending.by(score), 0);
    var adam = new Adam(model.parameters(), 0.01);
    var random = new SplittableRandom(5);
    Backend backend = Backends.selected();
    double loss = Double.NaN;
    for (int step = 0; step < 250; step++) {
      int[][] sources = sequences(random, 32);
      try (Scope _ = Scope.open()) {
        PaddedTokens padded = PaddedTokens.of(backend, sources);
        Tensor batch = model.loss(padded.tokens(), padded.lengths(),
            TeacherForcing.of(backend, BOUNDARY, BOUNDARY, reversed(sources)), 0);
        adam.zeroGrad();
        batch.backward();
        GradientClipping.clipGradNorm(model.parameters(), 1);
        adam.step();
        loss = batch.item();
      }
    }
    assertTrue(loss < 0.3, "loss is " + loss);
    model.eval();
    int[][] unseen = sequences(random, 64);
    PaddedTokens padded = PaddedTokens.of(backend, unseen);
    SearchOptions options = SearchOptions.of(BOUNDARY, BOUNDARY, 10);
    List<Hypothesis> greedy = Search.greedy(model.decoder(), model.start(padded.tokens(), padded.lengths()), options);
    List<List<Hypothesis>> beam = Search.beam(model.decoder(), model.start(padded.tokens(), padded.lengths()),
        options.withWidth(4).withLengthPenalty(1));
    assertTrue(right(greedy, unseen) >= 52, "greedy search has right of 64 " + right(greedy, unseen));
    List<Hypothesis> best = beam.stream().map(List::getFirst).toList();
    assertTrue(right(best, unseen) >= 52, "beam search has right of 64 " + right(best, unseen));
  }

  private static long right(List<Hypothesis> found, int[][] sources) {
    int[][] wanted = reversed(sources);
    long right = 0;
    for (int i = 0; i < wanted.length; i++) {
      right += found.get(i).ended() && found.get(i).tokens().equals(Arrays.stream(wanted[i]).boxed().toList()) ? 1 : 0;
    }
    return right;
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
  void dropsInTrainingAlone() {
    SequenceToSequence model = model("gru", "gru", 1, 4, Attending.by(Score.DOT), 0.5);
    Tensor tokens = Tensor.of(new int[] {1, 2, 3}, 1, 3);
    double[] first = model.forward(tokens, null, tokens).toDoubles();
    assertTrue(!Arrays.equals(first, model.forward(tokens, null, tokens).toDoubles()));
    model.eval();
    double[] evaluated = model.forward(tokens, null, tokens).toDoubles();
    assertArrayEquals(evaluated, model.forward(tokens, null, tokens).toDoubles());
  }

  @Test
  void teacherForcingReadsEachTokenWhereTheNextIsWanted() {
    TeacherForcing forcing = TeacherForcing.of(REFERENCE, 8, 9, new int[] {1, 2, 3}, new int[0], new int[] {4});
    assertEquals(Shape.of(3, 4), forcing.inputs().shape());
    assertArrayEquals(new int[] {8, 1, 2, 3, 8, 9, 9, 9, 8, 4, 9, 9}, forcing.inputs().toInts());
    assertArrayEquals(new int[] {1, 2, 3, 9, 9, -100, -100, -100, 4, 9, -100, -100}, forcing.labels().toInts());
  }

  @Test
  void paddedTokensHaveLengthsWhereTheyDiffer() {
    PaddedTokens padded = PaddedTokens.of(REFERENCE, new int[] {1, 2}, new int[0], new int[] {3});
    assertArrayEquals(new int[] {1, 2, 0, 0, 3, 0}, padded.tokens().toInts());
    assertArrayEquals(new int[] {2, 0, 1}, padded.lengths().toInts());
    assertNull(PaddedTokens.of(REFERENCE, new int[] {1}, new int[] {2}).lengths());
  }

  @Test
  void parametersBearTheirLayersNames() {
    assertEquals(List.of("encoder.embedding.weight", "encoder.recurrence.weight_ih_l0",
        "encoder.recurrence.weight_hh_l0", "encoder.recurrence.bias_ih_l0", "encoder.recurrence.bias_hh_l0",
        "encoder.recurrence.weight_ih_l0_reverse", "encoder.recurrence.weight_hh_l0_reverse",
        "encoder.recurrence.bias_ih_l0_reverse", "encoder.recurrence.bias_hh_l0_reverse", "decoder.embedding.weight",
        "decoder.recurrence.weight_ih_l0", "decoder.recurrence.weight_hh_l0", "decoder.recurrence.bias_ih_l0",
        "decoder.recurrence.bias_hh_l0", "decoder.initial_hidden.weight", "decoder.initial_hidden.bias",
        "decoder.initial_cell.weight", "decoder.initial_cell.bias", "decoder.attention.matrix",
        "decoder.combination.weight", "decoder.combination.bias", "decoder.classifier.weight",
        "decoder.classifier.bias"),
        List.copyOf(model("gru", "lstm", 1, 4, Attending.by(Score.GENERAL), 0).namedParameters().keySet()));
  }

  @Test
  void badArgumentsAreRefused() {
    var generator = new Generator(1);
    var stepsFirst = new GRU(RecurrentOptions.of(3, 4), generator);
    var batchFirst = new GRU(RecurrentOptions.of(3, 4).withBatchFirst(true), generator);
    var twoDirections = new GRU(RecurrentOptions.of(3, 4).withBatchFirst(true).withBidirectional(true), generator);
    assertRefused("recurrentEncoder: vocabulary is 0, wanted 1 or more",
        () -> new RecurrentEncoder(0, batchFirst, 0, generator));
    assertRefused("recurrentEncoder: recurrence has the steps first, wanted the batch first",
        () -> new RecurrentEncoder(5, stepsFirst, 0, generator));
    assertRefused("attentionDecoder: vocabulary is 0, wanted 1 or more",
        () -> new AttentionDecoder(0, batchFirst, 4, Score.DOT, 0, generator));
    assertRefused("attentionDecoder: sourceWidth is 0, wanted 1 or more",
        () -> new AttentionDecoder(5, batchFirst, 0, Score.DOT, 0, generator));
    assertRefused("attentionDecoder: recurrence has the steps first, wanted the batch first",
        () -> new AttentionDecoder(5, stepsFirst, 4, Score.DOT, 0, generator));
    assertRefused("attentionDecoder: recurrence has two directions, wanted one: what is to be written cannot be read"
        + " from its end", () -> new AttentionDecoder(5, twoDirections, 4, Score.DOT, 0, generator));
    var encoder = new RecurrentEncoder(5, batchFirst, 0, generator);
    var decoder = new AttentionDecoder(5, batchFirst, 4, Score.DOT, 0, generator);
    Tensor tokens = Tensor.of(new int[6], 2, 3);
    assertRefused("recurrentEncoder: tokens is REAL (2, 3), wanted INT32 (batch, steps)",
        () -> encoder.forward(Tensor.zeros(2, 3), null));
    assertRefused("recurrentEncoder: tokens is INT32 (6), wanted INT32 (batch, steps)",
        () -> encoder.forward(Tensor.of(new int[6]), null));
    assertRefused("recurrentEncoder: lengths is INT32 (3), wanted INT32 (2)",
        () -> encoder.forward(tokens, Tensor.of(new int[3])));
    assertRefused("attentionDecoder: last has shape (2, 3), wanted (2, 4)",
        () -> decoder.start(new Encoded(Tensor.zeros(2, 3, 4), Tensor.zeros(2, 3), null)));
    DecoderState start = decoder.start(encoder.forward(tokens, null));
    assertRefused("attentionDecoder: tokens has shape (1, 6), wanted (2, steps)",
        () -> decoder.forward(Tensor.of(new int[6], 1, 6), start));
    assertRefused("attentionDecoder: tokens are 3, wanted 2, one for each row",
        () -> decoder.step(start, new int[3]));
    assertRefused("paddedTokens: there is no sequence, wanted one or more", () -> PaddedTokens.of(REFERENCE));
    assertRefused("teacherForcing: there is no sequence, wanted one or more",
        () -> TeacherForcing.of(REFERENCE, 0, 1));
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
