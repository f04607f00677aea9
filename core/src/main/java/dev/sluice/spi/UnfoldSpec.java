package dev.sluice.spi;

import java.util.List;

/**
 * Some samples' windows as the columns of a matrix: what makes a convolution a matrix product.
 *
 * @param windows the windows over x (batch, channels, rows, columns)
 * @param first the first sample taken
 * @param samples how many are taken
 */
public record UnfoldSpec(Windows windows, int first, int samples) implements KernelSpec {
  public UnfoldSpec {
    Sizes.require(first >= 0 && samples >= 0 && first <= windows.batch() - samples, "unfold",
        "first is " + first + " and samples is " + samples, "a part of the batch of " + windows.batch());
    Sizes.elements("unfold", "columns", windows.channels(), windows.taps(), samples, windows.rows().count(),
        windows.columns().count());
  }

  /** Rows of the matrix: a channel's taps, channel by channel. */
  public int height() {
    return windows.channels() * windows.taps();
  }

  /** Columns of the matrix: a sample's windows, sample by sample. */
  public int width() {
    return samples * windows.count();
  }

  @Override
  public List<Operand> operands(Pass pass) {
    int size = (first + samples) * windows.channels() * windows.plane();
    int columns = height() * width();
    return switch (pass) {
      case FORWARD -> List.of(Operand.read("x", size), Operand.write("columns", columns));
      case BACKWARD -> List.of(Operand.read("gradColumns", columns), Operand.update("gradX", size));
    };
  }
}
