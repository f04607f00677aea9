package dev.sluice.cuda.kernel;

import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.KernelSpec.Pass;

/**
 * Which way soft attention goes, from what each costs on paper for a logit, in multiply-adds at a device's full speed.
 *
 * <p>Tiles never write a logit, but reach about half the speed, make the logits anew for each slice of 64 columns of a
 * result, and three times backward. They leave out what causality hides, half of all. Products by the library reach
 * about 0.85 of the speed and do all of it; the logits go through memory, at about 32 multiply-adds for a float (16
 * operations for a byte: 12 of an A100, 20 of an H100, 25 of a T4): 4 floats forward (written, read, written as
 * weights, read), 9 backward (logits and dP written and read, W and dS written, W read once and dS twice).
 *
 * <p>So with widths of 64 products come first backward, with 128 both ways; causal, tiles do up to widths of 128
 * forward and of 64 backward.
 */
final class AttentionPath {
  private static final double SPEED_OF_TILES = 0.5;
  private static final double SPEED_OF_PRODUCTS = 0.85;
  private static final int COST_OF_FLOAT = 32;
  /** Below this a product does not fill the library's tiles. */
  private static final int LEAST_LENGTH = 64;
  /** Logits of a batch row above this stay out of memory: 128 MB. */
  private static final long MOST_LOGITS = 1L << 25;

  private AttentionPath() {}

  /** Whether products do a pass. */
  static boolean byProducts(AttentionSpec spec, Pass pass) {
    if (spec.queries() < LEAST_LENGTH || spec.keys() < LEAST_LENGTH
        || (long) spec.heads() * spec.queries() * spec.keys() > MOST_LOGITS) {
      return false;
    }
    return pass == Pass.FORWARD ? forwardByProducts(spec) : backwardByProducts(spec);
  }

  private static boolean forwardByProducts(AttentionSpec spec) {
    double width = spec.width();
    double valueWidth = spec.valueWidth();
    double tiles = AttentionCall.slices(spec.valueWidth()) * width + valueWidth;
    return isMore(spec, tiles, width + valueWidth, 4);
  }

  private static boolean backwardByProducts(AttentionSpec spec) {
    double width = spec.width();
    double valueWidth = spec.valueWidth();
    int slices = AttentionCall.slices(spec.width());
    int slicesOfKeys = Math.max(slices, AttentionCall.slices(spec.valueWidth()));
    double tiles = (1 + slices + slicesOfKeys) * (width + valueWidth) + 2 * width + valueWidth;
    return isMore(spec, tiles, 3 * width + 2 * valueWidth, 9);
  }

  private static boolean isMore(AttentionSpec spec, double tiles, double products, int floats) {
    double seen = spec.causal() == Causal.NONE ? 1 : 0.5;
    return seen * tiles / SPEED_OF_TILES > products / SPEED_OF_PRODUCTS + floats * COST_OF_FLOAT;
  }
}
