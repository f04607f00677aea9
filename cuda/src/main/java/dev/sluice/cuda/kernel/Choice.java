package dev.sluice.cuda.kernel;

import dev.sluice.spi.Selection;

/** A {@link Selection} as the kernels take it: the struct of the same name in {@code choice.cuh}. */
final class Choice {
  private Choice() {}

  /** The struct's words. */
  static int[] of(Selection selection) {
    return switch (selection) {
      case Selection.All _ -> words(0, 0, 0, selection, 0, 0);
      case Selection.Threshold(double least, boolean _) -> words(1, 0, atLeast(least), selection, 0, 0);
      case Selection.Largest(int count, boolean _) -> words(2, count, 0, selection, 0, 0);
      case Selection.Predicate _ -> words(3, 0, 0, selection, 0, 0);
      case Selection.Sampled(long seed, long offset) -> words(4, 0, 0, selection, seed, offset);
      case Selection.ArgMax _ -> words(5, 0, 0, selection, 0, 0);
    };
  }

  private static int[] words(int kind, int count, float least, Selection selection, long seed, long offset) {
    return new int[] {kind, count, Float.floatToRawIntBits(least), selection.renormalises() ? 1 : 0, (int) seed,
        (int) (seed >>> 32), (int) offset, (int) (offset >>> 32)};
  }

  /** The smallest float that is no less: floats compare with it as with the number itself. */
  private static float atLeast(double least) {
    float rounded = (float) least;
    return rounded < least ? Math.nextUp(rounded) : rounded;
  }
}
