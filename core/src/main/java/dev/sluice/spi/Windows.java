package dev.sluice.spi;

/**
 * Windows that slide over the planes of x (batch, channels, rows, columns): those of convolution and pooling. A
 * sequence (batch, channels, length) has one row.
 *
 * @param batch independent samples
 * @param channels planes of a sample
 * @param rows how windows lie along the height
 * @param columns how they lie along the width
 */
public record Windows(int batch, int channels, Axis rows, Axis columns) {
  /**
   * Windows along one dimension: window w covers the positions {@code w*stride - padding + t*dilation} for its taps t
   * of 0 to kernel-1. Positions outside of 0 to size-1 are padding.
   *
   * @param size how many positions there are
   * @param kernel taps of a window, 1 or more
   * @param stride from one window to the next, 1 or more
   * @param padding positions added at either end, 0 or more
   * @param dilation from one tap to the next, 1 or more
   * @param ceil whether a last window may reach beyond the padding, as long as it starts before it
   */
  public record Axis(int size, int kernel, int stride, int padding, int dilation, boolean ceil) {
    public Axis {
      Sizes.atLeast("windows", "size", size, 0);
      Sizes.atLeast("windows", "kernel", kernel, 1);
      Sizes.atLeast("windows", "stride", stride, 1);
      Sizes.atLeast("windows", "padding", padding, 0);
      Sizes.atLeast("windows", "dilation", dilation, 1);
      long padded = size + 2L * padding;
      long reach = (kernel - 1L) * dilation + 1;
      Sizes.require(padded + stride + reach <= Integer.MAX_VALUE, "windows",
          "size is " + size + " with padding " + padding, "at most 2147483647 positions");
      Sizes.require(reach <= padded, "windows", "a kernel reaches over " + reach + " positions",
          "at most the size and its padding, " + padded);
    }

    /** How many windows there are, at least 1. */
    public int count() {
      int room = size + 2 * padding - reach();
      if (!ceil) {
        return room / stride + 1;
      }
      int count = Math.ceilDiv(room, stride) + 1;
      return (count - 1) * stride >= size + padding ? count - 1 : count;
    }

    /** Positions from the first tap of a window to its last, both included. */
    public int reach() {
      return (kernel - 1) * dilation + 1;
    }

    /** Where a tap of a window lies, perhaps in the padding. */
    public int position(int window, int tap) {
      return window * stride - padding + tap * dilation;
    }

    /** Whether a position is none of the padding. */
    public boolean holds(int position) {
      return position >= 0 && position < size;
    }

    /** The first window that has this tap inside; {@link #endWindow} where there is none. */
    public int firstWindow(int tap) {
      return Math.min(Math.ceilDiv(Math.max(padding - tap * dilation, 0), stride), endWindow(tap));
    }

    /** One more than the last window that has this tap inside; 0 where there is none. */
    public int endWindow(int tap) {
      int last = size - 1 + padding - tap * dilation;
      return last < 0 ? 0 : Math.min(last / stride + 1, count());
    }

    /** The first tap that a window has inside; {@link #endTap} where there is none. */
    public int firstTap(int window) {
      return Math.min(Math.ceilDiv(Math.max(padding - window * stride, 0), dilation), endTap(window));
    }

    /** One more than the last tap that a window has inside; 0 where there is none. */
    public int endTap(int window) {
      int last = size - 1 + padding - window * stride;
      return last < 0 ? 0 : Math.min(last / dilation + 1, kernel);
    }

    /** How many taps of a window lie inside or in the padding, not beyond it. */
    public int paddedTaps(int window) {
      return Math.min(Math.ceilDiv(size + 2 * padding - window * stride, dilation), kernel);
    }
  }

  public Windows {
    Sizes.atLeast("windows", "batch", batch, 0);
    Sizes.atLeast("windows", "channels", channels, 0);
    Sizes.elements("windows", "input", batch, channels, rows.size, columns.size);
  }

  /** Elements of a plane of x. */
  public int plane() {
    return rows.size * columns.size;
  }

  /** Windows of a plane. */
  public int count() {
    return rows.count() * columns.count();
  }

  /** Taps of a window. */
  public int taps() {
    return rows.kernel * columns.kernel;
  }
}
