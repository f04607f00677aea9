package dev.sluice.nn.recurrent;

import dev.sluice.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a recurrence carries from step to step.
 *
 * @param hidden of a sequence (layers * directions, batch, R), row {@code layer * directions + direction}, R being the
 *     width of an output; of a cell (batch, R); each without its batch dimension for unbatched input
 * @param cell the same with the hidden size for R; null where a recurrence has no cell state beside the hidden one
 */
public record State(Tensor hidden, @Nullable Tensor cell) {
  /** A state without a cell state. */
  public State(Tensor hidden) {
    this(hidden, null);
  }
}
