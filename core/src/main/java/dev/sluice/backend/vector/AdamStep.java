package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static dev.sluice.backend.vector.Lanes.bound;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.sluice.spi.AdamSpec;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * Adam over a run of elements. Coupled decay adds {@code weightDecay*p} to the gradient, decoupled decay first shrinks
 * p; then {@code m = beta1*m + (1-beta1)*g}, {@code v = beta2*v + (1-beta2)*g*g}, {@code p -= stepSize * m /
 * (sqrt(v)/correction + epsilon)} with {@code stepSize = rate/(1-beta1^t)} and {@code correction = sqrt(1-beta2^t)}.
 * Every coefficient is computed in double and rounded once.
 */
final class AdamStep {
  private final float sign;
  private final boolean decoupled;
  private final float decay;
  private final float shrinkage;
  private final float beta1;
  private final float freshMean;
  private final float beta2;
  private final float freshVariance;
  private final float stepSize;
  private final float inverseCorrection;
  private final float epsilon;

  AdamStep(AdamSpec spec) {
    sign = spec.maximize() ? -1 : 1;
    decoupled = spec.decoupled();
    decay = (float) spec.weightDecay();
    shrinkage = (float) (1 - spec.learningRate() * spec.weightDecay());
    beta1 = (float) spec.beta1();
    freshMean = (float) (1 - spec.beta1());
    beta2 = (float) spec.beta2();
    freshVariance = (float) (1 - spec.beta2());
    stepSize = (float) (spec.learningRate() / (1 - StrictMath.pow(spec.beta1(), spec.step())));
    inverseCorrection = (float) (1 / Math.sqrt(1 - StrictMath.pow(spec.beta2(), spec.step())));
    epsilon = (float) spec.epsilon();
  }

  /** One step of elements from to to; largest is null without amsgrad. */
  void run(float[] p, float[] g, float[] m, float[] v, float @Nullable [] largest, int from, int to) {
    int end = bound(from, to);
    if (largest == null) {
      plain(p, g, m, v, from, end);
    } else {
      amsgrad(p, g, m, v, largest, from, end);
    }
    for (int i = end; i < to; i++) {
      element(p, g, m, v, largest, i);
    }
  }

  private void plain(float[] p, float[] g, float[] m, float[] v, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector parameter = fromArray(SPECIES, p, i);
      FloatVector gradient = decayed(parameter, fromArray(SPECIES, g, i));
      FloatVector mean = mean(fromArray(SPECIES, m, i), gradient);
      FloatVector variance = variance(fromArray(SPECIES, v, i), gradient);
      mean.intoArray(m, i);
      variance.intoArray(v, i);
      moved(parameter, mean, variance).intoArray(p, i);
    }
  }

  private void amsgrad(float[] p, float[] g, float[] m, float[] v, float[] largest, int from, int to) {
    for (int i = from; i < to; i += COUNT) {
      FloatVector parameter = fromArray(SPECIES, p, i);
      FloatVector gradient = decayed(parameter, fromArray(SPECIES, g, i));
      FloatVector mean = mean(fromArray(SPECIES, m, i), gradient);
      FloatVector variance = variance(fromArray(SPECIES, v, i), gradient);
      FloatVector top = fromArray(SPECIES, largest, i).max(variance);
      mean.intoArray(m, i);
      variance.intoArray(v, i);
      top.intoArray(largest, i);
      moved(parameter, mean, top).intoArray(p, i);
    }
  }

  private void element(float[] p, float[] g, float[] m, float[] v, float @Nullable [] largest, int i) {
    float gradient = decoupled ? g[i] * sign : Math.fma(p[i], decay, g[i] * sign);
    m[i] = Math.fma(m[i], beta1, gradient * freshMean);
    v[i] = Math.fma(v[i], beta2, gradient * freshVariance * gradient);
    float variance = v[i];
    if (largest != null) {
      largest[i] = Math.max(largest[i], variance);
      variance = largest[i];
    }
    float denominator = Math.fma((float) Math.sqrt(variance), inverseCorrection, epsilon);
    float shrunk = decoupled ? p[i] * shrinkage : p[i];
    p[i] = Math.fma(m[i] / denominator, -stepSize, shrunk);
  }

  private FloatVector decayed(FloatVector p, FloatVector g) {
    return decoupled ? g.mul(sign) : p.fma(broadcast(SPECIES, decay), g.mul(sign));
  }

  private FloatVector mean(FloatVector m, FloatVector g) {
    return m.fma(broadcast(SPECIES, beta1), g.mul(freshMean));
  }

  private FloatVector variance(FloatVector v, FloatVector g) {
    return v.fma(broadcast(SPECIES, beta2), g.mul(freshVariance).mul(g));
  }

  private FloatVector moved(FloatVector p, FloatVector mean, FloatVector variance) {
    FloatVector denominator = variance.sqrt().fma(broadcast(SPECIES, inverseCorrection), broadcast(SPECIES, epsilon));
    FloatVector shrunk = decoupled ? p.mul(shrinkage) : p;
    return mean.div(denominator).fma(broadcast(SPECIES, -stepSize), shrunk);
  }
}
