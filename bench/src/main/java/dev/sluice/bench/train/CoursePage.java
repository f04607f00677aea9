package dev.sluice.bench.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.bench.report.Curve;
import dev.sluice.bench.report.Curve.Point;
import dev.sluice.bench.report.Page;
import dev.sluice.bench.report.Picture;
import dev.sluice.bench.report.Scale;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What the pages of all training runs have in common: the course of the training, and how it was made. */
final class CoursePage {
  private static final String STEP = "training step";

  /** Points of a curve; more would lie on one another. */
  private static final int MOST_POINTS = 300;

  private CoursePage() {}

  /**
   * A test figure over time.
   *
   * @param name what it is of
   * @param everySteps steps from one look at the test to the next
   * @param values one for each look; the last look may have come earlier, after all steps
   */
  static Curve test(String name, Course course, int everySteps, List<Double> values) {
    List<Point> points = new ArrayList<>();
    for (int look = 1; look <= values.size(); look++) {
      points.add(new Point(Math.min((long) look * everySteps, course.steps().size()), values.get(look - 1)));
    }
    return new Curve(name, points);
  }

  /**
   * The section with loss, accuracy and gradient norms over the steps.
   *
   * @param lossName the loss with its unit
   * @param testLoss over the same steps
   * @param accuracies test accuracies over the same steps; none for none. Beside them comes that of training where
   *     steps have one
   */
  static Page.Section section(Course course, String lossName, Curve testLoss, List<Curve> accuracies) {
    List<Picture> pictures = new ArrayList<>();
    pictures.add(new Picture.Curves("Loss", "", STEP, lossName, Scale.FROM_ZERO,
        List.of(curve("training", course, Course.Stretch::loss), testLoss)));
    if (!accuracies.isEmpty()) {
      List<Curve> curves = new ArrayList<>(accuracies);
      if (!Double.isNaN(course.steps().getFirst().accuracy())) {
        curves.addFirst(curve("training", course, Course.Stretch::accuracy));
      }
      pictures.add(new Picture.Curves("Accuracy", "", STEP, "share answered rightly", Scale.SHARE, curves));
    }
    pictures.add(new Picture.Curves("Gradient norm", "", STEP, "norm of all gradients", Scale.LOGARITHMIC,
        List.of(curve("before clipping", course, Course.Stretch::gradientNormBefore),
            curve("after clipping", course, Course.Stretch::gradientNormAfter))));
    int each = stepsOfAPoint(course);
    String text = each == 1 ? "Every step is a point."
        : "A point of training stands for " + each + " steps: their mean loss and accuracy, their largest gradient norm.";
    return new Page.Section("The course of the training", text, null, pictures);
  }

  private static Curve curve(String name, Course course, ToDoubleFunction<Course.Stretch> figure) {
    List<Course.Step> steps = course.steps();
    int each = stepsOfAPoint(course);
    List<Point> points = new ArrayList<>();
    for (int from = 0; from < steps.size(); from += each) {
      int to = Math.min(from + each, steps.size());
      points.add(new Point(to, figure.applyAsDouble(Course.stretch(steps.subList(from, to)))));
    }
    return new Curve(name, points);
  }

  private static int stepsOfAPoint(Course course) {
    return Math.max(1, Math.ceilDiv(course.steps().size(), MOST_POINTS));
  }

  /** All single figures of a report and of its configuration by their names. */
  static Map<String, String> facts(Record report) {
    JsonNode json = new JsonMapper().valueToTree(report);
    Map<String, String> facts = new LinkedHashMap<>();
    json.properties().forEach(field -> {
      if (field.getValue().isObject()) {
        field.getValue().properties().forEach(option -> add(facts, option));
      } else {
        add(facts, field);
      }
    });
    return facts;
  }

  private static void add(Map<String, String> facts, Map.Entry<String, JsonNode> field) {
    JsonNode value = field.getValue();
    if (value.isValueNode() && !value.isNull()) {
      facts.put(field.getKey(), value.asText());
    }
  }
}
