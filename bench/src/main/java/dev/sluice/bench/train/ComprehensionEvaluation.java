package dev.sluice.bench.train;

import static dev.sluice.autograd.Losses.crossEntropy;
import static dev.sluice.autograd.Reductions.argmax;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.Scope;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.bench.story.QuestionKind;
import dev.sluice.bench.story.Stories;
import dev.sluice.bench.story.StoryQuestion;
import dev.sluice.bench.story.Vocabulary;
import dev.sluice.data.Prefetcher;
import dev.sluice.spi.Backend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The test of reading stories.
 *
 * @param configuration how many questions, and how many at once
 * @param backend what computes
 */
record ComprehensionEvaluation(ComprehensionConfiguration configuration, Backend backend) {
  private static final int READ_AHEAD = 4;

  /** So many sentences show well what is looked at. */
  private static final int LONG_STORY = 7;

  /**
   * What a test says of a kind of question.
   *
   * @param kind which
   * @param facts how many sentences an answer follows from
   * @param questions how many there were
   * @param accuracy share answered rightly, in [0, 1]
   * @param picked share where the sentence that was picked is one that the answer follows from; null where nothing is
   *     picked
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Kind(QuestionKind kind, int facts, int questions, double accuracy, @Nullable Double picked) {}

  /**
   * What a test says.
   *
   * @param loss mean cross-entropy
   * @param accuracy share answered rightly, in [0, 1]
   * @param oneFactAccuracy the same, of the questions whose answer follows from one sentence
   * @param kinds one entry per kind of question
   */
  record Figures(double loss, double accuracy, double oneFactAccuracy, List<Kind> kinds) {}

  /**
   * One question answered.
   *
   * @param question what was asked
   * @param answer what the model says
   * @param candidateWeights of each sentence (sentences, candidates); null where there are none
   * @param sentenceWeights of each look at the sentences (looks, sentences)
   */
  record Answered(StoryQuestion question, String answer, double @Nullable [][] candidateWeights,
      double[][] sentenceWeights) {
    boolean isRight() {
      return answer.equals(question.answer());
    }

    /**
     * The sentence that the last look weighs most; without one, that which looked at the answer most; null where
     * nothing looks at anything.
     */
    @Nullable Integer picked() {
      if (sentenceWeights.length > 0) {
        return largest(sentenceWeights[sentenceWeights.length - 1]);
      }
      return candidateWeights == null ? null : largest(column(candidateWeights, Vocabulary.candidate(answer)));
    }

    private static double[] column(double[][] matrix, int column) {
      double[] values = new double[matrix.length];
      for (int row = 0; row < matrix.length; row++) {
        values[row] = matrix[row][column];
      }
      return values;
    }

    private static int largest(double[] values) {
      int largest = 0;
      for (int i = 1; i < values.length; i++) {
        if (values[i] > values[largest]) {
          largest = i;
        }
      }
      return largest;
    }
  }

  /** Counts of a kind of question. */
  private static final class Tally {
    private int questions;
    private int right;
    private int picks;
    private int rightPicks;

    void add(Answered answered) {
      questions++;
      right += answered.isRight() ? 1 : 0;
      Integer picked = answered.picked();
      picks += picked == null ? 0 : 1;
      rightPicks += picked != null && answered.question().facts().contains(picked) ? 1 : 0;
    }

    Kind of(QuestionKind kind) {
      return new Kind(kind, kind.facts(), questions, share(right, questions),
          picks == 0 ? null : share(rightPicks, picks));
    }
  }

  /** Asks the questions of the test. */
  Figures figures(ComprehensionModel model) {
    model.eval();
    double sum = 0;
    Map<QuestionKind, Tally> tallies = new EnumMap<>(QuestionKind.class);
    try (Tape.NoGrad _ = Tape.noGrad(); var batches = new Prefetcher<>(test(), READ_AHEAD)) {
      while (batches.hasNext()) {
        StoryBatch batch = batches.next();
        try (Scope _ = Scope.open()) {
          ComprehensionModel.Reading reading = model.forward(StoryTensors.of(batch, backend));
          sum += crossEntropy(reading.logits(), answers(batch)).item() * batch.size();
          for (Answered answered : answered(batch, reading)) {
            tallies.computeIfAbsent(answered.question().kind(), _ -> new Tally()).add(answered);
          }
        }
      }
    }
    List<Kind> kinds = tallies.entrySet().stream().map(entry -> entry.getValue().of(entry.getKey())).toList();
    return new Figures(sum / configuration.testQuestions(), accuracy(kinds),
        accuracy(kinds.stream().filter(kind -> kind.facts() == 1).toList()), kinds);
  }

  /** The share answered rightly of all questions of these kinds. */
  private static double accuracy(List<Kind> kinds) {
    double right = kinds.stream().mapToDouble(kind -> kind.accuracy() * kind.questions()).sum();
    return share(Math.round(right), kinds.stream().mapToInt(Kind::questions).sum());
  }

  private static double share(long part, int whole) {
    return whole == 0 ? 0 : part / (double) whole;
  }

  private Iterator<StoryBatch> test() {
    return StoryBatch.cut(Stories.test(configuration.testQuestions()), configuration.batch());
  }

  /** The places of the right answers (batch). */
  Tensor answers(StoryBatch batch) {
    return Tensor.of(backend, batch.answers(), batch.size());
  }

  /** Answers a question of each kind in the test, the first about a long story, and tells what was looked at. */
  List<Answered> oneOfEachKind(ComprehensionModel model) {
    Map<QuestionKind, StoryQuestion> chosen = new EnumMap<>(QuestionKind.class);
    Stories.test(configuration.testQuestions())
        .forEachRemaining(question -> chosen.merge(question.kind(), question, ComprehensionEvaluation::better));
    model.eval();
    StoryBatch batch = StoryBatch.of(List.copyOf(chosen.values()));
    try (Tape.NoGrad _ = Tape.noGrad(); Scope _ = Scope.open()) {
      return answered(batch, model.forward(StoryTensors.of(batch, backend)));
    }
  }

  private static StoryQuestion better(StoryQuestion one, StoryQuestion other) {
    int length = one.sentences().size();
    return length >= LONG_STORY || length >= other.sentences().size() ? one : other;
  }

  private static List<Answered> answered(StoryBatch batch, ComprehensionModel.Reading reading) {
    int[] answers = argmax(reading.logits(), 1).toInts();
    int candidates = Vocabulary.CANDIDATES.size();
    double @Nullable [] seen = reading.candidateWeights() == null ? null : reading.candidateWeights().toDoubles();
    List<double[]> looks = reading.sentenceWeights().stream().map(Tensor::toDoubles).toList();
    List<Answered> all = new ArrayList<>();
    for (int row = 0; row < batch.size(); row++) {
      int from = row * Stories.MOST_SENTENCES;
      int sentences = batch.storyLengths()[row];
      double[][] weights = new double[looks.size()][];
      for (int look = 0; look < weights.length; look++) {
        weights[look] = Arrays.copyOfRange(looks.get(look), from, from + sentences);
      }
      all.add(new Answered(batch.questions().get(row), Vocabulary.CANDIDATES.get(answers[row]),
          seen == null ? null : rows(seen, from, sentences, candidates), weights));
    }
    return all;
  }

  /** Some rows of a matrix of so many columns. */
  private static double[][] rows(double[] values, int from, int rows, int columns) {
    double[][] cut = new double[rows][];
    for (int row = 0; row < rows; row++) {
      cut[row] = Arrays.copyOfRange(values, (from + row) * columns, (from + row + 1) * columns);
    }
    return cut;
  }
}
