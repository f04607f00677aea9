package dev.sluice.nn.attention;

import static dev.sluice.autograd.Adjacency.withSelfLoops;
import static dev.sluice.autograd.Arithmetic.add;
import static dev.sluice.autograd.Attention.scaledDotProductAttention;
import static dev.sluice.autograd.Dropouts.dropout;
import static dev.sluice.autograd.Pointwise.leakyRelu;
import static dev.sluice.autograd.Products.matmul;
import static dev.sluice.autograd.Reductions.mean;
import static dev.sluice.autograd.Shaping.expand;
import static dev.sluice.autograd.Shaping.permute;
import static dev.sluice.autograd.Shaping.reshape;
import static dev.sluice.autograd.Shaping.squeeze;
import static dev.sluice.autograd.Shaping.transpose;
import static dev.sluice.autograd.Shaping.unsqueeze;
import static dev.sluice.autograd.Softmax.maskedSoftmax;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.AttentionOptions;
import dev.sluice.autograd.AttentionResult;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Init;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.spi.ElementType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Attention of each node of a graph over its neighbours (Velickovic et al.: Graph attention networks, arXiv
 * 1710.10903). With values {@code v_j = W x_j + b} of each head, node i becomes {@code sum of a_ij v_j} over the nodes
 * j that it sees, {@code a_i} the softmax of its scores: ADDITIVE {@code leakyRelu(t . v_i + s . v_j)}, DOT {@code
 * (Q x_i) . (K x_j)}, SCALED the same over sqrt(outFeatures). A node that sees none becomes 0; one that sees only
 * itself, its own value. Scores are dense, nodes by nodes; those of DOT and SCALED are never kept.
 *
 * <p>Parameters: {@code value.weight} (heads * outFeatures, inFeatures) and {@code value.bias}; {@code target} and
 * {@code source} (heads, outFeatures) for ADDITIVE; {@code query.weight} and {@code key.weight}, as the value's, else.
 * Weights start as Glorot and Bengio's uniform, the bias at 0.
 */
public final class GraphAttention extends Module {
  private static final String NAME = "graphAttention";

  private final GraphAttentionOptions options;
  private final Generator generator;
  private final Linear value;
  private final @Nullable Linear query;
  private final @Nullable Linear key;

  /**
   * Makes the projections.
   *
   * @param generator draws the initial values, and what is dropped
   */
  public GraphAttention(GraphAttentionOptions options, Generator generator) {
    this.options = options;
    this.generator = generator;
    boolean additive = options.score() == Score.ADDITIVE;
    value = register("value", projection(options.bias()));
    query = additive ? null : register("query", projection(false));
    key = additive ? null : register("key", projection(false));
    if (additive) {
      parameter("target", Init.xavierUniform(Tensor.zeros(options.heads(), options.outFeatures()), 1, generator));
      parameter("source", Init.xavierUniform(Tensor.zeros(options.heads(), options.outFeatures()), 1, generator));
    }
  }

  private Linear projection(boolean bias) {
    Linear linear = new Linear(options.inFeatures(), options.heads() * options.outFeatures(), bias, generator);
    Init.xavierUniform(linear.weight(), 1, generator);
    if (linear.bias() != null) {
      Init.constant(linear.bias(), 0);
    }
    return linear;
  }

  /** What it was made with. */
  public GraphAttentionOptions options() {
    return options;
  }

  /** The output of {@link #attend}, without keeping weights where the score allows it. */
  public Tensor forward(Tensor nodes, Tensor adjacency) {
    return attend(nodes, adjacency, false).output();
  }

  /**
   * Attends over neighbours.
   *
   * @param nodes REAL (batch, nodes, inFeatures), or (nodes, inFeatures) for one graph
   * @param adjacency BOOL (batch, nodes, nodes) or (nodes, nodes): true where the node of the row sees that of the
   *     column; one graph without a batch serves the whole batch
   * @return output (..., nodes, {@link GraphAttentionOptions#outputWidth}) and weights (..., heads, nodes, nodes),
   *     after dropout
   */
  public Attended attend(Tensor nodes, Tensor adjacency) {
    AttentionResult result = attend(nodes, adjacency, true);
    return new Attended(result.output(), Objects.requireNonNull(result.weights()));
  }

