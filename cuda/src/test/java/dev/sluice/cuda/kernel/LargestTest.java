package dev.sluice.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.cuda.SoftGpu;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Selection;
import dev.sluice.spi.SelectionSpec;
import org.junit.jupiter.api.Test;

/** The search for the largest weights halves the range of their bits; chance never makes it meet one of them. */
class LargestTest {
  /** Where the second half of the range below 1 begins, as the search sees it. */
  private static final float MET = Float.intBitsToFloat(0x0FA0_0001);

  @Test
  void keepsAWeightThatTheSearchMeets() {
    check(new float[] {0.25f, MET, 0, 1, 0}, new boolean[] {true, true, false, true, false});
  }

  @Test
  void dropsWhatIsJustBelow() {
    check(new float[] {0.25f, 0.5f, Math.nextDown(MET), 1, 0}, new boolean[] {true, true, false, true, false});
  }

  private static void check(float[] weights, boolean[] wanted) {
    int width = weights.length;
    try (Backend backend = SoftGpu.backend();
        Buffer input = backend.allocate(ElementType.REAL, width);
        Buffer selected = backend.allocate(ElementType.REAL, width);
        Buffer kept = backend.allocate(ElementType.BOOL, width)) {
      backend.write(weights, 0, input, 0, width);
      backend.softmax().select(new SelectionSpec(1, width, new Selection.Largest(3, false)), input, null, selected,
          kept);
      boolean[] got = new boolean[width];
      backend.read(kept, 0, got, 0, width);
      assertArrayEquals(wanted, got);
    }
  }
}
