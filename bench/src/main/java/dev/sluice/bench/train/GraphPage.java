package dev.sluice.bench.train;

import dev.sluice.bench.report.Page;
import java.util.List;
import java.util.Locale;

/** The page of a training on a generated graph: what the neighbours were worth, and the course with them. */
final class GraphPage {
  private GraphPage() {}

  /**
   * Of a training that is done.
   *
   * @param course that of the model whose nodes see their neighbours
   */
  static Page of(GraphReport report, Course course) {
    GraphReport.Outcome neighbours = report.neighbours();
    GraphReport.Outcome alone = report.alone();
    var figures = new Page.Table(List.of("nodes see", "test accuracy", "test loss", "seconds"),
        List.of(row("their neighbours", neighbours), row("themselves alone", alone)));
    return new Page("Nodes of a graph with attention over their neighbours",
        String.format(Locale.ROOT, "Test accuracy %.4f with neighbours and %.4f without.", neighbours.testAccuracy(),
            alone.testAccuracy()),
        CoursePage.facts(report),
        List.of(new Page.Section("What the neighbours are worth", "", figures, List.of()),
            CoursePage.section(course, "mean cross-entropy, nats",
                CoursePage.test("test", course, course.steps().size(), List.of(neighbours.testLoss())), List.of())));
  }

  private static List<String> row(String name, GraphReport.Outcome outcome) {
    return List.of(name, String.format(Locale.ROOT, "%.4f", outcome.testAccuracy()),
        String.format(Locale.ROOT, "%.4g", outcome.testLoss()),
        String.format(Locale.ROOT, "%.1f", outcome.trainSeconds()));
  }
}
