package dev.sluice.bench.train;

import dev.sluice.Generator;
import java.util.Arrays;

/**
 * A graph of communities on the host (stochastic block model: Holland, Laskey and Leinhardt 1983): node i belongs to
 * community i mod communities; two nodes of one have an edge with one chance, two of different ones with another. A
 * node's features are its community's mean, a random direction of a given length, and noise of N(0, 1). Which nodes
 * train is drawn too; the others are the test.
 *
 * @param nodes how many
 * @param width features of a node
 * @param features (nodes, width) in row-major order
 * @param communities (nodes)
 * @param edges (nodes, nodes), symmetric, false on the diagonal
 * @param training (nodes): whether a node's community is known in training
 */
record CommunityGraph(int nodes, int width, float[] features, int[] communities, boolean[] edges, boolean[] training) {
  /** Far from where the initial values of a seed are drawn. */
  private static final long OFFSET = 1L << 40;

  /** Draws the graph of a seed. */
  static CommunityGraph draw(GraphConfiguration configuration, long seed) {
    var generator = new Generator(seed, OFFSET);
    int nodes = configuration.nodes();
    int width = configuration.features();
    int[] communities = new int[nodes];
    Arrays.setAll(communities, node -> node % configuration.communities());
    float[] features = generator.normal(nodes * width, 0, 1);
    float[] means = means(configuration, generator);
    for (int i = 0; i < features.length; i++) {
      features[i] += means[communities[i / width] * width + i % width];
    }
    return new CommunityGraph(nodes, width, features, communities, edges(configuration, communities, generator),
        training(configuration, generator));
  }

  /** (communities, width), each row as long as the signal. */
  private static float[] means(GraphConfiguration configuration, Generator generator) {
    int width = configuration.features();
    float[] means = generator.normal(configuration.communities() * width, 0, 1);
    for (int start = 0; start < means.length; start += width) {
      double squares = 0;
      for (int f = 0; f < width; f++) {
        squares += means[start + f] * means[start + f];
      }
      for (int f = 0; f < width; f++) {
        means[start + f] *= (float) (configuration.signal() / Math.sqrt(squares));
      }
    }
    return means;
  }

  private static boolean[] edges(GraphConfiguration configuration, int[] communities, Generator generator) {
    int nodes = communities.length;
    boolean[] edges = new boolean[nodes * nodes];
    for (int i = 1; i < nodes; i++) {
      float[] chances = generator.uniform(i, 0, 1);
      for (int j = 0; j < i; j++) {
        boolean same = communities[i] == communities[j];
        boolean edge = chances[j] < (same ? configuration.inside() : configuration.outside());
        edges[i * nodes + j] = edge;
        edges[j * nodes + i] = edge;
      }
    }
    return edges;
  }

  /** As many as the share says, and at least one; at least one is left. */
  private static boolean[] training(GraphConfiguration configuration, Generator generator) {
    int nodes = configuration.nodes();
    float[] ranks = generator.uniform(nodes, 0, 1);
    float[] sorted = ranks.clone();
    Arrays.sort(sorted);
    int count = Math.clamp(Math.round(configuration.trainShare() * nodes), 1, nodes - 1);
    boolean[] training = new boolean[nodes];
    for (int node = 0; node < nodes; node++) {
      training[node] = ranks[node] < sorted[count];
    }
    return training;
  }

  /** How many edges there are. */
  int edgeCount() {
    int ends = 0;
    for (boolean edge : edges) {
      ends += edge ? 1 : 0;
    }
    return ends / 2;
  }

  /** The nodes of one part: labels of the others are the ignored one. */
  int[] labels(boolean ofTraining, int ignored) {
    int[] labels = communities.clone();
    for (int node = 0; node < nodes; node++) {
      labels[node] = training[node] == ofTraining ? labels[node] : ignored;
    }
    return labels;
  }
}
