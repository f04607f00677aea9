package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static dev.sluice.backend.vector.Lanes.bound;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.sluice.spi.SgdSpec;
import jdk.incubator.vector.FloatVector;

/**
 * Stochastic gradient descent over a run of elements. With {@code g' = sign*g + weightDecay*p}: plain {@code p -=
 * rate*g'}; with momentum {@code v = m*v + (1 - dampening)*g'} and {@code p -= rate*v}, or for Nesterov {@code p -=
 * rate*(g' + m*v)}. A first step makes v = g'. Every coefficient is computed in double and rounded once.
 */
final class SgdStep {
  private final float sign;
  private final float rate;
  private final float momentum;
  private final float fresh;
  private final float decay;
  private final float firstRate;
  private final boolean first;
  private final boolean nesterov;

  SgdStep(SgdSpec spec) {
    sign = spec.maximize() ? -1 : 1;
    rate = (float) spec.learningRate();
    momentum = (float) spec.momentum();
    fresh = (float) (1 - spec.dampening());
    decay = (float) spec.weightDecay();
    // On the first step g' + m*v is (1 + m)*v.
    firstRate = (float) (spec.learningRate() * (spec.nesterov() ? 1 + spec.momentum() : 1));
    first = spec.first();
    nesterov = spec.nesterov();
  }

  void plain(float[] p, float[] g, int from, int to) {
    int i = from;
    for (int end = bound(from, to); i < end; i += COUNT) {
      FloatVector parameter = fromArray(SPECIES, p, i);
      decayed(parameter, fromArray(SPECIES, g, i)).fma(broadcast(SPECIES, -rate), parameter).intoArray(p, i);
    }
    for (; i < to; i++) {
      p[i] = Math.fma(decayed(p[i], g[i]), -rate, p[i]);
    }
  }

  void withMomentum(float[] p, float[] g, float[] v, int from, int to) {
    if (first) {
      start(p, g, v, from, to);
    } else if (nesterov) {
      nesterov(p, g, v, from, to);
    } else {
      heavyBall(p, g, v, from, to);
    }
  }

  private void start(float[] p, float[] g, float[] v, int from, int to) {
    int i = from;
    for (int end = bound(from, to); i < end; i += COUNT) {
      FloatVector parameter = fromArray(SPECIES, p, i);
      FloatVector velocity = decayed(parameter, fromArray(SPECIES, g, i));
      velocity.intoArray(v, i);
      velocity.fma(broadcast(SPECIES, -firstRate), parameter).intoArray(p, i);
    }
    for (; i < to; i++) {
      v[i] = decayed(p[i], g[i]);
      p[i] = Math.fma(v[i], -firstRate, p[i]);
    }
  }

  private void heavyBall(float[] p, float[] g, float[] v, int from, int to) {
    int i = from;
    for (int end = bound(from, to); i < end; i += COUNT) {
      FloatVector parameter = fromArray(SPECIES, p, i);
      FloatVector gradient = decayed(parameter, fromArray(SPECIES, g, i));
      FloatVector velocity = fromArray(SPECIES, v, i).fma(broadcast(SPECIES, momentum), gradient.mul(fresh));
      velocity.intoArray(v, i);
      velocity.fma(broadcast(SPECIES, -rate), parameter).intoArray(p, i);
    }
    for (; i < to; i++) {
      v[i] = Math.fma(v[i], momentum, decayed(p[i], g[i]) * fresh);
      p[i] = Math.fma(v[i], -rate, p[i]);
    }
  }

  private void nesterov(float[] p, float[] g, float[] v, int from, int to) {
    int i = from;
    for (int end = bound(from, to); i < end; i += COUNT) {
      FloatVector parameter = fromArray(SPECIES, p, i);
      FloatVector gradient = decayed(parameter, fromArray(SPECIES, g, i));
      FloatVector velocity = fromArray(SPECIES, v, i).fma(broadcast(SPECIES, momentum), gradient.mul(fresh));
      velocity.intoArray(v, i);
      velocity.fma(broadcast(SPECIES, momentum), gradient).fma(broadcast(SPECIES, -rate), parameter).intoArray(p, i);
    }
    for (; i < to; i++) {
      float gradient = decayed(p[i], g[i]);
      v[i] = Math.fma(v[i], momentum, gradient * fresh);
      p[i] = Math.fma(Math.fma(v[i], momentum, gradient), -rate, p[i]);
    }
  }

  private FloatVector decayed(FloatVector p, FloatVector g) {
    return p.fma(broadcast(SPECIES, decay), g.mul(sign));
  }

  private float decayed(float p, float g) {
    return Math.fma(p, decay, g * sign);
  }
}
