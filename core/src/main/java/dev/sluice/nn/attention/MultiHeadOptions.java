package dev.sluice.nn.attention;

import dev.sluice.autograd.Selecting;
import dev.sluice.checks.Arguments;

/**
 * The constructor arguments of torch.nn.MultiheadAttention, in its order and with its defaults, and one more.
 *
 * @param embedDim E, width of a query and of the output, a multiple of numHeads
 * @param numHeads heads, each of width E / numHeads, 1 or more
 * @param dropout probability with which each weight is dropped in training, 0 to 1; 0
 * @param bias whether the projections have biases; true
 * @param addBiasKv whether one learned key and value is added to the others; false
 * @param addZeroAttn whether a key and value of zeros is added to the others; false
 * @param kdim width of a key, 1 or more; embedDim
 * @param vdim width of a value, 1 or more; embedDim
 * @param batchFirst whether all but the weights are (batch, length, width) in place of (length, batch, width); false
 * @param selecting which weights count, before dropout: hard attention, unless all. What is drawn is drawn in training
 *     alone; evaluation takes the largest weight's key. A predicate stretches to (batch, heads, queries, keys), added
 *     keys included; all
 */
public record MultiHeadOptions(int embedDim, int numHeads, double dropout, boolean bias, boolean addBiasKv,
    boolean addZeroAttn, int kdim, int vdim, boolean batchFirst, Selecting selecting) {
  public MultiHeadOptions {
    Arguments.positive("multiHeadAttention", "embedDim", embedDim);
    Arguments.positive("multiHeadAttention", "numHeads", numHeads);
    Arguments.require(embedDim % numHeads == 0, "multiHeadAttention", "embedDim is " + embedDim,
        "a multiple of " + numHeads + " heads");
    Arguments.require(dropout >= 0 && dropout <= 1, "multiHeadAttention", "dropout is " + dropout,
        "a probability, 0 to 1");
    Arguments.positive("multiHeadAttention", "kdim", kdim);
    Arguments.positive("multiHeadAttention", "vdim", vdim);
  }

  /** All of torch.nn.MultiheadAttention's arguments; soft attention. */
  public MultiHeadOptions(int embedDim, int numHeads, double dropout, boolean bias, boolean addBiasKv,
      boolean addZeroAttn, int kdim, int vdim, boolean batchFirst) {
    this(embedDim, numHeads, dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst, Selecting.ALL);
  }

  /** Of one width, with biases, without dropout. */
  public static MultiHeadOptions of(int embedDim, int numHeads) {
    return new MultiHeadOptions(embedDim, numHeads, 0, true, false, false, embedDim, embedDim, false);
  }

  /** The same with another dropout. */
  public MultiHeadOptions withDropout(double dropout) {
    return new MultiHeadOptions(embedDim, numHeads, dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst,
        selecting);
  }

  /** The same with biases or without. */
  public MultiHeadOptions withBias(boolean bias) {
    return new MultiHeadOptions(embedDim, numHeads, dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst,
        selecting);
  }

  /** The same with a learned key and value added or not. */
  public MultiHeadOptions withAddBiasKv(boolean addBiasKv) {
    return new MultiHeadOptions(embedDim, numHeads, dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst,
        selecting);
  }

  /** The same with a key and value of zeros added or not. */
  public MultiHeadOptions withAddZeroAttn(boolean addZeroAttn) {
    return new MultiHeadOptions(embedDim, numHeads, dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst,
        selecting);
  }

  /** The same with keys of another width. */
  public MultiHeadOptions withKdim(int kdim) {
    return new MultiHeadOptions(embedDim, numHeads, dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst,
        selecting);
  }

  /** The same with values of another width. */
  public MultiHeadOptions withVdim(int vdim) {
    return new MultiHeadOptions(embedDim, numHeads, dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst,
        selecting);
  }

  /** The same with the batch first or the length. */
  public MultiHeadOptions withBatchFirst(boolean batchFirst) {
    return new MultiHeadOptions(embedDim, numHeads, dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst,
        selecting);
  }

  /** The same with weights selected. */
  public MultiHeadOptions withSelecting(Selecting selecting) {
    return new MultiHeadOptions(embedDim, numHeads, dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst,
        selecting);
  }

  /** Whether query, key and value are of one width, so that their projections lie in one matrix. */
  public boolean packed() {
    return kdim == embedDim && vdim == embedDim;
  }
}
