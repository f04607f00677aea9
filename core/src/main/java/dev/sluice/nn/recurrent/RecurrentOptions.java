package dev.sluice.nn.recurrent;

import dev.sluice.checks.Arguments;

/**
 * The constructor arguments of torch.nn.LSTM, in its order and with its defaults, for every recurrence, and one more.
 *
 * @param inputSize width of an input step, 1 or more
 * @param hiddenSize width of a gate, 1 or more
 * @param numLayers recurrences stacked, each on the outputs of the one before, 1 or more; 1
 * @param bias whether there are biases; true
 * @param batchFirst whether input and output are (batch, steps, width) in place of (steps, batch, width); states never
 *     are; false
 * @param dropout probability with which each element of the output of every layer but the last is dropped in training,
 *     0 to 1; 0
 * @param bidirectional whether a second recurrence of each layer reads from the end, its outputs beside the first's;
 *     false
 * @param projSize width to which the hidden state is projected, less than hiddenSize; 0 for none, and 0 for all but an
 *     LSTM
 * @param dropoutOverTime whether the dropout between layers draws one mask for all steps of a row, so that a feature is
 *     dropped throughout or not at all (Gal and Ghahramani, arXiv 1512.05287), in place of one for each step; false
 */
public record RecurrentOptions(int inputSize, int hiddenSize, int numLayers, boolean bias, boolean batchFirst,
    double dropout, boolean bidirectional, int projSize, boolean dropoutOverTime) {
  public RecurrentOptions {
    Arguments.positive("recurrent", "inputSize", inputSize);
    Arguments.positive("recurrent", "hiddenSize", hiddenSize);
    Arguments.positive("recurrent", "numLayers", numLayers);
    Arguments.require(dropout >= 0 && dropout <= 1, "recurrent", "dropout is " + dropout, "a probability, 0 to 1");
    Arguments.require(projSize >= 0 && projSize < hiddenSize, "recurrent", "projSize is " + projSize,
        "0 for none, or less than hiddenSize " + hiddenSize);
  }

  /** All of torch.nn.LSTM's arguments; each element of each step is dropped by itself. */
  public RecurrentOptions(int inputSize, int hiddenSize, int numLayers, boolean bias, boolean batchFirst,
      double dropout, boolean bidirectional, int projSize) {
    this(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize, false);
  }

  /** One layer, one direction, with biases. */
  public static RecurrentOptions of(int inputSize, int hiddenSize) {
    return new RecurrentOptions(inputSize, hiddenSize, 1, true, false, 0, false, 0);
  }

  /** The same with another number of layers. */
  public RecurrentOptions withNumLayers(int numLayers) {
    return new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize,
        dropoutOverTime);
  }

  /** The same with biases or without. */
  public RecurrentOptions withBias(boolean bias) {
    return new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize,
        dropoutOverTime);
  }

  /** The same with the batch first or the steps. */
  public RecurrentOptions withBatchFirst(boolean batchFirst) {
    return new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize,
        dropoutOverTime);
  }

  /** The same with another dropout between layers. */
  public RecurrentOptions withDropout(double dropout) {
    return new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize,
        dropoutOverTime);
  }

  /** The same with two directions or one. */
  public RecurrentOptions withBidirectional(boolean bidirectional) {
    return new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize,
        dropoutOverTime);
  }

  /** The same with another projection. */
  public RecurrentOptions withProjSize(int projSize) {
    return new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize,
        dropoutOverTime);
  }

  /** The same with the dropout between layers shared over time or not. */
  public RecurrentOptions withDropoutOverTime(boolean dropoutOverTime) {
    return new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize,
        dropoutOverTime);
  }

  /** 2 if bidirectional, else 1. */
  public int directions() {
    return bidirectional ? 2 : 1;
  }

  /** Width of an output step, of all directions. */
  public int outputWidth() {
    return directions() * outputSize();
  }

  /** Width of the hidden state of one direction, R: projSize if there is a projection, else hiddenSize. */
  public int outputSize() {
    return projSize > 0 ? projSize : hiddenSize;
  }
}
