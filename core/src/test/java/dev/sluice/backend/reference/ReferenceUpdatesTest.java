package dev.sluice.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.spi.AdamSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClampSpec;
import dev.sluice.spi.NormSpec;
import dev.sluice.spi.ScaleToNormSpec;
import dev.sluice.spi.SgdSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clipping and optimizers: what changes lists of buffers in place. */
class ReferenceUpdatesTest {
  private static final double NAN = Double.NaN;
  private static final double INFINITY = Double.POSITIVE_INFINITY;
  private final ReferenceBackend backend = new ReferenceBackend();
  private final Kit kit = new Kit(backend);

  @ParameterizedTest
  @CsvSource({"2, 13, 0.230769217, -0.307692289, 0.923076868", "Infinity, 12, 0.25, -0.33333331, 0.99999994",
      "1, 19, 0.15789472, -0.21052630, 0.63157889"})
  void clipByNormAsTorch(double p, double norm, double first, double second, double third) {
    List<Buffer> tensors = List.of(kit.reals(3, -4), kit.reals(12));
    Buffer total = kit.empty(1);
    backend.clipping().norm(new NormSpec(p), tensors, total);
    assertArrayEquals(new double[] {norm}, kit.values(total), 1e-14);
    backend.clipping().scaleToNorm(new ScaleToNormSpec(1), total, tensors);
    assertArrayEquals(new double[] {first, second}, kit.values(tensors.get(0)), 4e-8);
    assertArrayEquals(new double[] {third}, kit.values(tensors.get(1)), 4e-8);
  }

  @ParameterizedTest
  @CsvSource({"0, 2", "-Infinity, 0", "3, 5.348481241239363"})
  void otherNorms(double p, double expected) {
    assertArrayEquals(new double[] {expected}, norm(p, kit.reals(3, 0, -5), kit.reals(0, 0), kit.reals(1)), 1e-14);
  }

  @Test
  void specialNorms() {
    for (double p : new double[] {0, 1, 2, 2.5, INFINITY, -INFINITY}) {
      // Torch's 0-norm counts, and NaN is an element other than 0.
      double withNan = p == 0 ? 2 : NAN;
      assertArrayEquals(new double[] {withNan}, norm(p, kit.reals(1, NAN), kit.reals(2)), "p " + p);
      assertArrayEquals(new double[] {0}, norm(p), "p " + p);
    }
    assertArrayEquals(new double[] {INFINITY}, norm(2, kit.reals(1, -INFINITY)));
    Buffer twice = kit.reals(3, -4);
    assertArrayEquals(new double[] {Math.sqrt(50)}, norm(2, twice, twice), 1e-14);
  }

  private double[] norm(double p, Buffer... tensors) {
    Buffer total = kit.empty(1);
    backend.clipping().norm(new NormSpec(p), List.of(tensors), total);
    return kit.values(total);
  }

  @Test
  void nonfiniteNormsScaleAsTorch() {
    Buffer tensor = kit.reals(1, INFINITY);
    backend.clipping().scaleToNorm(new ScaleToNormSpec(1), kit.reals(INFINITY), List.of(tensor));
    assertArrayEquals(new double[] {0, NAN}, kit.values(tensor));
    Buffer other = kit.reals(1, 2);
    backend.clipping().scaleToNorm(new ScaleToNormSpec(1), kit.reals(NAN), List.of(other));
    assertArrayEquals(new double[] {NAN, NAN}, kit.values(other));
  }

  @Test
  void aTensorListedTwiceIsScaledTwice() {
    Buffer tensor = kit.reals(3, -4);
    List<Buffer> tensors = List.of(tensor, tensor);
    backend.clipping().scaleToNorm(new ScaleToNormSpec(1), kit.reals(Math.sqrt(50)), tensors);
    assertArrayEquals(new double[] {0.06, -0.08}, kit.values(tensor), 1e-7);
  }

  @Test
  void clampKeepsNan() {
    Buffer tensor = kit.reals(-3, 0.5, INFINITY, NAN);
    backend.clipping().clamp(new ClampSpec(-1, 2), List.of(tensor));
    assertArrayEquals(new double[] {-1, 0.5, 2, NAN}, kit.values(tensor));
  }

