package dev.sluice.nn.attention;

import dev.sluice.Shape;
import dev.sluice.Tensor;

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

  static void shape(String operation, String argument, Tensor tensor, Shape wanted) {
    require(tensor.shape().equals(wanted), operation, argument + " has shape " + tensor.shape(), wanted.toString());
  }
}
