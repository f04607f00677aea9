package dev.sluice.cuda.kernel;

import dev.sluice.cuda.Device;
import dev.sluice.cuda.Launch;

/**
 * Who works on a row: a warp on a short one, of which a block has several, a block on a long one, so that a few long
 * rows still fill the device.
 *
 * @param byBlock whether a block works on a row
 * @param blocks blocks of the launch
 */
record RowTeams(boolean byBlock, int blocks) {
  /** Above this a warp would walk a row 32 times and more. */
  private static final int LONGEST_OF_WARP = 1024;
  private static final int THREADS = 256;
  private static final int WARPS = THREADS / 32;

  static RowTeams of(Device device, long rows, int width) {
    boolean byBlock = width > LONGEST_OF_WARP;
    return new RowTeams(byBlock, device.blocks(rows, byBlock ? 1 : WARPS));
  }

  /** Warps that work one by one. */
  static RowTeams warps(Device device, long warps) {
    return new RowTeams(false, device.blocks(warps, WARPS));
  }

  void run(Launch launch) {
    launch.run(blocks, THREADS);
  }
}
