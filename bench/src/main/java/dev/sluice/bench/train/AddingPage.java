package dev.sluice.bench.train;

import dev.sluice.bench.report.Page;
import java.util.List;
import java.util.Locale;

/** The page of a training on the adding problem: its course. */
final class AddingPage {
  private AddingPage() {}

  /** Of a training that is done. */
  static Page of(AddingReport report, Course course) {
    AddingConfiguration configuration = report.configuration();
    return new Page("The adding problem over " + configuration.steps() + " steps by " + configuration.cell(),
        String.format(Locale.ROOT, "Test loss %.5f after %d iterations and %.0f s of training; always answering 1 gives"
            + " 0.167.", report.testLoss(), report.iterations(), report.trainSeconds()),
        CoursePage.facts(report), List.of(CoursePage.section(course, "mean squared error",
            CoursePage.test("test", course, configuration.evaluateEvery(),
                report.rounds().stream().map(AddingReport.Round::testLoss).toList()), List.of())));
  }
}
