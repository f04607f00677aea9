package dev.sluice.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FusedGridTest {
  private static final int MULTIPROCESSORS = 40;
  private static final int SHARED_BYTES = 48 << 10;

  @ParameterizedTest
  @CsvSource({"LSTM, 53", "GRU, 61", "JANET, 76", "RNN_TANH, 108", "RNN_RELU, 108"})
  void runsAllStepsUpToTheWidthWhoseWeightsFit(RecurrentCell cell, int most) {
    assertTrue(FusedGrid.fits(spec(cell, 8, most, 0)));
    assertFalse(FusedGrid.fits(spec(cell, 8, most + 1, 0)));
  }

  @Test
  void aProjectionGoesStepByStep() {
    assertFalse(FusedGrid.fits(spec(RecurrentCell.LSTM, 8, 16, 8)));
  }

  @ParameterizedTest
  @EnumSource
  void everyGridStaysWithinABlockAndHoldsEveryRow(RecurrentCell cell) {
    for (int width = 1; FusedGrid.fits(spec(cell, 1, width, 0)); width++) {
      for (int batch : new int[] {1, 2, 3, 79, 80, 160, 1001, 100_000}) {
        RecurrentSpec spec = spec(cell, batch, width, 0);
        hold(spec, FusedGrid.forward(MULTIPROCESSORS, spec));
        hold(spec, FusedGrid.backward(MULTIPROCESSORS, spec));
      }
    }
  }

  @Test
  void noRowsAreNoBlocks() {
    assertEquals(0, FusedGrid.forward(MULTIPROCESSORS, spec(RecurrentCell.GRU, 0, 16, 0)).blocks());
  }

  private static void hold(RecurrentSpec spec, FusedGrid grid) {
    assertTrue(grid.sharedBytes() <= SHARED_BYTES, spec + ": " + grid);
    assertTrue(grid.unitThreads() * grid.rowThreads() <= 256, spec + ": " + grid);
    assertTrue(grid.unitThreads() >= spec.hiddenWidth() && grid.unitThreads() % 32 == 0, spec + ": " + grid);
    int rows = 2 * grid.rowThreads();
    assertTrue(grid.blocks() * rows >= spec.batch() && (grid.blocks() - 1) * rows < spec.batch(), spec + ": " + grid);
  }

  private static RecurrentSpec spec(RecurrentCell cell, int batch, int width, int projection) {
    return new RecurrentSpec(cell, 3, batch, 4, width, projection, true, false, false, 1, 0, false, 0, false);
  }
}
