package dev.sluice.nn.attention;

import static dev.sluice.testing.EveryBackend.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GraphAttentionTest {
  /** Node 0 sees 1 and 2, node 1 sees 0, node 2 sees itself alone, node 3 sees none. */
  private static final boolean[] GRAPH = {
    false, true, true, false,
    true, false, false, false,
    false, false, true, false,
    false, false, false, false};

  private static Tensor graph(Backend backend) {
    return Tensor.of(backend, GRAPH, 4, 4);
  }

  /** Values are (x, x + 0.5) for a node x. */
  private static GraphAttention known(GraphAttentionOptions options, Backend backend) {
    var attention = new GraphAttention(options, new Generator(1));
    attention.to(backend);
    EveryBackend.assign(attention.namedParameters().get("value.weight"), new double[] {1, 1});
    EveryBackend.assign(attention.namedParameters().get("value.bias"), new double[] {0, 0.5});
    return attention;
  }

  @Test
  void additiveScoresByHand() {
    for (Backend backend : EveryBackend.all()) {
      var attention = known(GraphAttentionOptions.of(1, 2).withSelfLoops(false), backend);
      EveryBackend.assign(attention.namedParameters().get("target"), new double[] {1, -2});
      EveryBackend.assign(attention.namedParameters().get("source"), new double[] {0.5, 1});
      Attended attended = attention.attend(Tensor.of(backend, new double[] {1, 2, -3, 4}, 4, 1), graph(backend));
      // Node 0: target 1 - 2 * 1.5 = -2; sources of nodes 1 and 2: 0.5 * 2 + 2.5 = 3.5, 0.5 * -3 - 2.5 = -4.
      double one = Math.exp(1.5);
      double two = Math.exp(0.2 * -6);
      double a = one / (one + two);
      double b = two / (one + two);
      assertClose("weights", new double[] {0, a, b, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0}, attended.weights());
      assertClose("output", new double[] {2 * a - 3 * b, 2.5 * a - 2.5 * b, 1, 1.5, -3, -2.5, 0, 0},
          attended.output());
    }
  }

  @ParameterizedTest
  @CsvSource({"DOT, 1", "SCALED, 1.4142135623730951"})
  void productScoresByHand(Score score, double divisor) {
    for (Backend backend : EveryBackend.all()) {
      var attention = known(GraphAttentionOptions.of(1, 2).withScore(score).withSelfLoops(false), backend);
      EveryBackend.assign(attention.namedParameters().get("query.weight"), new double[] {1, 2});
      EveryBackend.assign(attention.namedParameters().get("key.weight"), new double[] {0.5, -0.5});
      Attended attended = attention.attend(Tensor.of(backend, new double[] {1, 2, -3, 4}, 4, 1), graph(backend));
      // Of node 0, the query is (1, 2), and the keys of nodes 1 and 2 are (1, -1) and (-1.5, 1.5).
      double one = Math.exp(-1 / divisor);
      double two = Math.exp(1.5 / divisor);
      double a = one / (one + two);
      double b = two / (one + two);
      assertClose("weights", new double[] {0, a, b, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0}, attended.weights());
      assertClose("output", new double[] {2 * a - 3 * b, 2.5 * a - 2.5 * b, 1, 1.5, -3, -2.5, 0, 0},
          attended.output());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ADDITIVE", "SCALED"})
  void aNodeAloneIsZeroOrItself(Score score) {
    for (Backend backend : EveryBackend.all()) {
      Tensor nodes = Tensor.of(backend, new double[] {1, 2, -3, 4}, 4, 1);
      Tensor nothing = Tensor.of(backend, new boolean[16], 4, 4);
      var alone = known(GraphAttentionOptions.of(1, 2).withScore(score).withSelfLoops(false), backend);
      assertClose("alone", new double[8], alone.forward(nodes, nothing));
      var itself = known(GraphAttentionOptions.of(1, 2).withScore(score), backend);
      assertClose("itself", new double[] {1, 1.5, 2, 2.5, -3, -2.5, 4, 4.5}, itself.forward(nodes, nothing));
      assertArrayEquals(new boolean[16], nothing.toBooleans());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ADDITIVE", "SCALED"})
  void whatIsNotSeenDoesNotCount(Score score) {
    var attention = new GraphAttention(
        GraphAttentionOptions.of(3, 2).withHeads(2).withScore(score).withSelfLoops(false), new Generator(2));
    attention.to(FiniteDifferences.backend());
    Tensor nodes = FiniteDifferences.leaf(1, 4, 3);
    double[] output = attention.forward(nodes, graph(FiniteDifferences.backend())).toDoubles();
    double[] moved = nodes.toDoubles();
    moved[9] += 5;
    assertArrayEquals(output, attention.forward(Tensor.of(FiniteDifferences.backend(), moved, 4, 3),
        graph(FiniteDifferences.backend())).toDoubles(), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({"ADDITIVE, true, true", "ADDITIVE, false, false", "SCALED, true, false", "SCALED, false, true",
      "DOT, true, true"})
  void gradients(Score score, boolean concat, boolean selfLoops) {
    var options = GraphAttentionOptions.of(3, 2).withHeads(2).withScore(score).withConcat(concat)
        .withSelfLoops(selfLoops);
    var one = new GraphAttention(options, new Generator(1));
    ModuleGradients.check(one, x -> {
      Attended attended = one.attend(x[0], graph(FiniteDifferences.backend()));
      return List.of(attended.output(), attended.weights());
    }, FiniteDifferences.leaf(1, 4, 3));
    var batch = new GraphAttention(options.withBias(false), new Generator(1));
    boolean[] graphs = new boolean[32];
    System.arraycopy(GRAPH, 0, graphs, 0, 16);
    graphs[19] = true;
    Tensor adjacency = Tensor.of(FiniteDifferences.backend(), graphs, 2, 4, 4);
    ModuleGradients.check(batch, x -> List.of(batch.forward(x[0], adjacency)), FiniteDifferences.leaf(1, 2, 4, 3));
  }

  @Test
  void oneGraphServesABatch() {
    var attention = new GraphAttention(GraphAttentionOptions.of(3, 2).withHeads(2), new Generator(1));
    Tensor nodes = Tensor.of(new Generator(2).normal(24, 0, 1), 2, 4, 3);
    boolean[] twice = new boolean[32];
    System.arraycopy(GRAPH, 0, twice, 0, 16);
    System.arraycopy(GRAPH, 0, twice, 16, 16);
    Tensor output = attention.forward(nodes, Tensor.of(GRAPH, 4, 4));
    assertEquals(Shape.of(2, 4, 4), output.shape());
    assertArrayEquals(attention.forward(nodes, Tensor.of(twice, 2, 4, 4)).toFloats(), output.toFloats());
  }

  @ParameterizedTest
  @EnumSource(names = {"ADDITIVE", "SCALED"})
  void weightsAreDroppedInTrainingOnly(Score score) {
    var attention = new GraphAttention(GraphAttentionOptions.of(3, 2).withScore(score).withDropout(0.5),
        new Generator(1));
    Tensor nodes = Tensor.of(new Generator(2).normal(12, 0, 1), 4, 3);
    Tensor adjacency = Tensor.of(GRAPH, 4, 4);
    Set<List<Float>> outputs = new HashSet<>();
    for (int call = 0; call < 6; call++) {
      outputs.add(list(attention.forward(nodes, adjacency)));
    }
    assertNotEquals(1, outputs.size());
    attention.eval();
    assertEquals(list(attention.forward(nodes, adjacency)), list(attention.forward(nodes, adjacency)));
  }

  private static List<Float> list(Tensor tensor) {
    List<Float> list = new ArrayList<>();
    for (float value : tensor.toFloats()) {
      list.add(value);
    }
    return list;
  }

  @Test
  void namesParametersByTheirRole() {
    var additive = new GraphAttention(GraphAttentionOptions.of(3, 2).withHeads(4), new Generator(1));
    assertEquals(Set.of("value.weight", "value.bias", "target", "source"), additive.namedParameters().keySet());
    assertEquals(Shape.of(8, 3), additive.namedParameters().get("value.weight").shape());
    assertEquals(Shape.of(4, 2), additive.namedParameters().get("target").shape());
    var product = new GraphAttention(GraphAttentionOptions.of(3, 2).withScore(Score.DOT).withBias(false),
        new Generator(1));
    assertEquals(Set.of("value.weight", "query.weight", "key.weight"), product.namedParameters().keySet());
  }

  @Test
  void badArgumentsAreRefused() {
    refused("graphAttention: heads is 0, wanted 1 or more", () -> GraphAttentionOptions.of(3, 2).withHeads(0));
    refused("graphAttention: score is GENERAL, wanted DOT, SCALED or ADDITIVE: projections make GENERAL of DOT",
        () -> GraphAttentionOptions.of(3, 2).withScore(Score.GENERAL));
    refused("graphAttention: dropout is 2.0, wanted a probability, 0 to 1",
        () -> GraphAttentionOptions.of(3, 2).withDropout(2));
    var attention = new GraphAttention(GraphAttentionOptions.of(3, 2), new Generator(1));
    refused("graphAttention: nodes has shape (4, 2), wanted (batch, nodes, 3) or (nodes, 3)",
        () -> attention.forward(Tensor.zeros(4, 2), Tensor.of(GRAPH, 4, 4)));
    refused("graphAttention: adjacency is REAL, wanted BOOL",
        () -> attention.forward(Tensor.zeros(4, 3), Tensor.zeros(4, 4)));
    refused("graphAttention: adjacency has shape (4, 4), wanted (5, 5), or a batch of it as the nodes (5, 3) are",
        () -> attention.forward(Tensor.zeros(5, 3), Tensor.of(GRAPH, 4, 4)));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
