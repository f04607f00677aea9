package dev.sluice.autograd;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * What restricts and changes attention. Start from {@link #NONE} and add.
 *
 * @param mask BOOL, true takes part, stretching to (..., heads, queries, keys); null for none
 * @param bias REAL, added to the scaled logits, stretching likewise; null for none
 * @param lengths INT32 (batch): how many leading keys take part; null for all
 * @param causal which keys a query may see by position
 * @param scale factor of the dot products; null for 1/sqrt(query width)
 * @param dropout the chance of a weight being dropped, 0 to 1; applied whenever above 0, so evaluation passes 0
 * @param generator what dropout draws from; needed where dropout is above 0
 * @param needWeights whether the weights are wanted
 * @param selecting which weights count, before dropout: hard attention, unless all
 */
public record AttentionOptions(@Nullable Tensor mask, @Nullable Tensor bias, @Nullable Tensor lengths, Causal causal,
    @Nullable Double scale, double dropout, @Nullable Generator generator, boolean needWeights,
    Selecting selecting) {
  /** Every query over every key. */
  public static final AttentionOptions NONE =
      new AttentionOptions(null, null, null, Causal.NONE, null, 0, null, false, Selecting.ALL);

  public AttentionOptions {
    Checks.type("attention", "mask", mask, ElementType.BOOL);
    Checks.real("attention", "bias", bias);
    Checks.type("attention", "lengths", lengths, ElementType.INT32);
    Checks.require(dropout >= 0 && dropout <= 1, "attention", "dropout is " + dropout, "a probability, 0 to 1");
    Checks.require(dropout == 0 || generator != null, "attention", "dropout without a generator", "both");
  }

  /** With a boolean mask. */
  public AttentionOptions mask(Tensor mask) {
    return new AttentionOptions(mask, bias, lengths, causal, scale, dropout, generator, needWeights, selecting);
  }

  /** With an additive mask. */
  public AttentionOptions bias(Tensor bias) {
    return new AttentionOptions(mask, bias, lengths, causal, scale, dropout, generator, needWeights, selecting);
  }

  /** With a number of valid keys per batch row. */
  public AttentionOptions lengths(Tensor lengths) {
    return new AttentionOptions(mask, bias, lengths, causal, scale, dropout, generator, needWeights, selecting);
  }

  /** With keys seen by position. */
  public AttentionOptions causal(Causal causal) {
    return new AttentionOptions(mask, bias, lengths, causal, scale, dropout, generator, needWeights, selecting);
  }

  /** With another factor of the dot products. */
  public AttentionOptions scale(double scale) {
    return new AttentionOptions(mask, bias, lengths, causal, scale, dropout, generator, needWeights, selecting);
  }

  /** With weights dropped at random. */
  public AttentionOptions dropout(double dropout, Generator generator) {
    return new AttentionOptions(mask, bias, lengths, causal, scale, dropout, generator, needWeights, selecting);
  }

  /** With the weights returned. */
  public AttentionOptions withWeights() {
    return new AttentionOptions(mask, bias, lengths, causal, scale, dropout, generator, true, selecting);
  }

  /** With weights selected. */
  public AttentionOptions selecting(Selecting selecting) {
    return new AttentionOptions(mask, bias, lengths, causal, scale, dropout, generator, needWeights, selecting);
  }
}
