package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.Generator;
import dev.sluice.bench.story.QuestionKind;
import dev.sluice.bench.story.StoryQuestion;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.bench.train.ComprehensionEvaluation.Answered;
import dev.sluice.bench.train.ComprehensionEvaluation.Kind;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.testing.CheckingBackend;
import dev.sluice.testing.CheckingBackend.Check;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ComprehensionTrainingTest {
  private static final List<String> STORY = List.of("Mary went to the garden.", "John took the apple.");

  @TempDir Path folder;

  static ComprehensionConfiguration configuration(CellKind cell, StoryAttentionKind attention, int epochs,
      int questions) {
    return new ComprehensionConfiguration(cell, 12, 16, attention, attention == StoryAttentionKind.QUESTION ? 2 : 1,
        new ClipOption.Norm(1, 2), epochs, questions, 200, 32, 0.01);
  }

  private static List<ComprehensionReport.Epoch> train(ComprehensionTraining training) {
    return training.run(Progress::open, _ -> {});
  }

  private static ComprehensionTraining training(ComprehensionConfiguration configuration, long seed) {
    return new ComprehensionTraining(configuration, seed, Backends.selected());
  }

  @ParameterizedTest
  @CsvSource({
    "GRU,NONE", "GRU,CANDIDATES", "GRU,QUESTION", "LSTM,QUESTION", "JANET,QUESTION", "RNN,QUESTION", "INDRNN,QUESTION",
    "INDRNN2,NONE", "JANET,CANDIDATES"
  })
  void everyModelLearns(CellKind cell, StoryAttentionKind attention) {
    List<ComprehensionReport.Epoch> epochs = train(training(configuration(cell, attention, 3, 640), 1));
    assertEquals(List.of(1, 2, 3), epochs.stream().map(ComprehensionReport.Epoch::epoch).toList());
    assertTrue(epochs.getLast().loss() < 0.8 * epochs.getFirst().loss(), epochs::toString);
    assertTrue(epochs.getLast().testAccuracy() > 0.15, epochs::toString);
    assertTrue(epochs.stream().allMatch(epoch -> epoch.gradientNormAfter() <= 1 + 1e-6), epochs::toString);
  }

  @Test
  void attentionFindsTheFact() {
    var configuration = new ComprehensionConfiguration(CellKind.GRU, 16, 32, StoryAttentionKind.QUESTION, 2,
        new ClipOption.Norm(1, 2), 4, 8000, 500, 32, 0.006);
    var training = training(configuration, 1);
    train(training);
    ComprehensionEvaluation.Figures figures = training.evaluation().figures(training.model());
    assertTrue(figures.oneFactAccuracy() > 0.7, figures::toString);
    assertEquals(List.of(QuestionKind.values()), figures.kinds().stream().map(Kind::kind).toList());
    assertEquals(500, figures.kinds().stream().mapToInt(Kind::questions).sum());
    assertTrue(figures.kinds().stream().limit(3).allMatch(kind -> kind.accuracy() > 0.75), figures::toString);
    assertTrue(figures.kinds().stream().limit(3).allMatch(kind -> kind.picked() > 0.7), figures::toString);
  }

  @Test
  void withoutAttentionNothingIsPicked() {
    var training = training(configuration(CellKind.GRU, StoryAttentionKind.NONE, 1, 64), 1);
    train(training);
    training.evaluation().figures(training.model()).kinds().forEach(kind -> assertNull(kind.picked()));
  }

  @ParameterizedTest
  @EnumSource
  void theSeedDecidesEveryWeight(StoryAttentionKind attention) {
    List<String> digests = new ArrayList<>();
    for (long seed : new long[] {3, 3, 4}) {
      var training = training(configuration(CellKind.GRU, attention, 1, 128), seed);
      train(training);
      digests.add(WeightsDigest.of(training.model().namedParameters()));
    }
    assertEquals(digests.get(0), digests.get(1));
    assertNotEquals(digests.get(0), digests.get(2));
  }

  private static StoryQuestion question(String answer, Integer... facts) {
    return new StoryQuestion(STORY, QuestionKind.WHO_HAS, "Who has the apple?", answer, List.of(facts));
  }

  /** Neither the answer nor the facts change anything that a model is given. */
  @ParameterizedTest
  @EnumSource
  void theAnswerIsNoInput(StoryAttentionKind attention) {
    StoryBatch right = StoryBatch.of(List.of(question("John", 1)));
    StoryBatch wrong = StoryBatch.of(List.of(question("milk", 0)));
    assertArrayEquals(right.sentences(), wrong.sentences());
    assertArrayEquals(right.asked(), wrong.asked());
    assertNotEquals(right.answers()[0], wrong.answers()[0]);
    var model = new ComprehensionModel(configuration(CellKind.LSTM, attention, 1, 1), new Generator(1));
    Backend backend = Backends.selected();
    model.to(backend);
    assertArrayEquals(model.forward(StoryTensors.of(right, backend)).logits().toFloats(),
        model.forward(StoryTensors.of(wrong, backend)).logits().toFloats());
  }

  /** A story's answer is the same whatever longer stories are beside it. */
  @ParameterizedTest
  @EnumSource
  void aStoryIsReadByItself(StoryAttentionKind attention) {
    Backend backend = Backends.selected();
    var model = new ComprehensionModel(configuration(CellKind.GRU, attention, 1, 1), new Generator(1));
    model.to(backend);
    var longer = new StoryQuestion(List.of("Fred got the milk.", "Fred moved to the park.", "Fred put down the milk."),
        QuestionKind.WHERE_OBJECT, "Where is the milk?", "park", List.of(1, 2));
    float[] alone = model.forward(StoryTensors.of(StoryBatch.of(List.of(question("John", 1))), backend)).logits()
        .toFloats();
    float[] beside = model.forward(StoryTensors.of(StoryBatch.of(List.of(question("John", 1), longer)), backend))
        .logits().toFloats();
    assertArrayEquals(alone, Arrays.copyOf(beside, alone.length), 1e-6f);
  }

  @Test
  void weightsAreThoseOfTheStorysOwnSentences() {
    var training = training(configuration(CellKind.GRU, StoryAttentionKind.QUESTION, 1, 64), 1);
    List<Answered> answered = training.evaluation().oneOfEachKind(training.model());
    assertEquals(List.of(QuestionKind.values()), answered.stream().map(one -> one.question().kind()).toList());
    for (Answered one : answered) {
      int sentences = one.question().sentences().size();
      assertTrue(sentences >= 7, one.question()::toString);
      assertEquals(2, one.sentenceWeights().length);
      assertEquals(sentences, one.candidateWeights().length);
      for (double[][] matrix : List.of(one.sentenceWeights(), one.candidateWeights())) {
        Arrays.stream(matrix).forEach(row -> assertEquals(1, Arrays.stream(row).sum(), 1e-5));
      }
      Arrays.stream(one.sentenceWeights()).forEach(look -> assertEquals(sentences, look.length));
    }
  }

  @Test
  void picksWhatWeighsMost() {
    double[][] looks = {{0.9, 0.1}, {0.2, 0.8}};
    double[][] seen = new double[2][21];
    seen[0][1] = 0.7;
    assertEquals(1, new Answered(question("John", 1), "John", seen, looks).picked());
    assertEquals(0, new Answered(question("John", 1), "John", seen, new double[0][]).picked());
    assertNull(new Answered(question("John", 1), "John", null, new double[0][]).picked());
  }

  /** With undefined contents as NaN and changed inputs refused. */
  @ParameterizedTest
  @EnumSource
  void aStepReadsNothingUndefinedAndCopiesToTheHostOnce(StoryAttentionKind attention) {
    try (Backend vector = Backends.create("vector", new BackendOptions(1))) {
      var checking = new CheckingBackend(vector, Check.POISON, Check.UNCHANGED);
      List<Long> reads = new ArrayList<>();
      List<Double> losses = new ArrayList<>();
      var training = new ComprehensionTraining(configuration(CellKind.GRU, attention, 1, 128), 1, checking);
      checking.counts().reset();
      training.run((_, _) -> new Progress() {
        @Override
        public void step(int samples, double loss) {
          reads.add(checking.counts().reads());
          losses.add(loss);
          checking.counts().reset();
        }

        @Override
        public void close() {}
      }, _ -> {});
      assertEquals(List.of(1L, 1L, 1L, 1L), reads);
      assertTrue(losses.stream().allMatch(Double::isFinite), losses::toString);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aModelMadeAgainHasTheSameFigures(StoryAttentionKind attention) throws Exception {
    ComprehensionConfiguration configuration = configuration(CellKind.JANET, attention, 1, 128);
    var training = training(configuration, 5);
    ComprehensionReport.Epoch last = train(training).getLast();
    new SavedModel(configuration, 5).write(folder, training.model());
    assertEquals(new SavedModel("comprehension", 5, configuration), SavedModel.read(folder));
    var again = new ComprehensionModel(configuration, new Generator(99));
    SavedModel.load(folder, again);
    ComprehensionEvaluation.Figures figures =
        new ComprehensionEvaluation(configuration, Backends.selected()).figures(again);
    assertEquals(last.testLoss(), figures.loss());
    assertEquals(last.testAccuracy(), figures.accuracy());
  }

  @Test
  void stopsWhereTheLossIsNoNumber() {
    var configuration = new ComprehensionConfiguration(CellKind.RNN, 4, 4, StoryAttentionKind.CANDIDATES, 1,
        new ClipOption.None(), 1, 640, 10, 32, 1e30);
    String message = assertThrows(DivergedException.class, () -> train(training(configuration, 1))).getMessage();
    assertTrue(message.startsWith("training diverged: the loss is "), message);
  }
}
