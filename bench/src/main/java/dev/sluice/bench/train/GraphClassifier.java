package dev.sluice.bench.train;

import static dev.sluice.autograd.Pointwise.relu;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.nn.Module;
import dev.sluice.nn.attention.GraphAttention;
import dev.sluice.nn.attention.GraphAttentionOptions;

/**
 * A graph in, scores of each node's community out: two layers of attention over neighbours, as in the paper (arXiv
 * 1710.10903) but for its ELU, which is a ReLU here. Children: {@code hidden} and {@code classifier}.
 */
final class GraphClassifier extends Module {
  private final GraphAttention hidden;
  private final GraphAttention classifier;

  /**
   * Makes the layers.
   *
   * @param generator draws the initial values, and what is dropped
   */
  GraphClassifier(GraphConfiguration configuration, Generator generator) {
    GraphAttentionOptions first = GraphAttentionOptions.of(configuration.features(), configuration.hidden())
        .withHeads(configuration.heads())
        .withScore(configuration.score().score())
        .withDropout(configuration.dropout());
    hidden = register("hidden", new GraphAttention(first, generator));
    classifier = register("classifier", new GraphAttention(
        GraphAttentionOptions.of(first.outputWidth(), configuration.communities())
            .withScore(first.score())
            .withDropout(first.dropout()), generator));
  }

  /**
   * Scores every community of every node.
   *
   * @param nodes REAL (nodes, features)
   * @param adjacency BOOL (nodes, nodes)
   * @return logits (nodes, communities)
   */
  Tensor forward(Tensor nodes, Tensor adjacency) {
    return classifier.forward(relu(hidden.forward(nodes, adjacency)), adjacency);
  }
}
