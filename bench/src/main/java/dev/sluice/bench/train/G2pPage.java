package dev.sluice.bench.train;

import dev.sluice.bench.report.Page;
import dev.sluice.bench.report.Picture;
import dev.sluice.nn.sequence.Hypothesis;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The page of a training on a pronouncing dictionary: its course, and which letters each phoneme came from. */
final class G2pPage {
  /** Test words whose alignments are drawn. */
  private static final int WORDS = 12;
  /** Shorter words have little to align. */
  private static final int LEAST_LETTERS = 5;
  private static final String END = "end";

  private G2pPage() {}

  /** Of a training that is done. */
  static Page of(G2pReport report, G2pTraining training, DictionarySplit split) {
    Course course = training.course();
    int steps = Math.ceilDiv(course.steps().size(), report.epochs().size());
    G2pConfiguration configuration = report.configuration();
    List<Page.Section> sections = new ArrayList<>();
    sections.add(CoursePage.section(course, "mean cross-entropy, nats",
        CoursePage.test("test", course, course.steps().size(), List.of(report.testLoss())),
        List.of(
            CoursePage.test("phonemes of validation words", course, steps,
                report.epochs().stream().map(epoch -> 1 - epoch.validationPhonemeErrorRate()).toList()),
            CoursePage.test("validation words", course, steps,
                report.epochs().stream().map(epoch -> 1 - epoch.validationWordErrorRate()).toList()))));
    List<Picture> alignments = alignments(configuration, training, split.test());
    if (!alignments.isEmpty()) {
      sections.add(new Page.Section("Letters and phonemes",
          "How much each letter counted when each phoneme was said, in some words of the test"
              + weighed(configuration.options().attention()) + ".", null, alignments));
    }
    AttentionOption attention = configuration.options().attention();
    return new Page("Letters to phonemes by " + configuration.options().model()
        + (attention == null ? "" : " with attention " + attention),
        String.format(Locale.ROOT, "Of the test words %.2f %% are wrong, of their phonemes %.2f %%, after %d epochs and"
            + " %.0f s of training.", 100 * report.wordErrorRate(), 100 * report.phonemeErrorRate(),
            report.epochs().size(), report.trainSeconds()),
        CoursePage.facts(report), sections);
  }

  /** What the weights are, in words; null is a transformer's attention. */
  private static String weighed(@Nullable AttentionOption attention) {
    return switch (attention) {
      case null -> ": the mean over the heads of all layers";
      case AttentionOption.Hard _ -> "; what was not selected has exactly 0";
      case AttentionOption.Plain.SPARSEMAX -> "; what scored low has exactly 0";
      case AttentionOption.Plain.MULTIHEAD -> ": the mean over the heads";
      case AttentionOption.Plain _ -> "";
    };
  }

  /** None of words too short to be drawn. */
  private static List<Picture> alignments(G2pConfiguration configuration, G2pTraining training, List<Word> test) {
    List<String> spellings = test.stream().map(Word::spelling).filter(word -> word.length() >= LEAST_LETTERS)
        .limit(WORDS).toList();
    if (spellings.isEmpty()) {
      return List.of();
    }
    List<List<Hypothesis>> found =
        training.evaluation().pronounce(training.model(), spellings, configuration.options().beam());
    List<Picture> pictures = new ArrayList<>();
    for (int i = 0; i < spellings.size(); i++) {
      pictures.add(alignment(configuration.vocabulary(), spellings.get(i), found.get(i).getFirst()));
    }
    return pictures;
  }

  private static Picture alignment(G2pVocabulary vocabulary, String spelling, Hypothesis best) {
    List<String> phonemes = new ArrayList<>(vocabulary.pronunciation(best.tokens()));
    if (best.ended()) {
      phonemes.add(END);
    }
    double[][] weights = new double[phonemes.size()][spelling.length()];
    for (int row = 0; row < weights.length; row++) {
      for (int letter = 0; letter < spelling.length(); letter++) {
        weights[row][letter] = best.weights().get(row)[letter];
      }
    }
    return new Picture.Matrix(spelling, "", "phoneme", phonemes, "letter",
        spelling.chars().mapToObj(Character::toString).toList(), "weight", weights);
  }
}
