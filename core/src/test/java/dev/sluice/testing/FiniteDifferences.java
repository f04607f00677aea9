package dev.sluice.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Checks gradients on the reference backend, which stores double: for a randomly weighted sum of all outputs, what
 * backward accumulates is compared with central differences of the forward, for every element of every input.
 */
public final class FiniteDifferences {
  /**
   * Step of the central difference: its error is of the order of the step's square, its rounding of 1e-16 over the
   * step.
   */
  private static final double STEP = 1e-5;

  private static final double TOLERANCE = 1e-6;

  private FiniteDifferences() {}

  /** The backend on which gradients are checked. */
  public static Backend backend() {
    return Backends.get("reference");
  }

  /** A leaf of normal numbers that requires a gradient. */
  public static Tensor leaf(long seed, int... sizes) {
    return constant(seed, sizes).requiresGrad(true);
  }

  /** A tensor of normal numbers that does not require a gradient. */
  public static Tensor constant(long seed, int... sizes) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[Shape.of(sizes).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Tensor.of(backend(), values, sizes);
  }

  /** Checks a function of one output. */
  public static void check(Function<Tensor[], Tensor> function, Tensor... leaves) {
    checkAll(inputs -> List.of(function.apply(inputs)), leaves);
  }

  /** Checks a function of several outputs; each gets weights of its own. */
  public static void checkAll(Function<Tensor[], List<Tensor>> function, Tensor... leaves) {
    for (Tensor leaf : leaves) {
      leaf.clearGradient();
    }
    List<Tensor> outputs = function.apply(leaves);
    List<Tensor> weights = new ArrayList<>();
    for (int o = 0; o < outputs.size(); o++) {
      weights.add(constant(1000 + o, outputs.get(o).shape().toArray()));
    }
    for (int o = 0; o < outputs.size(); o++) {
      if (outputs.get(o).requiresGrad()) {
        outputs.get(o).backward(weights.get(o), true);
      }
    }
    for (int l = 0; l < leaves.length; l++) {
      Tensor gradient = leaves[l].gradient();
      assertNotNull(gradient, "no gradient arrived at argument " + l);
      double[] actual = gradient.toDoubles();
      double[] values = leaves[l].toDoubles();
      for (int i = 0; i < values.length; i++) {
        double above = moved(function, leaves, weights, l, values, i, STEP);
        double below = moved(function, leaves, weights, l, values, i, -STEP);
        double expected = (above - below) / (2 * STEP);
        assertTrue(Double.isFinite(expected), "the difference is not finite: argument " + l + ", element " + i);
        assertEquals(expected, actual[i], TOLERANCE * Math.max(1, Math.abs(expected)),
            "argument " + l + " " + leaves[l].shape() + ", element " + i);
      }
    }
  }

  private static double moved(Function<Tensor[], List<Tensor>> function, Tensor[] leaves, List<Tensor> weights,
      int which, double[] values, int element, double step) {
    double[] changed = values.clone();
    changed[element] += step;
    Tensor[] inputs = leaves.clone();
    inputs[which] = Tensor.of(leaves[which].backend(), changed, leaves[which].shape().toArray());
    double total = 0;
    try (Tape.NoGrad _ = Tape.noGrad()) {
      List<Tensor> outputs = function.apply(inputs);
      for (int o = 0; o < outputs.size(); o++) {
        double[] y = outputs.get(o).toDoubles();
        double[] w = weights.get(o).toDoubles();
        for (int i = 0; i < y.length; i++) {
          total += y[i] * w[i];
        }
      }
    }
    return total;
  }
}
