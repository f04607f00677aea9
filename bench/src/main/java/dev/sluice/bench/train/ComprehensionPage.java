package dev.sluice.bench.train;

import dev.sluice.bench.report.Page;
import dev.sluice.bench.report.Picture;
import dev.sluice.bench.story.StoryQuestion;
import dev.sluice.bench.story.Vocabulary;
import dev.sluice.bench.train.ComprehensionEvaluation.Answered;
import dev.sluice.bench.train.ComprehensionEvaluation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The page of a training on stories: its course, its figures by kind of question, and what was looked at in a few. */
final class ComprehensionPage {
  private static final String FACT = "\u25cf ";

  private ComprehensionPage() {}

  /** Of a training that is done. */
  static Page of(ComprehensionReport report, ComprehensionTraining training) {
    Course course = training.course();
    int steps = Math.ceilDiv(course.steps().size(), report.epochs().size());
    List<Page.Section> sections = new ArrayList<>();
    sections.add(CoursePage.section(course, "mean cross-entropy, nats",
        CoursePage.test("test", course, steps,
            report.epochs().stream().map(ComprehensionReport.Epoch::testLoss).toList()),
        List.of(
            CoursePage.test("all questions", course, steps,
                report.epochs().stream().map(ComprehensionReport.Epoch::testAccuracy).toList()),
            CoursePage.test("one fact", course, steps,
                report.epochs().stream().map(ComprehensionReport.Epoch::oneFactAccuracy).toList()))));
    sections.add(new Page.Section("Kinds of question", "", table(report.kinds()), List.of()));
    training.evaluation().oneOfEachKind(training.model()).forEach(answered -> sections.add(story(answered)));
    ComprehensionConfiguration configuration = report.configuration();
    return new Page("Questions about stories by " + configuration.cell() + " with attention "
        + configuration.attention(),
        String.format(Locale.ROOT, "Test accuracy %.4f, of questions with one supporting fact %.4f, after %.0f s of"
            + " training.", report.testAccuracy(), report.oneFactAccuracy(), report.trainSeconds()),
        CoursePage.facts(report), sections);
  }

  private static Page.Table table(List<Kind> kinds) {
    return new Page.Table(List.of("what is asked", "supporting facts", "questions", "accuracy", "a fact was picked"),
        kinds.stream().map(kind -> List.of(kind.kind().toString(), Integer.toString(kind.facts()),
            Integer.toString(kind.questions()), share(kind.accuracy()),
            kind.picked() == null ? "\u2013" : share(kind.picked()))).toList());
  }

  private static String share(double share) {
    return String.format(Locale.ROOT, "%.4f", share);
  }

  private static Page.Section story(Answered answered) {
    StoryQuestion question = answered.question();
    List<String> sentences = IntStream.range(0, question.sentences().size())
        .mapToObj(i -> (question.facts().contains(i) ? FACT : "") + question.sentences().get(i)).toList();
    List<Picture> pictures = new ArrayList<>();
    double[][] looks = answered.sentenceWeights();
    if (looks.length > 0) {
      pictures.add(new Picture.Matrix("What the question looked at", "", "", sentences, "",
          IntStream.rangeClosed(1, looks.length).mapToObj(look -> "look " + look).toList(), "weight",
          transposed(looks)));
    }
    if (answered.candidateWeights() != null) {
      pictures.add(new Picture.Matrix("What each sentence looked at among the candidates", "", "", sentences, "",
          Vocabulary.CANDIDATES, "weight", answered.candidateWeights()));
    }
    String verdict = answered.isRight() ? "rightly" : "but it is " + question.answer();
    return new Page.Section(question.question(), "The model says: " + answered.answer() + ", " + verdict + ". "
        + FACT + "marks what the answer follows from"
        + (pictures.isEmpty() ? ": " + String.join(" ", sentences) : "."), null, pictures);
  }

  private static double[][] transposed(double[][] matrix) {
    double[][] columns = new double[matrix[0].length][matrix.length];
    for (int row = 0; row < matrix.length; row++) {
      for (int column = 0; column < matrix[row].length; column++) {
        columns[column][row] = matrix[row][column];
      }
    }
    return columns;
  }
}
