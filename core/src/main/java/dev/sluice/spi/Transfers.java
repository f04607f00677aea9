package dev.sluice.spi;

/** What backends check of a transfer between an array and a buffer. */
public final class Transfers {
  private Transfers() {}

  /**
   * Refuses a transfer that leaves its source or its target.
   *
   * @param operation {@code read} or {@code write}
   * @throws IllegalArgumentException that names operation and side
   */
  public static void check(String operation, int sourceLength, int sourceOffset, int targetLength, int targetOffset,
      int length) {
    check(operation, "source", sourceLength, sourceOffset, length);
    check(operation, "target", targetLength, targetOffset, length);
  }

  private static void check(String operation, String argument, int size, int offset, int length) {
    if (offset < 0 || length < 0 || offset > size - length) {
      throw Sizes.refusal(operation, argument + " is walked from " + offset + " for " + length + " elements",
          "a part of its " + size);
    }
  }
}
