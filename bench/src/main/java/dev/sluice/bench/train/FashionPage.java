package dev.sluice.bench.train;

import dev.sluice.Scope;
import dev.sluice.Tape;
import dev.sluice.bench.report.Page;
import dev.sluice.bench.report.Picture;
import dev.sluice.data.Batch;
import dev.sluice.data.Batches;
import dev.sluice.data.FashionMnist;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The page of a training on Fashion-MNIST: its course, and what the classifier looked at in an image of each class. */
final class FashionPage {
  private static final List<String> CLASSES = List.of("T-shirt or top", "trouser", "pullover", "dress", "coat",
      "sandal", "shirt", "sneaker", "bag", "ankle boot");
  private static final int SIDE = 28;

  private FashionPage() {}

  /**
   * An image with what was made of it.
   *
   * @param pixels (28, 28), 0 to 1
   * @param answer the class that the model takes it for
   * @param weights what attention gave each step, or each feature
   */
  private record Look(int label, double[][] pixels, int answer, double[] weights) {
    String title() {
      return CLASSES.get(label);
    }

    String caption() {
      return "taken for: " + CLASSES.get(answer) + (answer == label ? ", rightly" : ", wrongly");
    }
  }

  /** Of a training that is done. */
  static Page of(FashionReport report, FashionTraining training, FashionMnist images) {
    Course course = training.course();
    int steps = Math.ceilDiv(course.steps().size(), report.epochs().size());
    List<Page.Section> sections = new ArrayList<>();
    sections.add(CoursePage.section(course, "mean cross-entropy, nats",
        CoursePage.test("test", course, steps, report.epochs().stream().map(FashionReport.Epoch::testLoss).toList()),
        List.of(CoursePage.test("test", course, steps,
            report.epochs().stream().map(FashionReport.Epoch::testAccuracy).toList()))));
    FashionConfiguration configuration = report.configuration();
    if (configuration.attention() != AttentionOption.Plain.NONE) {
      sections.add(attention(configuration, looks(training, images)));
    }
    String reader = configuration.network() == NetworkKind.CNN ? "convolutions" : configuration.cell().toString();
    return new Page("Fashion-MNIST by " + reader + " with attention " + configuration.attention(),
        String.format(Locale.ROOT, "Test accuracy %.4f after %d epoch%s and %.0f s of training.",
            report.testAccuracy(), report.epochs().size(), report.epochs().size() == 1 ? "" : "s",
            report.trainSeconds()),
        CoursePage.facts(report), sections);
  }

  private static Page.Section attention(FashionConfiguration configuration, List<Look> looks) {
    if (configuration.attention() == AttentionOption.Plain.FEATURE) {
      int features = looks.getFirst().weights().length;
      List<String> columns = new ArrayList<>();
      for (int feature = 1; feature <= features; feature++) {
        columns.add(Integer.toString(feature));
      }
      return new Page.Section("What the classifier looked at",
          "The first test image of each class: what each feature of its last output weighs.", null,
          List.of(new Picture.Matrix("Features", "", "", looks.stream().map(Look::title).toList(), "feature", columns,
              "weight", looks.stream().map(Look::weights).toArray(double[][]::new))));
    }
    double largest = looks.stream().flatMapToDouble(look -> Arrays.stream(look.weights())).max().orElse(0);
    double most = largest > 0 ? largest : 1;
    return new Page.Section("What the classifier looked at",
        "The first test image of each class, and " + weighed(configuration) + ".", null,
        looks.stream().map(look -> new Picture.Image(look.title(), look.caption(), look.pixels(), "weight",
            overImage(look.weights()), most)).toList());
  }

  /** What the weights are, in words. */
  private static String weighed(FashionConfiguration configuration) {
    boolean convolved = configuration.network() == NetworkKind.CNN;
    String part = convolved ? "place of the last map" : configuration.pixels() ? "pixel" : "row";
    String beyond = convolved ? "a place knows what lies around it too"
        : configuration.cell() == CellKind.NONE ? "a " + part + " is read by itself"
        : configuration.bidirectional() ? "a model reads from both ends, so an output knows what lies around it too"
        : "a model reads from the top, so an output knows what lies above it too";
    String kind = switch (configuration.attention()) {
      case AttentionOption.Hard _ -> " (what was not selected has exactly 0)";
      case AttentionOption.Plain.SPARSEMAX -> " (what scored low has exactly 0)";
      case AttentionOption.Plain.SELF -> " in the mean over all that look";
      case AttentionOption.Plain.MULTIHEAD -> " in the mean over the heads";
      case AttentionOption.Plain _ -> "";
    };
    return "the attention weight of each " + part + kind + "; " + beyond;
  }

  /** Weights of rows as a column; those of pixels, or of the places of a map, as squares that fill the image. */
  private static double[][] overImage(double[] weights) {
    if (weights.length == SIDE) {
      return rows(weights, 1);
    }
    int places = (int) Math.round(Math.sqrt(weights.length));
    double[][] image = new double[SIDE][SIDE];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        image[y][x] = weights[y * places / SIDE * places + x * places / SIDE];
      }
    }
    return image;
  }

  /** The first test image of each class. */
  private static List<Look> looks(FashionTraining training, FashionMnist images) {
    FashionEvaluation evaluation = training.evaluation();
    FashionClassifier model = training.model();
    model.eval();
    Map<Integer, Look> looks = new TreeMap<>();
    Iterator<Batch> each = new Batches(images.test(), 1, FashionMnist.SCALING).inOrder();
    try (Tape.NoGrad _ = Tape.noGrad()) {
      while (each.hasNext() && looks.size() < FashionMnist.CLASSES) {
        Batch image = each.next();
        int label = image.labels()[0];
        if (!looks.containsKey(label)) {
          looks.put(label, look(evaluation, model, image));
        }
      }
    }
    return List.copyOf(looks.values());
  }

  private static Look look(FashionEvaluation evaluation, FashionClassifier model, Batch image) {
    try (Scope _ = Scope.open()) {
      FashionClassifier.Reading reading = model.read(evaluation.images(image));
      double[] pixels = new double[SIDE * SIDE];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = image.images()[i] * FashionMnist.SCALING.deviation() + FashionMnist.SCALING.mean();
      }
      return new Look(image.labels()[0], rows(pixels, SIDE), evaluation.classes(reading.logits())[0],
          reading.requireWeights().toDoubles());
    }
  }

  /** A matrix of so many columns. */
  private static double[][] rows(double[] values, int columns) {
    double[][] rows = new double[values.length / columns][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
    }
    return rows;
  }
}
