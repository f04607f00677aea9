package dev.sluice.optim;

import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import java.util.Collection;

/**
 * The checks that this package shares. Every message reads: operation: argument and what was given, wanted what is
 * wanted.
 */
final class Arguments {
  private Arguments() {}

  static void require(boolean condition, String operation, String given, String wanted) {
    if (!condition) {
      throw new IllegalArgumentException(operation + ": " + given + ", wanted " + wanted);
    }
  }

  static void notNegative(String operation, String argument, double value) {
    require(value >= 0, operation, argument + " is " + value, "0 or more");
  }

  /** Refuses tensors of another backend than this one, by name. */
  static void onBackend(String operation, Backend backend, Collection<Tensor> tensors) {
    for (Tensor tensor : tensors) {
      if (tensor.backend() != backend) {
        throw new IllegalArgumentException(operation + ": " + tensor.describe() + " is on " + tensor.backend().id()
            + ", wanted all on one backend, " + backend.id() + " as the first");
      }
    }
  }
}
