package dev.sluice.nn.sequence;

import static dev.sluice.autograd.Pointwise.tanh;
import static dev.sluice.autograd.Shaping.cat;
import static dev.sluice.autograd.Shaping.permute;
import static dev.sluice.autograd.Shaping.reshape;
import static dev.sluice.autograd.Shaping.squeeze;
import static dev.sluice.autograd.Softmax.logSoftmax;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Dropout;
import dev.sluice.nn.Embedding;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.attention.Attended;
import dev.sluice.nn.attention.Score;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.RecurrentOptions;
import dev.sluice.nn.recurrent.State;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a sequence of tokens by a recurrence that attends over the outputs of an encoder (Luong, Pham and Manning,
 * arXiv 1508.04025, without feeding attention back): with h_t the recurrence's output after reading token t, and c_t
 * its context by {@link SourceAttention}, the logits of token t+1 are {@code W tanh(W_c [c_t ; h_t] + b_c) + b}. As the
 * recurrence does not wait for the attention, the steps of a known sequence are one recurrence and one attention.
 *
 * <p>Each layer of the recurrence starts from {@code tanh} of a linear function of what the encoder knows at its end.
 * In training some elements of the embeddings and of what the logits are made of are dropped.
 *
 * <p>Children: {@code embedding}, {@code recurrence}, {@code initial_hidden} and, where the recurrence has a cell
 * state, {@code initial_cell}, {@code attention}, {@code combination} (W_c and b_c) and {@code classifier} (W and b).
 */
public final class AttentionDecoder extends Module implements StepDecoder<DecoderState> {
  private static final String NAME = "attentionDecoder";

  private final int vocabulary;
  private final int sourceWidth;
  private final Embedding embedding;
  private final Recurrent recurrence;
  private final Linear initialHidden;
  private final @Nullable Linear initialCell;
  private final SourceAttention attention;
  private final Linear combination;
  private final Linear classifier;
  private final Dropout dropout;

  /** Attends softly by a score; see the long form. */
  public AttentionDecoder(int vocabulary, Recurrent recurrence, int sourceWidth, Score score, double dropout,
      Generator generator) {
    this(vocabulary, recurrence, sourceWidth, Attending.by(score), dropout, generator);
  }

  /**
   * Writes by this recurrence.
   *
   * @param vocabulary how many tokens there are, 1 or more
   * @param recurrence any of one direction, batch first
   * @param sourceWidth width of an output of the encoder, 1 or more
   * @param attending how it attends over those
   * @param dropout share of elements dropped in training, 0 to 1
   * @param generator draws the parameters but for the recurrence's, and what is dropped
   */
  public AttentionDecoder(int vocabulary, Recurrent recurrence, int sourceWidth, Attending attending, double dropout,
      Generator generator) {
    RecurrentOptions options = recurrence.options();
    Arguments.positive(NAME, "vocabulary", vocabulary);
    Arguments.positive(NAME, "sourceWidth", sourceWidth);
    Arguments.require(options.batchFirst(), NAME, "recurrence has the steps first", "the batch first");
    Arguments.require(!options.bidirectional(), NAME, "recurrence has two directions",
        "one: what is to be written cannot be read from its end");
    this.vocabulary = vocabulary;
    this.sourceWidth = sourceWidth;
    this.dropout = register("dropout", new Dropout(dropout, generator));
    embedding = register("embedding", new Embedding(vocabulary, options.inputSize(), generator));
    this.recurrence = register("recurrence", recurrence);
    int layers = options.numLayers();
    int width = options.outputSize();
    initialHidden = register("initial_hidden", new Linear(sourceWidth, layers * width, generator));
    initialCell = recurrence.zeroState(1).cell() == null ? null
        : register("initial_cell", new Linear(sourceWidth, layers * options.hiddenSize(), generator));
    attention = register("attention", attending.make(width, sourceWidth, generator));
    combination = register("combination", new Linear(attention.contextWidth() + width, width, generator));
    classifier = register("classifier", new Linear(width, vocabulary, generator));
  }

  /** How many tokens there are. */
  public int vocabulary() {
    return vocabulary;
  }

  /**
   * Where to begin.
   *
   * @param encoded what the encoder made; outputs (batch, steps, sourceWidth) and last (batch, sourceWidth)
   * @return a state of as many rows as the batch has
   */
  public DecoderState start(Encoded encoded) {
    Tensor last = encoded.last();
    Arguments.require(last.rank() == 2 && last.size(1) == sourceWidth && last.size(0) == encoded.outputs().size(0),
        NAME, "last has shape " + last.shape(), "(" + encoded.outputs().size(0) + ", " + sourceWidth + ")");
    State state = new State(initial(initialHidden, last), initialCell == null ? null : initial(initialCell, last));
    return DecoderState.start(state, attention.prepare(encoded));
  }

  /** (batch, layers * width) as the layers' rows of a state. */
  private Tensor initial(Linear linear, Tensor last) {
    Tensor rows = tanh(linear.forward(last));
    return permute(reshape(rows, last.size(0), recurrence.options().numLayers(), -1), 1, 0, 2);
  }

  /**
   * The logits of what follows each of these tokens: teacher forcing.
   *
   * @param tokens INT32 (batch, steps), each 0 to vocabulary-1, that which begins first
   * @param start as {@link #start} gave it
   * @return (batch, steps, vocabulary)
   */
  public Tensor forward(Tensor tokens, DecoderState start) {
    Tensor outputs = read(tokens, start).output();
    return logits(attention.forward(outputs, start.source()), outputs);
  }

  /** {@link #forward}, and the weights (batch, steps, source steps) of the positions attended over. */
  public Attended attend(Tensor tokens, DecoderState start) {
    Tensor outputs = read(tokens, start).output();
    Attended attended = attention.attend(outputs, start.source());
    return new Attended(logits(attended.output(), outputs), attended.weights());
  }

  @Override
  public Step<DecoderState> step(DecoderState state, int[] tokens) {
    Arguments.require(tokens.length == state.rows(), NAME, "tokens are " + tokens.length,
        state.rows() + ", one for each row");
    Tensor column = Tensor.of(embedding.weight().backend(), tokens, tokens.length, 1);
    Recurrent.Output read = read(column, state);
    Attended attended = attention.attend(read.output(), state.source());
    Tensor logits = squeeze(logits(attended.output(), read.output()), 1);
    return new Step<>(logSoftmax(logits, 1), squeeze(attended.weights(), 1), state.with(read.state()));
  }

  private Recurrent.Output read(Tensor tokens, DecoderState state) {
    Arguments.tokens(NAME, "tokens", tokens);
    Arguments.require(tokens.size(0) == state.rows(), NAME, "tokens has shape " + tokens.shape(),
        "(" + state.rows() + ", steps)");
    return recurrence.forward(dropout.forward(embedding.forward(tokens)), state.recurrent());
  }

  /** Of contexts (batch, steps, context width) and outputs (batch, steps, width). */
  private Tensor logits(Tensor contexts, Tensor outputs) {
    Tensor combined = tanh(combination.forward(cat(List.of(contexts, outputs), 2)));
    return classifier.forward(dropout.forward(combined));
  }
}
