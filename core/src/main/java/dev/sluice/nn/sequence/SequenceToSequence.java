package dev.sluice.nn.sequence;

import dev.sluice.Tensor;
import dev.sluice.nn.Module;
import org.jspecify.annotations.Nullable;

/**
 * An encoder and a decoder with attention. Children: {@code encoder} and {@code decoder}.
 *
 * <pre>{@code
 * var options = RecurrentOptions.of(64, 128).withBatchFirst(true);
 * var encoder = new RecurrentEncoder(30, new GRU(options.withBidirectional(true), generator), 0.1, generator);
 * var decoder = new AttentionDecoder(40, new GRU(options, generator), encoder.width(), Score.GENERAL, 0.1, generator);
 * var model = new SequenceToSequence(encoder, decoder);
 * Tensor loss = model.loss(sources, lengths, TeacherForcing.of(backend, BEGIN, END, targets), 0);
 * List<List<Hypothesis>> found =
 *     Search.beam(decoder, model.start(sources, lengths), SearchOptions.of(BEGIN, END, 50).withWidth(5));
 * }</pre>
 */
public final class SequenceToSequence extends Module {
  private final RecurrentEncoder encoder;
  private final AttentionDecoder decoder;

  /** Of these two, the decoder made for outputs of the encoder's width. */
  public SequenceToSequence(RecurrentEncoder encoder, AttentionDecoder decoder) {
    this.encoder = register("encoder", encoder);
    this.decoder = register("decoder", decoder);
  }

  /** What writes, for a {@link Search}. */
  public AttentionDecoder decoder() {
    return decoder;
  }

  /**
   * Reads sources, and stands before the first token of what is to be written.
   *
   * @param sources INT32 (batch, steps)
   * @param lengths INT32 (batch), how many tokens of each row are valid; null for all
   */
  public DecoderState start(Tensor sources, @Nullable Tensor lengths) {
    return decoder.start(encoder.forward(sources, lengths));
  }

  /**
   * The logits of what follows each token.
   *
   * @param sources INT32 (batch, steps)
   * @param lengths INT32 (batch), how many tokens of each row are valid; null for all
   * @param tokens INT32 (batch, target steps)
   * @return (batch, target steps, vocabulary)
   */
  public Tensor forward(Tensor sources, @Nullable Tensor lengths, Tensor tokens) {
    return decoder.forward(tokens, start(sources, lengths));
  }

  /**
   * The mean cross-entropy of the targets' tokens and ends, a scalar.
   *
   * @param sources INT32 (batch, steps)
   * @param lengths INT32 (batch), how many tokens of each row are valid; null for all
   * @param targets of as many rows
   * @param labelSmoothing the share of the target spread evenly over the vocabulary, 0 to 1
   */
  public Tensor loss(Tensor sources, @Nullable Tensor lengths, TeacherForcing targets, double labelSmoothing) {
    return targets.loss(forward(sources, lengths, targets.inputs()), labelSmoothing);
  }
}
