package dev.sluice.bench.train;

import static dev.sluice.autograd.Losses.crossEntropy;
import static dev.sluice.autograd.Reductions.argmax;

import dev.sluice.Scope;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Losses;
import dev.sluice.spi.Backend;
import dev.sluice.spi.CrossEntropySpec.Reduction;

/**
 * The test on a generated graph: the nodes whose community training does not know.
 *
 * @param graph what is trained and tested on
 * @param backend what computes
 */
record GraphEvaluation(CommunityGraph graph, Backend backend) {
  /**
   * What a test says.
   *
   * @param loss mean cross-entropy
   * @param accuracy share of rightly classified nodes, in [0, 1]
   */
  record Figures(double loss, double accuracy) {}

  /** Classifies the test's nodes, which see their neighbours or themselves alone. */
  Figures figures(GraphClassifier model, boolean neighbours) {
    model.eval();
    try (Tape.NoGrad _ = Tape.noGrad(); Scope _ = Scope.open()) {
      Tensor logits = model.forward(features(), adjacency(neighbours));
      int[] found = argmax(logits, 1).toInts();
      int[] labels = graph.labels(false, Losses.IGNORE_INDEX);
      int right = 0;
      int tested = 0;
      for (int node = 0; node < found.length; node++) {
        tested += labels[node] == Losses.IGNORE_INDEX ? 0 : 1;
        right += labels[node] == found[node] ? 1 : 0;
      }
      return new Figures(loss(logits, labels).item(), right / (double) tested);
    }
  }

  /** The features of all nodes (nodes, features). */
  Tensor features() {
    return Tensor.of(backend, graph.features(), graph.nodes(), graph.width());
  }

  /** Who sees whom beside itself (nodes, nodes). */
  Tensor adjacency(boolean neighbours) {
    boolean[] seen = neighbours ? graph.edges() : new boolean[graph.edges().length];
    return Tensor.of(backend, seen, graph.nodes(), graph.nodes());
  }

  /** The mean cross-entropy over the nodes that have a label. */
  Tensor loss(Tensor logits, int[] labels) {
    return crossEntropy(logits, Tensor.of(backend, labels, labels.length), Reduction.MEAN, Losses.IGNORE_INDEX, 0);
  }
}
