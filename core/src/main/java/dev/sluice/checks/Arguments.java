package dev.sluice.checks;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.ElementType;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Checks of arguments. Messages read: operation: argument and what was given, wanted what is wanted. */
public final class Arguments {
  private Arguments() {}

  /** Refuses what does not hold. */
  public static void require(boolean condition, String operation, String given, String wanted) {
    if (!condition) {
      throw refusal(operation, given, wanted);
    }
  }

  /** What a caller throws that makes its message only when it is wanted: every step of a training checks its tensors. */
  public static IllegalArgumentException refusal(String operation, String given, String wanted) {
    return new IllegalArgumentException(operation + ": " + given + ", wanted " + wanted);
  }

  /** Refuses less than 1. */
  public static void positive(String operation, String argument, int value) {
    require(value >= 1, operation, argument + " is " + value, "1 or more");
  }

  /** Refuses less than 0, and NaN. */
  public static void notNegative(String operation, String argument, double value) {
    require(value >= 0, operation, argument + " is " + value, "0 or more");
  }

  /** Refuses another shape. */
  public static void shape(String operation, String argument, Tensor tensor, Shape wanted) {
    if (!tensor.shape().equals(wanted)) {
      throw refusal(operation, argument + " has shape " + tensor.shape(), wanted.toString());
    }
  }

  /** Refuses what does not say for each row how many steps of it are valid; null is all. */
  public static void lengths(String operation, @Nullable Tensor lengths, int batch) {
    if (lengths != null) {
      require(lengths.type() == ElementType.INT32 && lengths.rank() == 1 && lengths.size(0) == batch, operation,
          "lengths is " + lengths.type() + " " + lengths.shape(), "INT32 (" + batch + ")");
    }
  }

  /** Refuses what is no sequences of tokens. */
  public static void tokens(String operation, String argument, Tensor tokens) {
    require(tokens.type() == ElementType.INT32 && tokens.rank() == 2, operation,
        argument + " is " + tokens.type() + " " + tokens.shape(), "INT32 (batch, steps)");
  }

  /** Refuses tensors of another backend than this one, by name. */
  public static void onBackend(String operation, Backend backend, Collection<Tensor> tensors) {
    for (Tensor tensor : tensors) {
      if (tensor.backend() != backend) {
        throw refusal(operation, tensor.describe() + " is on " + tensor.backend().id(),
            "all on one backend, " + backend.id() + " as the first");
      }
    }
  }
}
