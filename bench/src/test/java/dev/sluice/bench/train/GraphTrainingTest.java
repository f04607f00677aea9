package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.Generator;
import dev.sluice.bench.terminal.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GraphTrainingTest {
  @TempDir Path folder;

  private static GraphConfiguration configuration(ScoreKind score, double learningRate) {
    return new GraphConfiguration(240, 4, 16, 1, 0.15, 0.01, 0.25, score, 8, 2, 0.2, new ClipOption.Norm(1, 2), 60,
        learningRate);
  }

  private static GraphTraining training(GraphConfiguration configuration, boolean neighbours, long seed) {
    return new GraphTraining(configuration, CommunityGraph.draw(configuration, seed), neighbours, seed,
        Backends.selected());
  }

  @ParameterizedTest
  @EnumSource(names = {"DOT", "SCALED", "ADDITIVE"})
  void neighboursTellWhatANodeAloneDoesNot(ScoreKind score) {
    GraphConfiguration configuration = configuration(score, 0.01);
    GraphReport.Outcome neighbours = training(configuration, true, 1).run(Progress::open);
    GraphReport.Outcome alone = training(configuration, false, 1).run(Progress::open);
    assertTrue(neighbours.testAccuracy() > 0.85, neighbours::toString);
    assertTrue(alone.testAccuracy() < 0.6 && alone.testAccuracy() > 0.25, alone::toString);
    assertTrue(neighbours.gradientNormAfter() <= 1 + 1e-6, neighbours::toString);
    assertTrue(neighbours.gradientNormBefore() >= neighbours.gradientNormAfter(), neighbours::toString);
  }

  @Test
  void theSeedDecidesEveryWeight() {
    List<String> digests = new ArrayList<>();
    for (long seed : new long[] {3, 3, 4}) {
      GraphTraining training = training(configuration(ScoreKind.ADDITIVE, 0.01), true, seed);
      training.run(Progress::open);
      digests.add(WeightsDigest.of(training.model().namedParameters()));
    }
    assertEquals(digests.get(0), digests.get(1));
    assertNotEquals(digests.get(0), digests.get(2));
  }

  @Test
  void stopsWhereTheLossIsNoNumber() {
    var failure = assertThrows(DivergedException.class,
        () -> training(configuration(ScoreKind.DOT, 1e30), true, 1).run(Progress::open));
    assertTrue(failure.getMessage().startsWith("training diverged: the loss is "), failure::getMessage);
  }

  @Test
  void edgesAreSymmetricAndMoreWithinCommunities() {
    CommunityGraph graph = CommunityGraph.draw(configuration(ScoreKind.DOT, 0.01), 5);
    int inside = 0;
    int outside = 0;
    for (int i = 0; i < graph.nodes(); i++) {
      assertFalse(graph.edges()[i * graph.nodes() + i]);
      for (int j = 0; j < i; j++) {
        boolean edge = graph.edges()[i * graph.nodes() + j];
        assertEquals(edge, graph.edges()[j * graph.nodes() + i]);
        boolean same = graph.communities()[i] == graph.communities()[j];
        inside += edge && same ? 1 : 0;
        outside += edge && !same ? 1 : 0;
      }
    }
    assertEquals(graph.edgeCount(), inside + outside);
    // Of 7080 pairs within, and of 21600 between: four standard deviations.
    assertEquals(0.15 * 7080, inside, 4 * Math.sqrt(0.15 * 0.85 * 7080));
    assertEquals(0.01 * 21600, outside, 4 * Math.sqrt(0.01 * 0.99 * 21600));
  }

  @Test
  void everyNodeIsInOnePart() {
    CommunityGraph graph = CommunityGraph.draw(configuration(ScoreKind.DOT, 0.01), 5);
    int[] training = graph.labels(true, -1);
    int[] test = graph.labels(false, -1);
    assertEquals(60, IntStream.of(training).filter(label -> label >= 0).count());
    int[] together = new int[training.length];
    for (int node = 0; node < together.length; node++) {
      together[node] = Math.max(training[node], test[node]);
      assertEquals(-1, Math.min(training[node], test[node]));
    }
    assertArrayEquals(graph.communities(), together);
  }

  @Test
  void aModelMadeAgainHasTheSameFigures() throws IOException {
    GraphConfiguration configuration = configuration(ScoreKind.SCALED, 0.01);
    GraphTraining training = training(configuration, true, 5);
    GraphReport.Outcome outcome = training.run(Progress::open);
    new SavedModel(configuration, 5).write(folder, training.model());
    assertEquals(new SavedModel("graph", 5, configuration), SavedModel.read(folder));
    var again = new GraphClassifier(configuration, new Generator(99));
    SavedModel.load(folder, again);
    var figures = new GraphEvaluation(CommunityGraph.draw(configuration, 5), Backends.selected()).figures(again, true);
    assertEquals(outcome.testLoss(), figures.loss());
    assertEquals(outcome.testAccuracy(), figures.accuracy());
  }
}
