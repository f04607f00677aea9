package dev.sluice.spi;

import java.util.List;

/**
 * The largest element of each window.
 *
 * @param windows the windows over x (batch, channels, rows, columns), each with an element of x
 */
public record MaxPoolSpec(Windows windows) implements KernelSpec {
  public MaxPoolSpec {
    requireElements("rows", windows.rows());
    requireElements("columns", windows.columns());
    Sizes.elements("maxPool", "output", windows.batch(), windows.channels(), windows.rows().count(),
        windows.columns().count());
  }

  private static void requireElements(String argument, Windows.Axis axis) {
    for (int window = 0; window < axis.count(); window++) {
      Sizes.require(axis.firstTap(window) < axis.endTap(window), "maxPool",
          "padding of the " + argument + " is " + axis.padding() + ", so that window " + window
              + " lies in it as a whole", "less");
    }
  }

  @Override
  public List<Operand> operands(Pass pass) {
    int planes = windows.batch() * windows.channels();
    Operand x = Operand.read("x", (long) planes * windows.plane());
    int outputs = planes * windows.count();
    Operand indices = Operand.read("indices", outputs).of(ElementType.INT32);
    return switch (pass) {
      case FORWARD -> List.of(x, Operand.write("y", outputs), indices.as(Operand.Access.WRITE).orNull());
      case BACKWARD -> List.of(indices, Operand.read("gradY", outputs), Operand.write("gradX", x.length()));
    };
  }
}
