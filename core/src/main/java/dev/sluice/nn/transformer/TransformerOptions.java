package dev.sluice.nn.transformer;

import dev.sluice.checks.Arguments;
import dev.sluice.nn.attention.MultiHeadOptions;

/**
 * The constructor arguments of torch.nn.TransformerEncoderLayer and torch.nn.TransformerDecoderLayer, in their order
 * and with their defaults.
 *
 * @param dModel width of a position, a multiple of nhead
 * @param nhead heads of each attention, 1 or more
 * @param dimFeedforward width between the two linear layers, 1 or more; 2048
 * @param dropout probability with which a weight of attention, an element between the linear layers and one of what
 *     each part adds is dropped in training, 0 to 1; 0.1
 * @param activation between the linear layers; RELU
 * @param layerNormEps added to variances, 0 or more; 1e-5
 * @param batchFirst whether sequences are (batch, length, dModel) in place of (length, batch, dModel); false
 * @param normFirst whether each part normalises what it reads (Xiong et al., arXiv 2002.04745) in place of its sum with
 *     that; false
 * @param bias whether linear layers, attention and normalisations have biases; true
 */
public record TransformerOptions(int dModel, int nhead, int dimFeedforward, double dropout, Activation activation,
    double layerNormEps, boolean batchFirst, boolean normFirst, boolean bias) {
  /** What stands between the linear layers. */
  public enum Activation { RELU, GELU }

  public TransformerOptions {
    Arguments.positive("transformer", "dModel", dModel);
    Arguments.positive("transformer", "nhead", nhead);
    Arguments.require(dModel % nhead == 0, "transformer", "dModel is " + dModel, "a multiple of " + nhead + " heads");
    Arguments.positive("transformer", "dimFeedforward", dimFeedforward);
    Arguments.require(dropout >= 0 && dropout <= 1, "transformer", "dropout is " + dropout, "a probability, 0 to 1");
    Arguments.require(layerNormEps >= 0, "transformer", "layerNormEps is " + layerNormEps, "0 or more");
  }

  /** PyTorch's defaults. */
  public static TransformerOptions of(int dModel, int nhead) {
    return new TransformerOptions(dModel, nhead, 2048, 0.1, Activation.RELU, 1e-5, false, false, true);
  }

  /** The same with another width between the linear layers. */
  public TransformerOptions withDimFeedforward(int dimFeedforward) {
    return new TransformerOptions(dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst,
        normFirst, bias);
  }

  /** The same with another dropout. */
  public TransformerOptions withDropout(double dropout) {
    return new TransformerOptions(dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst,
        normFirst, bias);
  }

  /** The same with another activation. */
  public TransformerOptions withActivation(Activation activation) {
    return new TransformerOptions(dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst,
        normFirst, bias);
  }

  /** The same with another number added to variances. */
  public TransformerOptions withLayerNormEps(double layerNormEps) {
    return new TransformerOptions(dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst,
        normFirst, bias);
  }

  /** The same with the batch first or the length. */
  public TransformerOptions withBatchFirst(boolean batchFirst) {
    return new TransformerOptions(dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst,
        normFirst, bias);
  }

  /** The same with normalisation before each part or after. */
  public TransformerOptions withNormFirst(boolean normFirst) {
    return new TransformerOptions(dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst,
        normFirst, bias);
  }

  /** The same with biases or without. */
  public TransformerOptions withBias(boolean bias) {
    return new TransformerOptions(dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst,
        normFirst, bias);
  }

  /** Of each attention. */
  MultiHeadOptions attention() {
    return MultiHeadOptions.of(dModel, nhead).withDropout(dropout).withBias(bias).withBatchFirst(batchFirst);
  }
}
