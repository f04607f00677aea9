package dev.sluice.nn.sequence;

import static dev.sluice.autograd.Arithmetic.mul;
import static dev.sluice.autograd.Shaping.indexSelect;
import static dev.sluice.autograd.Shaping.squeeze;
import static dev.sluice.autograd.Softmax.logSoftmax;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.Arithmetic;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Dropout;
import dev.sluice.nn.Embedding;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.attention.AttentionCall;
import dev.sluice.nn.attention.AttentionCall.Weights;
import dev.sluice.nn.transformer.Decoding;
import dev.sluice.nn.transformer.SinusoidalPositions;
import dev.sluice.nn.transformer.TransformerDecoder;
import dev.sluice.nn.transformer.TransformerEncoder;
import dev.sluice.nn.transformer.TransformerOptions;
import dev.sluice.spi.AttentionSpec.Causal;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a sequence of tokens and writes another by attention alone (Vaswani et al., arXiv 1706.03762): embeddings with
 * sinusoidal positions, a {@link TransformerEncoder}, a {@link TransformerDecoder} in which a position sees those up to
 * itself, and a linear layer. Embeddings start from N(0, 1), so they are not scaled. A step's weights are the mean over
 * the heads of all layers' attention over the source.
 *
 * <p>Children: {@code source_embedding}, {@code target_embedding}, {@code encoder}, {@code decoder} and
 * {@code classifier}.
 */
public final class TransformerTranslator extends Module implements StepDecoder<TransformerState> {
  private static final String NAME = "transformerTranslator";

  private final int vocabulary;
  private final Embedding sourceEmbedding;
  private final Embedding targetEmbedding;
  private final SinusoidalPositions positions;
  private final TransformerEncoder encoder;
  private final TransformerDecoder decoder;
  private final Linear classifier;
  private final Dropout dropout;

  /**
   * With so many layers.
   *
   * @param sourceVocabulary how many tokens there are to read, 1 or more
   * @param vocabulary how many there are to write, 1 or more
   * @param options of all layers, batch first; their dropout is that of the embeddings too
   * @param layers of the encoder and of the decoder, 1 or more each
   * @param generator draws the parameters, and what is dropped
   */
  public TransformerTranslator(int sourceVocabulary, int vocabulary, TransformerOptions options, int layers,
      Generator generator) {
    Arguments.positive(NAME, "sourceVocabulary", sourceVocabulary);
    Arguments.positive(NAME, "vocabulary", vocabulary);
    Arguments.require(options.batchFirst(), NAME, "options have the length first", "the batch first");
    this.vocabulary = vocabulary;
    int width = options.dModel();
    dropout = register("dropout", new Dropout(options.dropout(), generator));
    positions = register("positions", new SinusoidalPositions(width, true));
    sourceEmbedding = register("source_embedding", new Embedding(sourceVocabulary, width, generator));
    targetEmbedding = register("target_embedding", new Embedding(vocabulary, width, generator));
    encoder = register("encoder", new TransformerEncoder(options, layers, options.normFirst(), generator));
    decoder = register("decoder", new TransformerDecoder(options, layers, options.normFirst(), generator));
    classifier = register("classifier", new Linear(width, vocabulary, generator));
  }

  /** How many tokens there are to write. */
  public int vocabulary() {
    return vocabulary;
  }

  /**
   * The logits of what follows each token: teacher forcing.
   *
   * @param sources INT32 (batch, steps)
   * @param lengths INT32 (batch), how many tokens of each row are valid: others count for nothing; null for all
   * @param tokens INT32 (batch, target steps), that which begins first
   * @return (batch, target steps, vocabulary)
   */
  public Tensor forward(Tensor sources, @Nullable Tensor lengths, Tensor tokens) {
    Arguments.tokens(NAME, "tokens", tokens);
    Arguments.require(tokens.size(0) == sources.size(0), NAME, "tokens has shape " + tokens.shape(),
        "(" + sources.size(0) + ", steps)");
    AttentionCall over = over(sources, lengths);
    Tensor memory = encoder.forward(embedded(sourceEmbedding, sources, 0), over).output();
    return classifier.forward(decoder.forward(embedded(targetEmbedding, tokens, 0), memory,
        AttentionCall.PLAIN.causal(Causal.TOP_LEFT), over).output());
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

  /**
   * Reads sources, and stands before the first token of what is to be written, with room for a search.
   *
   * @param sources INT32 (batch, steps)
   * @param lengths INT32 (batch), how many tokens of each row are valid; null for all
   * @param options of the search: its width and greatest length
   * @return a state of as many rows as the batch has
   */
  public TransformerState start(Tensor sources, @Nullable Tensor lengths, SearchOptions options) {
    AttentionCall over = over(sources, lengths);
    Tensor memory = encoder.forward(embedded(sourceEmbedding, sources, 0), over).output();
    int batch = sources.size(0);
    int width = options.width();
    if (width > 1) {
      int[] slots = IntStream.range(0, batch * width).map(slot -> slot / width).toArray();
      memory = indexSelect(memory, 0, slots);
      if (lengths != null) {
        int[] valid = lengths.toInts();
        int[] repeated = IntStream.of(slots).map(row -> valid[row]).toArray();
        over = over.lengths(Tensor.of(lengths.backend(), repeated, repeated.length));
      }
    }
    Decoding decoding = decoder.start(memory, over.weights(Weights.AVERAGED), options.maxLength());
    return TransformerState.start(decoding, batch, width);
  }

  @Override
  public Step<TransformerState> step(TransformerState state, int[] tokens) {
    Arguments.require(tokens.length == state.rows(), NAME, "tokens are " + tokens.length,
        state.rows() + ", one for each row");
    int[] all = new int[state.slotCount()];
    for (int row = 0; row < tokens.length; row++) {
      all[state.slots()[row]] = tokens[row];
    }
    Tensor column = Tensor.of(classifier.weight().backend(), all, all.length, 1);
    Decoding decoding = state.decoding();
    TransformerDecoder.Output output =
        decoder.step(embedded(targetEmbedding, column, decoding.length()), decoding);
    Tensor logits = classifier.forward(indexSelect(squeeze(output.output(), 1), 0, state.slots()));
    Tensor weights = indexSelect(squeeze(mean(output.memoryWeights()), 1), 0, state.slots());
    return new Step<>(logSoftmax(logits, 1), weights, state);
  }

  private Tensor embedded(Embedding embedding, Tensor tokens, int start) {
    return dropout.forward(positions.forward(embedding.forward(tokens), start));
  }

  /** What restricts attention over the sources: what is past their lengths takes no part. */
  private static AttentionCall over(Tensor sources, @Nullable Tensor lengths) {
    Arguments.tokens(NAME, "sources", sources);
    Arguments.lengths(NAME, lengths, sources.size(0));
    return lengths == null ? AttentionCall.PLAIN : AttentionCall.PLAIN.lengths(lengths);
  }

  /** The mean of equal shapes. */
  private static Tensor mean(List<Tensor> tensors) {
    Tensor sum = tensors.stream().reduce(Arithmetic::add).orElseThrow();
    return mul(sum, 1.0 / tensors.size());
  }
}
