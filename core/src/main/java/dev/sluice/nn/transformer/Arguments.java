package dev.sluice.nn.transformer;

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
}
