package dev.sluice.nn.recurrent;

import dev.sluice.Tensor;
import dev.sluice.autograd.Pointwise;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** What an IndRNN does to its parameters beside training: bounds on recurrent weights, and on all gradients by hook. */
final class WeightRules {
  private final double minAbs;
  private final double maxAbs;
  private final @Nullable GradientClip clip;
  /** A parameter that moved to another backend is another tensor, without hooks. */
  private final Set<Tensor> hooked = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  WeightRules(IndRNNOptions options) {
    // Floats, inside the bounds given: a weight that was bounded and stored then stays as it is.
    this.minAbs = up((float) options.hiddenMinAbs(), options.hiddenMinAbs());
    this.maxAbs = -up((float) -options.hiddenMaxAbs(), -options.hiddenMaxAbs());
    this.clip = options.gradientClip();
  }

  /** A parameter whose gradient is clipped. */
  Tensor clipped(Tensor parameter) {
    GradientClip range = clip;
    if (range != null && parameter.requiresGrad() && hooked.add(parameter)) {
      parameter.registerHook(gradient -> Pointwise.clamp(gradient, range.min(), range.max()));
    }
    return parameter;
  }

  /**
   * Recurrent weights whose gradient is clipped, now within their bounds. They are written only where one of them
   * changes, so that a backward that has saved them is not refused for nothing.
   */
  Tensor recurrent(Tensor weights) {
    if (minAbs > 0 || maxAbs < Double.POSITIVE_INFINITY) {
      double[] values = weights.toDoubles();
      boolean changed = false;
      for (int i = 0; i < values.length; i++) {
        double bounded = Math.signum(values[i]) * Math.min(Math.max(Math.abs(values[i]), minAbs), maxAbs);
        changed |= bounded != values[i] && bounded == bounded;
        values[i] = bounded;
      }
      if (changed) {
        weights.backend().write(values, 0, weights.buffer(), 0, values.length);
        weights.markModified();
      }
    }
    return clipped(weights);
  }

  private static float up(float rounded, double value) {
    return rounded < value ? Math.nextUp(rounded) : rounded;
  }
}
