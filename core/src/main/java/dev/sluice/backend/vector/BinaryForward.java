package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static dev.sluice.backend.vector.Lanes.bound;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.sluice.spi.BinaryOp;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * {@code y = f(left, right)} run by run: along a run each argument is a vector or one number. Scalar tails round as
 * lanes do, for every operation here is correctly rounded.
 */
final class BinaryForward {
  private BinaryForward() {}

  /** Elements from to to of y, numbered row by row. */
  static void apply(BinaryOp op, Broadcast over, float[] left, float[] right, float[] y, int from, int to) {
    Broadcast.Walk walk = over.walk(from / over.run());
    int column = from % over.run();
    for (int i = from; i < to;) {
      int n = Math.min(over.run() - column, to - i);
      run(op, over, left, walk.leftOffset() + column * over.leftStride(), right,
          walk.rightOffset() + column * over.rightStride(), y, i, n);
      i += n;
      column = 0;
      walk.next();
    }
  }

  private static void run(BinaryOp op, Broadcast over, float[] l, int lo, float[] r, int ro, float[] y, int yo, int n) {
    if (op == BinaryOp.POWER) {
      power(l, lo, over.leftStride(), r, ro, over.rightStride(), y, yo, n);
    } else if (over.leftStride() == 1 && over.rightStride() == 1) {
      vectors(op, l, lo, r, ro, y, yo, n);
    } else if (over.leftStride() == 1) {
      vectorAndNumber(op, l, lo, r[ro], y, yo, n);
    } else if (over.rightStride() == 1) {
      numberAndVector(op, l[lo], r, ro, y, yo, n);
    } else {
      vectors(op, l, lo, r, ro, y, yo, 1);
      Arrays.fill(y, yo, yo + n, y[yo]);
    }
  }

  private static void vectors(BinaryOp op, float[] l, int lo, float[] r, int ro, float[] y, int yo, int n) {
    switch (op) {
      case ADD -> add(l, lo, r, ro, y, yo, n);
      case SUBTRACT -> subtract(l, lo, r, ro, y, yo, n);
      case MULTIPLY -> multiply(l, lo, r, ro, y, yo, n);
      case DIVIDE -> divide(l, lo, r, ro, y, yo, n);
      case MAXIMUM -> maximum(l, lo, r, ro, y, yo, n);
      case MINIMUM -> minimum(l, lo, r, ro, y, yo, n);
      case POWER -> power(l, lo, 1, r, ro, 1, y, yo, n);
    }
  }

  private static void vectorAndNumber(BinaryOp op, float[] l, int lo, float r, float[] y, int yo, int n) {
    switch (op) {
      case ADD -> add(l, lo, r, y, yo, n);
      case SUBTRACT -> add(l, lo, -r, y, yo, n);
      case MULTIPLY -> multiply(l, lo, r, y, yo, n);
      case DIVIDE -> divide(l, lo, r, y, yo, n);
      case MAXIMUM -> maximum(l, lo, r, y, yo, n);
      case MINIMUM -> minimum(l, lo, r, y, yo, n);
      case POWER -> power(l, lo, 1, new float[] {r}, 0, 0, y, yo, n);
    }
  }

  private static void numberAndVector(BinaryOp op, float l, float[] r, int ro, float[] y, int yo, int n) {
    switch (op) {
      case ADD -> add(r, ro, l, y, yo, n);
      case SUBTRACT -> subtract(l, r, ro, y, yo, n);
      case MULTIPLY -> multiply(r, ro, l, y, yo, n);
      case DIVIDE -> divide(l, r, ro, y, yo, n);
      case MAXIMUM -> maximum(r, ro, l, y, yo, n);
      case MINIMUM -> minimum(r, ro, l, y, yo, n);
      case POWER -> power(new float[] {l}, 0, 0, r, ro, 1, y, yo, n);
    }
  }

  private static void add(float[] l, int lo, float[] r, int ro, float[] y, int yo, int n) {
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, l, lo + i).add(fromArray(SPECIES, r, ro + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = l[lo + i] + r[ro + i];
    }
  }

  private static void add(float[] l, int lo, float r, float[] y, int yo, int n) {
    FloatVector number = broadcast(SPECIES, r);
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, l, lo + i).add(number).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = l[lo + i] + r;
    }
  }

  private static void subtract(float[] l, int lo, float[] r, int ro, float[] y, int yo, int n) {
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, l, lo + i).sub(fromArray(SPECIES, r, ro + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = l[lo + i] - r[ro + i];
    }
  }

  private static void subtract(float l, float[] r, int ro, float[] y, int yo, int n) {
    FloatVector number = broadcast(SPECIES, l);
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      number.sub(fromArray(SPECIES, r, ro + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = l - r[ro + i];
    }
  }

  private static void multiply(float[] l, int lo, float[] r, int ro, float[] y, int yo, int n) {
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, l, lo + i).mul(fromArray(SPECIES, r, ro + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = l[lo + i] * r[ro + i];
    }
  }

  private static void multiply(float[] l, int lo, float r, float[] y, int yo, int n) {
    FloatVector number = broadcast(SPECIES, r);
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, l, lo + i).mul(number).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = l[lo + i] * r;
    }
  }

  private static void divide(float[] l, int lo, float[] r, int ro, float[] y, int yo, int n) {
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, l, lo + i).div(fromArray(SPECIES, r, ro + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = l[lo + i] / r[ro + i];
    }
  }

  private static void divide(float[] l, int lo, float r, float[] y, int yo, int n) {
    FloatVector number = broadcast(SPECIES, r);
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, l, lo + i).div(number).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = l[lo + i] / r;
    }
  }

  private static void divide(float l, float[] r, int ro, float[] y, int yo, int n) {
    FloatVector number = broadcast(SPECIES, l);
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      number.div(fromArray(SPECIES, r, ro + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = l / r[ro + i];
    }
  }

  private static void maximum(float[] l, int lo, float[] r, int ro, float[] y, int yo, int n) {
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, l, lo + i).max(fromArray(SPECIES, r, ro + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.max(l[lo + i], r[ro + i]);
    }
  }

  private static void maximum(float[] l, int lo, float r, float[] y, int yo, int n) {
    FloatVector number = broadcast(SPECIES, r);
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, l, lo + i).max(number).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.max(l[lo + i], r);
    }
  }

  private static void minimum(float[] l, int lo, float[] r, int ro, float[] y, int yo, int n) {
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, l, lo + i).min(fromArray(SPECIES, r, ro + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.min(l[lo + i], r[ro + i]);
    }
  }

  private static void minimum(float[] l, int lo, float r, float[] y, int yo, int n) {
    FloatVector number = broadcast(SPECIES, r);
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      fromArray(SPECIES, l, lo + i).min(number).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.min(l[lo + i], r);
    }
  }

  private static void power(float[] l, int lo, int ls, float[] r, int ro, int rs, float[] y, int yo, int n) {
    PowerBlock block = new PowerBlock();
    for (int start = 0; start < n; start += PowerBlock.SIZE) {
      int some = Math.min(PowerBlock.SIZE, n - start);
      for (int i = 0; i < some; i++) {
        block.bases[i] = l[lo + (start + i) * ls];
        block.exponents[i] = r[ro + (start + i) * rs];
      }
      block.raise(some);
      for (int i = 0; i < some; i++) {
        y[yo + start + i] = (float) block.powers[i];
      }
    }
  }
}
