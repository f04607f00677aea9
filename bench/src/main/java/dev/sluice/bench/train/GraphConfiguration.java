package dev.sluice.bench.train;

import static dev.sluice.bench.train.Configuration.positive;
import static dev.sluice.bench.train.Configuration.positiveNumber;
import static dev.sluice.bench.train.Configuration.require;

/**
 * What is trained on a generated graph and how.
 *
 * @param nodes of the graph, at least 2 for each community
 * @param communities which the nodes fall into, at least 2
 * @param features width of a node, at least 1
 * @param signal length of a community's mean feature vector, where noise has a standard deviation of 1 in each feature;
 *     above 0
 * @param inside chance of an edge within a community, from 0 to 1
 * @param outside chance of an edge between two, from 0 to 1
 * @param trainShare share of the nodes whose community is known in training, above 0 and below 1
 * @param score how attention scores neighbours; not general
 * @param hidden width of a head of the first layer, at least 1
 * @param heads of the first layer, at least 1
 * @param dropout share of the attention weights that is dropped in training, from 0 to below 1
 * @param clip how gradients are clipped
 * @param epochs steps over the whole graph, at least 1
 * @param learningRate of Adam, above 0
 */
record GraphConfiguration(
    int nodes,
    int communities,
    int features,
    double signal,
    double inside,
    double outside,
    double trainShare,
    ScoreKind score,
    int hidden,
    int heads,
    double dropout,
    ClipOption clip,
    int epochs,
    double learningRate)
    implements Configuration {
  /** The task's name. */
  static final String TASK = "graph";

  GraphConfiguration {
    require(communities >= 2, "--communities is " + communities + ", wanted 2 or more");
    require(nodes / communities >= 2,
        "--nodes is " + nodes + ", wanted 2 or more for each of " + communities + " communities");
    require(nodes <= 1 << 14, "--nodes is " + nodes + ", wanted at most 16384: scores are dense");
    positive("--features", features);
    positiveNumber("--signal", signal);
    require(inside >= 0 && inside <= 1, "--inside is " + inside + ", wanted a probability, 0 to 1");
    require(outside >= 0 && outside <= 1, "--outside is " + outside + ", wanted a probability, 0 to 1");
    require(trainShare > 0 && trainShare < 1,
        "--train-share is " + trainShare + ", wanted a number above 0 and below 1");
    require(score != ScoreKind.GENERAL, "--score is general, wanted dot, scaled or additive");
    positive("--hidden", hidden);
    positive("--heads", heads);
    require(dropout >= 0 && dropout < 1, "--dropout is " + dropout + ", wanted a number from 0 to below 1");
    positive("--epochs", epochs);
    positiveNumber("--lr", learningRate);
  }

  @Override
  public String task() {
    return TASK;
  }
}
