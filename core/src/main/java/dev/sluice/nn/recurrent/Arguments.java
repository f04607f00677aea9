package dev.sluice.nn.recurrent;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.spi.ElementType;
import org.jspecify.annotations.Nullable;

/** The checks that recurrences share. Messages read: operation: argument and what was given, wanted what is wanted. */
final class Arguments {
  private Arguments() {}

  static void require(boolean condition, String operation, String given, String wanted) {
    if (!condition) {
      throw new IllegalArgumentException(operation + ": " + given + ", wanted " + wanted);
    }
  }

  static void positive(String operation, String argument, int value) {
    require(value >= 1, operation, argument + " is " + value, "1 or more");
  }

  static void shape(String operation, String argument, Tensor tensor, Shape wanted) {
    require(tensor.shape().equals(wanted), operation, argument + " has shape " + tensor.shape(), wanted.toString());
  }

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

  /** Checks what says how many steps of each row are valid. */
  static void lengths(String operation, Tensor lengths, int batch) {
    require(lengths.type() == ElementType.INT32 && lengths.shape().equals(Shape.of(batch)), operation,
        "lengths is " + lengths.type() + " " + lengths.shape(), "INT32 (" + batch + ")");
  }
}
