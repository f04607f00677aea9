package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static dev.sluice.backend.vector.Lanes.bound;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;

import dev.sluice.spi.BinaryOp;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The gradient of one argument of {@code y = f(left, right)}, element by element of y, before it is summed over the
 * dimensions along which the argument was broadcast. Only what is no binary operation itself: {@code -g l / r^2}, the
 * choices of maximum and minimum, and powers.
 */
final class BinaryBackward {
  /** An argument that is one number along a run is spread over a row of this size, so that one loop serves for all. */
  private static final int ROW = 512;

  private BinaryBackward() {}

  /** Elements from to to of the gradient of the left or the right argument. */
  static void apply(BinaryOp op, boolean ofLeft, Broadcast over, float[] left, float[] right, float[] g, float[] grad,
      int from, int to) {
    float[] leftRow = over.leftStride() == 0 ? new float[ROW] : left;
    float[] rightRow = over.rightStride() == 0 ? new float[ROW] : right;
    Broadcast.Walk walk = over.walk(from / over.run());
    int column = from % over.run();
    for (int i = from; i < to;) {
      int runEnd = Math.min(i + over.run() - column, to);
      for (int n; i < runEnd; i += n, column += n) {
        n = Math.min(runEnd - i, ROW);
        int lo = spread(over.leftStride(), left, walk.leftOffset(), column, leftRow, n);
        int ro = spread(over.rightStride(), right, walk.rightOffset(), column, rightRow, n);
        row(op, ofLeft, leftRow, lo, rightRow, ro, g, grad, i, n);
      }
      column = 0;
      walk.next();
    }
  }

  /** Where the argument's elements lie: in place, or, for one number, in the row filled with it. */
  private static int spread(int stride, float[] argument, int offset, int column, float[] row, int n) {
    if (stride == 1) {
      return offset + column;
    }
    Arrays.fill(row, 0, n, argument[offset]);
    return 0;
  }

  private static void row(BinaryOp op, boolean ofLeft, float[] l, int lo, float[] r, int ro, float[] g, float[] grad,
      int at, int n) {
    switch (op) {
      case DIVIDE -> divisor(l, lo, r, ro, g, grad, at, n);
      case MAXIMUM, MINIMUM -> {
        // The smaller of two is the one whose other is larger.
        if (ofLeft == (op == BinaryOp.MAXIMUM)) {
          toLarger(l, lo, r, ro, g, grad, at, n);
        } else {
          toLarger(r, ro, l, lo, g, grad, at, n);
        }
      }
      case POWER -> {
        if (ofLeft) {
          base(l, lo, r, ro, g, grad, at, n);
        } else {
          exponent(l, lo, r, ro, g, grad, at, n);
        }
      }
      case ADD, SUBTRACT, MULTIPLY -> throw new AssertionError(op);
    }
  }

  /** {@code -g * l / r / r}: dividing twice, where r*r would overflow. */
  private static void divisor(float[] l, int lo, float[] r, int ro, float[] g, float[] grad, int at, int n) {
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      FloatVector divisor = fromArray(SPECIES, r, ro + i);
      fromArray(SPECIES, g, at + i).neg().mul(fromArray(SPECIES, l, lo + i)).div(divisor).div(divisor)
          .intoArray(grad, at + i);
    }
    for (; i < n; i++) {
      grad[at + i] = -g[at + i] * l[lo + i] / r[ro + i] / r[ro + i];
    }
  }

  /** g where own is larger, half of it where both are equal, 0 where it is smaller, NaN where either is NaN. */
  private static void toLarger(float[] own, int ownOffset, float[] other, int otherOffset, float[] g, float[] grad,
      int at, int n) {
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      FloatVector a = fromArray(SPECIES, own, ownOffset + i);
      FloatVector b = fromArray(SPECIES, other, otherOffset + i);
      FloatVector v = fromArray(SPECIES, g, at + i);
      broadcast(SPECIES, Float.NaN).blend(0f, a.lt(b)).blend(v, a.compare(GT, b)).blend(v.mul(0.5f), a.eq(b))
          .intoArray(grad, at + i);
    }
    for (; i < n; i++) {
      float a = own[ownOffset + i];
      float b = other[otherOffset + i];
      grad[at + i] = a > b ? g[at + i] : a == b ? 0.5f * g[at + i] : a < b ? 0f : Float.NaN;
    }
  }

  /** {@code g * r * l^(r-1)}, 0 where r is 0. */
  private static void base(float[] l, int lo, float[] r, int ro, float[] g, float[] grad, int at, int n) {
    PowerBlock block = new PowerBlock();
    for (int start = 0; start < n; start += PowerBlock.SIZE) {
      int some = Math.min(PowerBlock.SIZE, n - start);
      for (int i = 0; i < some; i++) {
        block.bases[i] = l[lo + start + i];
        block.exponents[i] = (double) r[ro + start + i] - 1;
      }
      block.raise(some);
      for (int i = 0; i < some; i++) {
        double exponent = r[ro + start + i];
        grad[at + start + i] = exponent == 0 ? 0f : (float) (g[at + start + i] * exponent * block.powers[i]);
      }
    }
  }

  /** {@code g * l^r * log(l)}, 0 where l is 0 and r is 0 or more. */
  private static void exponent(float[] l, int lo, float[] r, int ro, float[] g, float[] grad, int at, int n) {
    PowerBlock block = new PowerBlock();
    for (int start = 0; start < n; start += PowerBlock.SIZE) {
      int some = Math.min(PowerBlock.SIZE, n - start);
      for (int i = 0; i < some; i++) {
        block.bases[i] = l[lo + start + i];
        block.exponents[i] = r[ro + start + i];
      }
      block.raise(some);
      for (int i = 0; i < some; i++) {
        grad[at + start + i] = block.bases[i] == 0 && block.exponents[i] >= 0 ? 0f
            : (float) (g[at + start + i] * block.powers[i] * block.log(i));
      }
    }
  }
}
