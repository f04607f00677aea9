package dev.sluice.spi;

import java.util.List;

/**
 * The mean of each window, whose padding counts as zeros.
 *
 * @param windows the windows over x (batch, channels, rows, columns)
 * @param countPadding whether a sum is divided by the number of taps in x and its padding, not of those in x alone;
 *     without it every window has an element of x
 * @param divisor what every sum is divided by; {@link #COUNTED} for the number of taps
 */
public record AveragePoolSpec(Windows windows, boolean countPadding, int divisor) implements KernelSpec {
  /** The divisor of a mean. */
  public static final int COUNTED = 0;

  public AveragePoolSpec {
    Sizes.require(divisor >= COUNTED, "averagePool", "divisor is " + divisor, "1 or more, or 0 for the number of taps");
    Sizes.elements("averagePool", "output", windows.batch(), windows.channels(), windows.rows().count(),
        windows.columns().count());
    boolean countsTaps = divisor == COUNTED && !countPadding;
    Sizes.require(!countsTaps || isEverywhere(windows.rows()) && isEverywhere(windows.columns()), "averagePool",
        "a window lies in the padding as a whole", "an element in each, or the padding counted");
  }

  private static boolean isEverywhere(Windows.Axis axis) {
    for (int window = 0; window < axis.count(); window++) {
      if (axis.firstTap(window) == axis.endTap(window)) {
        return false;
      }
    }
    return true;
  }

  /** What the sum of a window is divided by. */
  public int divisor(int row, int column) {
    if (divisor != COUNTED) {
      return divisor;
    }
    Windows.Axis rows = windows.rows();
    Windows.Axis columns = windows.columns();
    return countPadding ? rows.paddedTaps(row) * columns.paddedTaps(column)
        : (rows.endTap(row) - rows.firstTap(row)) * (columns.endTap(column) - columns.firstTap(column));
  }

  @Override
  public List<Operand> operands(Pass pass) {
    long planes = (long) windows.batch() * windows.channels();
    long inputs = planes * windows.plane();
    long outputs = planes * windows.count();
    return switch (pass) {
      case FORWARD -> List.of(Operand.read("x", inputs), Operand.write("y", outputs));
      case BACKWARD -> List.of(Operand.read("gradY", outputs), Operand.write("gradX", inputs));
    };
  }
}
