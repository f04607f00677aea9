package dev.sluice.nn.attention;

import dev.sluice.checks.Arguments;

/**
 * What a {@link GraphAttention} is made of.
 *
 * @param inFeatures width of a node, 1 or more
 * @param outFeatures width of what a head makes of it, 1 or more
 * @param heads attentions side by side, 1 or more; 1
 * @param concat whether heads stand side by side in the output, in place of their mean; true
 * @param score how nodes are scored: DOT, SCALED or ADDITIVE; ADDITIVE
 * @param selfLoops whether every node sees itself, whatever the graph says; true
 * @param negativeSlope of the leaky ReLU in the ADDITIVE score; 0.2
 * @param dropout the chance of a weight being dropped in training, 0 to 1; 0
 * @param bias whether values have a bias; true
 */
public record GraphAttentionOptions(int inFeatures, int outFeatures, int heads, boolean concat, Score score,
    boolean selfLoops, double negativeSlope, double dropout, boolean bias) {
  public GraphAttentionOptions {
    Arguments.positive("graphAttention", "inFeatures", inFeatures);
    Arguments.positive("graphAttention", "outFeatures", outFeatures);
    Arguments.positive("graphAttention", "heads", heads);
    Arguments.require(score != Score.GENERAL, "graphAttention", "score is GENERAL",
        "DOT, SCALED or ADDITIVE: projections make GENERAL of DOT");
    Arguments.require(Double.isFinite(negativeSlope), "graphAttention", "negativeSlope is " + negativeSlope,
        "a finite number");
    Arguments.require(dropout >= 0 && dropout <= 1, "graphAttention", "dropout is " + dropout,
        "a probability, 0 to 1");
  }

  /** One head, as published: additive scores, self-loops. */
  public static GraphAttentionOptions of(int inFeatures, int outFeatures) {
    return new GraphAttentionOptions(inFeatures, outFeatures, 1, true, Score.ADDITIVE, true, 0.2, 0, true);
  }

  /** The same with another number of heads. */
  public GraphAttentionOptions withHeads(int heads) {
    return new GraphAttentionOptions(inFeatures, outFeatures, heads, concat, score, selfLoops, negativeSlope, dropout,
        bias);
  }

  /** The same with heads side by side, or their mean. */
  public GraphAttentionOptions withConcat(boolean concat) {
    return new GraphAttentionOptions(inFeatures, outFeatures, heads, concat, score, selfLoops, negativeSlope, dropout,
        bias);
  }

  /** The same with another score. */
  public GraphAttentionOptions withScore(Score score) {
    return new GraphAttentionOptions(inFeatures, outFeatures, heads, concat, score, selfLoops, negativeSlope, dropout,
        bias);
  }

  /** The same with nodes that see themselves, or only what the graph says. */
  public GraphAttentionOptions withSelfLoops(boolean selfLoops) {
    return new GraphAttentionOptions(inFeatures, outFeatures, heads, concat, score, selfLoops, negativeSlope, dropout,
        bias);
  }

  /** The same with another slope of the leaky ReLU. */
  public GraphAttentionOptions withNegativeSlope(double negativeSlope) {
    return new GraphAttentionOptions(inFeatures, outFeatures, heads, concat, score, selfLoops, negativeSlope, dropout,
        bias);
  }

  /** The same with weights dropped in training. */
  public GraphAttentionOptions withDropout(double dropout) {
    return new GraphAttentionOptions(inFeatures, outFeatures, heads, concat, score, selfLoops, negativeSlope, dropout,
        bias);
  }

  /** The same with a bias or without. */
  public GraphAttentionOptions withBias(boolean bias) {
    return new GraphAttentionOptions(inFeatures, outFeatures, heads, concat, score, selfLoops, negativeSlope, dropout,
        bias);
  }

  /** Width of an output node. */
  public int outputWidth() {
    return concat ? heads * outFeatures : outFeatures;
  }
}
