package dev.sluice.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.spi.AveragePoolSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.MaxPoolSpec;
import dev.sluice.spi.UnfoldSpec;
import dev.sluice.spi.Windows;
import dev.sluice.spi.Windows.Axis;
import org.junit.jupiter.api.Test;

/** Windows by hand. */
class ReferenceWindowTest {
  private static final double NAN = Double.NaN;
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  private final ReferenceBackend backend = new ReferenceBackend();
  private final Kit kit = new Kit(backend);

  private static Windows line(int size, int kernel, int stride, int padding, int dilation, boolean ceil) {
    return new Windows(1, 1, new Axis(1, 1, 1, 0, 1, false), new Axis(size, kernel, stride, padding, dilation, ceil));
  }

  @Test
  void windowsAreCountedAsInPyTorch() {
    assertEquals(3, new Axis(7, 3, 2, 0, 1, false).count());
    assertEquals(3, new Axis(8, 3, 2, 0, 1, false).count());
    assertEquals(4, new Axis(8, 3, 2, 0, 1, true).count());
    assertEquals(2, new Axis(3, 2, 2, 0, 1, true).count());
    // A third window would start in the right padding.
    assertEquals(2, new Axis(3, 2, 2, 1, 1, true).count());
    assertEquals(2, new Axis(6, 3, 1, 0, 2, false).count());
  }

  @Test
  void unfoldingMakesAColumnOfEachWindow() {
    Windows windows = new Windows(2, 1, new Axis(2, 2, 1, 0, 1, false), new Axis(3, 2, 2, 1, 1, false));
    Buffer x = kit.reals(NAN, NAN, NAN, NAN, NAN, NAN, 1, 2, 3, 4, 5, 6);
    Buffer columns = kit.empty(8);
    UnfoldSpec second = new UnfoldSpec(windows, 1, 1);
    backend.window().unfold(second, x, columns);
    assertArrayEquals(new double[] {0, 2, 1, 3, 0, 5, 4, 6}, kit.values(columns));
  }

  @Test
  void foldingAddsCopiesUpAndLeavesOtherSamples() {
    Windows windows = new Windows(2, 1, new Axis(1, 1, 1, 0, 1, false), new Axis(3, 2, 1, 1, 1, false));
    Buffer gradX = kit.reals(7, 8, 9, NAN, NAN, NAN);
    backend.window().unfoldBackward(new UnfoldSpec(windows, 1, 1), kit.reals(NAN, 1, 2, 3, 10, 20, 30, NAN), gradX);
    assertArrayEquals(new double[] {7, 8, 9, 11, 22, 33}, kit.values(gradX));
  }

  @Test
  void theFirstOfTiesAndTheLastNaNIsTheLargest() {
    MaxPoolSpec spec = new MaxPoolSpec(line(9, 3, 3, 0, 1, false));
    Buffer y = kit.empty(3);
    Buffer indices = kit.integers(-1, -1, -1);
    backend.window().maxPool(spec, kit.reals(1, 5, 5, NAN, 3, NAN, -INFINITY, -INFINITY, -INFINITY), y, indices);
    assertArrayEquals(new double[] {5, NAN, -INFINITY}, kit.values(y));
    assertArrayEquals(new int[] {1, 5, 6}, kit.integers(indices));
  }

  @Test
  void anElementThatSeveralWindowsTookGetsTheirSum() {
    MaxPoolSpec spec = new MaxPoolSpec(line(4, 2, 1, 0, 1, false));
    Buffer gradX = kit.empty(4);
    backend.window().maxPoolBackward(spec, kit.integers(1, 1, 3), kit.reals(1, 2, 4), gradX);
    assertArrayEquals(new double[] {0, 3, 0, 4}, kit.values(gradX));
  }

  @Test
  void aMeanCountsItsPaddingButNotWhatLiesBeyond() {
    // Windows over -1..1, 1..3 and 3..5 of 0..3 padded to -1..4: the last one has two positions, one of them padding.
    Windows windows = line(4, 3, 2, 1, 1, true);
    Buffer y = kit.empty(3);
    backend.window().averagePool(new AveragePoolSpec(windows, true, AveragePoolSpec.COUNTED), kit.reals(3, 6, 9, 12),
        y);
    assertArrayEquals(new double[] {3, 9, 6}, kit.values(y));
    backend.window().averagePool(new AveragePoolSpec(windows, false, AveragePoolSpec.COUNTED), kit.reals(3, 6, 9, 12),
        y);
    assertArrayEquals(new double[] {4.5, 9, 12}, kit.values(y));
    Buffer gradX = kit.empty(4);
    backend.window().averagePoolBackward(new AveragePoolSpec(windows, true, 3), kit.reals(3, 6, 9), gradX);
    assertArrayEquals(new double[] {1, 3, 2, 5}, kit.values(gradX));
  }
}
