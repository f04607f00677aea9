package dev.sluice.autograd;

/**
 * A number for the height and one for the width of a plane: sizes of a kernel, strides, paddings, dilations. Along a
 * sequence only the width counts.
 */
public record Size2(int height, int width) {
  /** One each. */
  public static final Size2 ONE = new Size2(1, 1);

  /** None. */
  public static final Size2 ZERO = new Size2(0, 0);

  /** The same for both. */
  public static Size2 of(int size) {
    return new Size2(size, size);
  }

  /** Refuses what is below a number in either direction. */
  void atLeast(String operation, String argument, int least) {
    Checks.require(height >= least && width >= least, operation, argument + " is " + this, least + " or more");
  }

  @Override
  public String toString() {
    return height == width ? Integer.toString(height) : "(" + height + ", " + width + ")";
  }
}
