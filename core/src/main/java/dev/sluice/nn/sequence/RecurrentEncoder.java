package dev.sluice.nn.sequence;

import static dev.sluice.autograd.Shaping.cat;
import static dev.sluice.autograd.Shaping.select;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Dropout;
import dev.sluice.nn.Embedding;
import dev.sluice.nn.Module;
import dev.sluice.nn.recurrent.Recurrent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads sequences of tokens by a recurrence. In training some elements of the embeddings and of the outputs are
 * dropped.
 *
 * <p>Children: {@code embedding} (vocabulary, the recurrence's input width) and {@code recurrence}.
 */
public final class RecurrentEncoder extends Module {
  private static final String NAME = "recurrentEncoder";

  private final Embedding embedding;
  private final Recurrent recurrence;
  private final Dropout dropout;

  /**
   * Reads by this recurrence.
   *
   * @param vocabulary how many tokens there are, 1 or more
   * @param recurrence any, in one direction or both, batch first
   * @param dropout share of elements dropped in training, 0 to 1
   * @param generator draws the embeddings, and what is dropped
   */
  public RecurrentEncoder(int vocabulary, Recurrent recurrence, double dropout, Generator generator) {
    Arguments.positive(NAME, "vocabulary", vocabulary);
    Arguments.require(recurrence.options().batchFirst(), NAME, "recurrence has the steps first", "the batch first");
    this.dropout = register("dropout", new Dropout(dropout, generator));
    embedding = register("embedding", new Embedding(vocabulary, recurrence.options().inputSize(), generator));
    this.recurrence = register("recurrence", recurrence);
  }

  /** Width of an output, of both directions where there are two. */
  public int width() {
    return recurrence.options().outputWidth();
  }

  /**
   * Reads.
   *
   * @param tokens INT32 (batch, steps), each 0 to vocabulary-1
   * @param lengths INT32 (batch), how many tokens of each row are valid: others count for nothing; null for all
   * @return outputs (batch, steps, width), and the top layer's final state (batch, width): of two directions the
   *     forward one's after the last valid token beside the reverse one's after the first
   */
  public Encoded forward(Tensor tokens, @Nullable Tensor lengths) {
    Arguments.tokens(NAME, "tokens", tokens);
    Arguments.lengths(NAME, lengths, tokens.size(0));
    Recurrent.Output read = recurrence.forward(dropout.forward(embedding.forward(tokens)), null, lengths);
    Tensor hidden = read.state().hidden();
    int rows = hidden.size(0);
    Tensor top = select(hidden, 0, rows - 1);
    Tensor last = recurrence.options().bidirectional() ? cat(List.of(select(hidden, 0, rows - 2), top), 1) : top;
    return new Encoded(dropout.forward(read.output()), last, lengths);
  }
}