  @Test
  void sgdStepsByHand() {
    Buffer parameter = kit.reals(1);
    Buffer velocity = kit.empty(1);
    // g = 2 + 0.5 * 1 = 2.5 becomes the velocity; 1 - 0.1 * 2.5.
    backend.optimizer().sgd(new SgdSpec(0.1, 0.9, 0.2, 0.5, false, false, true), List.of(parameter),
        List.of(kit.reals(2)),
        List.of(velocity));
    assertArrayEquals(new double[] {0.75}, kit.values(parameter), 1e-15);
    // g = -4 + 0.375 = -3.625; v = 0.9 * 2.5 - 0.8 * 3.625 = -0.65.
    backend.optimizer().sgd(new SgdSpec(0.1, 0.9, 0.2, 0.5, false, true, false), List.of(parameter),
        List.of(kit.reals(4)), List.of(velocity));
    assertArrayEquals(new double[] {-0.65}, kit.values(velocity), 1e-15);
    assertArrayEquals(new double[] {0.815}, kit.values(parameter), 1e-15);
    // Nesterov: v = 0.5 * -0.65 + 1 = 0.675; g = 1 + 0.5 * 0.675.
    backend.optimizer().sgd(new SgdSpec(0.1, 0.5, 0, 0, true, false, false), List.of(parameter), List.of(kit.reals(1)),
        List.of(velocity));
    assertArrayEquals(new double[] {0.815 - 0.13375}, kit.values(parameter), 1e-15);
    backend.optimizer().sgd(new SgdSpec(1, 0, 0, 0, false, false, false), List.of(parameter),
        List.of(kit.reals(0.68125)),
        null);
    assertArrayEquals(new double[] {0}, kit.values(parameter), 1e-15);
  }

  @Test
  void adamStepsByHand() {
    // On the first step the corrected mean is g and the corrected variance g^2: the step is learningRate * sign(g).
    Buffer parameter = kit.reals(1, 1);
    Buffer mean = kit.reals(0, 0);
    Buffer variance = kit.reals(0, 0);
    backend.optimizer().adam(new AdamSpec(0.1, 0.9, 0.99, 0, 0, false, false, false, 1), List.of(parameter),
        List.of(kit.reals(2, -3)), List.of(mean), List.of(variance), null);
    assertArrayEquals(new double[] {0.9, 1.1}, kit.values(parameter), 1e-14);
    assertArrayEquals(new double[] {0.2, -0.3}, kit.values(mean), 1e-15);
    assertArrayEquals(new double[] {0.04, 0.09}, kit.values(variance), 1e-15);
  }

  @Test
  void weightDecayIsDecoupledInAdamW() {
    Buffer coupled = kit.reals(4);
    Buffer decoupled = kit.reals(4);
    backend.optimizer().adam(new AdamSpec(0.1, 0.9, 0.99, 0, 0.5, false, false, false, 1), List.of(coupled),
        List.of(kit.reals(-1)), List.of(kit.reals(0)), List.of(kit.reals(0)), null);
    backend.optimizer().adam(new AdamSpec(0.1, 0.9, 0.99, 0, 0.5, true, false, false, 1), List.of(decoupled),
        List.of(kit.reals(-1)), List.of(kit.reals(0)), List.of(kit.reals(0)), null);
    assertArrayEquals(new double[] {3.9}, kit.values(coupled), 1e-14);
    assertArrayEquals(new double[] {3.9}, kit.values(decoupled), 1e-14);
    // Coupled: g = -1 + 2 = 1, down by 0.1. Decoupled: 4 * 0.95, then up by 0.1. They differ once the gradient does.
    Buffer still = kit.reals(4);
    backend.optimizer().adam(new AdamSpec(0.1, 0.9, 0.99, 1, 0.5, true, false, false, 1), List.of(still),
        List.of(kit.reals(0)), List.of(kit.reals(0)), List.of(kit.reals(0)), null);
    assertArrayEquals(new double[] {3.8}, kit.values(still), 1e-14);
  }

  @Test
  void amsgradKeepsTheLargestVariance() {
    Buffer parameter = kit.reals(0);
    Buffer largest = kit.reals(4);
    // v = 0.75 * 0 + 0.25 * 4 = 1 is below 4: sqrt(4)/sqrt(1 - 0.75) = 4; m = 1, corrected by 1/2: 0.1 * 2 / 4.
    backend.optimizer().adam(new AdamSpec(0.1, 0.5, 0.75, 0, 0, false, true, false, 1), List.of(parameter),
        List.of(kit.reals(2)), List.of(kit.reals(0)), List.of(kit.reals(0)), List.of(largest));
    assertArrayEquals(new double[] {-0.05}, kit.values(parameter), 1e-15);
    assertArrayEquals(new double[] {4}, kit.values(largest));
  }
}
