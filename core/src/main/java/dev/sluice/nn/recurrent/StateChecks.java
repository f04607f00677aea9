package dev.sluice.nn.recurrent;

import static dev.sluice.checks.Arguments.require;
import static dev.sluice.checks.Arguments.shape;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import org.jspecify.annotations.Nullable;

/** What recurrences check of each other's options and states. */
final class StateChecks {
  private StateChecks() {}

  /** Refuses a projection where the recurrence has none. */
  static void noProjection(String operation, RecurrentOptions options) {
    require(options.projSize() == 0, operation, "projSize is " + options.projSize(),
        "0: only an LSTM has a projection");
  }

  /** Checks the cell state that a state has, or has not, beside its hidden one. */
  static void cellState(String operation, @Nullable Tensor cell, boolean hasCellState, Shape wanted) {
    if (hasCellState) {
      require(cell != null, operation, "state has no cell", "one of shape " + wanted);
      shape(operation, "cell", cell, wanted);
    } else {
      require(cell == null, operation, "state has a cell", "none: this recurrence has a hidden state alone");
    }
  }
}