  private AttentionResult attend(Tensor nodes, Tensor adjacency, boolean needWeights) {
    requireArguments(nodes, adjacency);
    if (nodes.rank() == 2) {
      AttentionResult one = attend(unsqueeze(nodes, 0), adjacency, needWeights);
      Tensor weights = one.weights();
      return new AttentionResult(squeeze(one.output(), 0), weights == null ? null : squeeze(weights, 0));
    }
    Tensor seen = options.selfLoops() ? withSelfLoops(adjacency) : adjacency;
    Tensor mask = unsqueeze(seen, -3);
    Tensor values = heads(value, nodes);
    AttentionResult result = options.score() == Score.ADDITIVE ? byNetwork(values, mask)
        : byProduct(nodes, values, mask, needWeights);
    return new AttentionResult(joined(result.output()), result.weights());
  }

  /** Products of queries and keys under a mask are the fused attention. */
  private AttentionResult byProduct(Tensor nodes, Tensor values, Tensor mask, boolean needWeights) {
    AttentionOptions attention = AttentionOptions.NONE.mask(mask);
    attention = options.score() == Score.DOT ? attention.scale(1) : attention;
    attention = isDropping() ? attention.dropout(options.dropout(), generator) : attention;
    attention = needWeights ? attention.withWeights() : attention;
    return scaledDotProductAttention(heads(Objects.requireNonNull(query), nodes),
        heads(Objects.requireNonNull(key), nodes), values, attention);
  }

  private AttentionResult byNetwork(Tensor values, Tensor mask) {
    Tensor ofTarget = matmul(values, unsqueeze(parameter("target"), -1));
    Tensor ofSource = transpose(matmul(values, unsqueeze(parameter("source"), -1)), -2, -1);
    Tensor scores = leakyRelu(add(ofTarget, ofSource), options.negativeSlope());
    Tensor weights = maskedSoftmax(scores, expand(mask, scores.shape().toArray()), null);
    Tensor kept = isDropping() ? dropout(weights, options.dropout(), generator) : weights;
    return new AttentionResult(matmul(kept, values), kept);
  }

  private boolean isDropping() {
    return isTraining() && options.dropout() > 0;
  }

  /** What a projection makes of nodes (batch, nodes, in), as (batch, heads, nodes, out). */
  private Tensor heads(Linear projection, Tensor nodes) {
    Tensor projected = reshape(projection.forward(nodes), nodes.size(0), nodes.size(1), options.heads(),
        options.outFeatures());
    return permute(projected, 0, 2, 1, 3);
  }

  /** Of (batch, heads, nodes, out), the heads side by side or their mean. */
  private Tensor joined(Tensor output) {
    if (!options.concat()) {
      return mean(output, 1, false);
    }
    return reshape(permute(output, 0, 2, 1, 3), output.size(0), output.size(2), options.outputWidth());
  }

  private void requireArguments(Tensor nodes, Tensor adjacency) {
    Arguments.require((nodes.rank() == 2 || nodes.rank() == 3) && nodes.size(-1) == options.inFeatures(), NAME,
        "nodes has shape " + nodes.shape(), "(batch, nodes, " + options.inFeatures() + ") or (nodes, "
            + options.inFeatures() + ")");
    Arguments.require(adjacency.type() == ElementType.BOOL, NAME, "adjacency is " + adjacency.type(), "BOOL");
    Shape one = Shape.of(nodes.size(-2), nodes.size(-2));
    Arguments.require(adjacency.shape().equals(one)
        || nodes.rank() == 3 && adjacency.shape().equals(Shape.of(nodes.size(0), one.size(0), one.size(1))), NAME,
        "adjacency has shape " + adjacency.shape(), one + ", or a batch of it as the nodes " + nodes.shape() + " are");
  }
}
