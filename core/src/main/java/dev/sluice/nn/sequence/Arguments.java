package dev.sluice.nn.sequence;

import dev.sluice.Tensor;
import dev.sluice.spi.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * The checks that this package shares. Messages read: operation: argument and what was given, wanted what is wanted.
 */
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

  /** Checks sequences of tokens. */
  static void tokens(String operation, String argument, Tensor tokens) {
    require(tokens.type() == ElementType.INT32 && tokens.rank() == 2, operation,
        argument + " is " + tokens.type() + " " + tokens.shape(), "INT32 (batch, steps)");
  }

  /** Checks what says how many positions of each row are valid. */
  static void lengths(String operation, @Nullable Tensor lengths, int batch) {
    if (lengths != null) {
      require(lengths.type() == ElementType.INT32 && lengths.rank() == 1 && lengths.size(0) == batch, operation,
          "lengths is " + lengths.type() + " " + lengths.shape(), "INT32 (" + batch + ")");
    }
  }
}
