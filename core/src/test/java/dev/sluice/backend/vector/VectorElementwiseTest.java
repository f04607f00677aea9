package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Agreement.LENGTHS;
import static dev.sluice.backend.vector.Agreement.SPECIAL;
import static dev.sluice.backend.vector.Agreement.check;
import static dev.sluice.backend.vector.Agreement.empty;
import static dev.sluice.backend.vector.Agreement.positive;
import static dev.sluice.backend.vector.Agreement.random;
import static dev.sluice.backend.vector.Agreement.reals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.spi.Backend;
import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VectorElementwiseTest {
  private static final int[][] SHAPES = {{1}, {7}, {1000}, {3, 5}, {5, 1, 4}, {2, 3, 4, 5}, {17, 33}, {1, 1}, {3, 0},
      {0, 3}, {2, 70_001}, {45_001, 3}, {}};

  @ParameterizedTest
  @EnumSource
  void unary(UnaryOp op) {
    for (int length : LENGTHS) {
      float[] x = op == UnaryOp.LOG || op == UnaryOp.SQRT || op == UnaryOp.POWER
          ? positive(1, length) : random(1, length);
      float[] g = random(2, length);
      double[] exponents = op == UnaryOp.POWER ? new double[] {2.5, 0, 1, 2, 3, -1, 4} : new double[] {-0.75};
      for (double a : exponents) {
        UnarySpec spec = new UnarySpec(op, length, a, 1.25);
        check(op + " of " + length + ", a = " + a, 8, backend -> {
          Buffer given = reals(backend, x);
          Buffer y = empty(backend, length);
          Buffer gradX = empty(backend, length);
          backend.elementwise().unary(spec, given, y);
          backend.elementwise().unaryBackward(spec, given, y, reals(backend, g), gradX);
          return List.of(y, gradX);
        });
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void unaryOfSpecialValues(UnaryOp op) {
    UnarySpec spec = new UnarySpec(op, SPECIAL.length, op == UnaryOp.POWER ? 2.5 : 0.25, 1.25);
    double[][] expected = unarySpecial(Agreement.REFERENCE, spec);
    double[][] actual = unarySpecial(Agreement.VECTOR.getFirst(), spec);
    for (int output = 0; output < 2; output++) {
      for (int i = 0; i < SPECIAL.length; i++) {
        float wanted = (float) expected[output][i];
        double tolerance = 8 * Math.max(Math.ulp(Float.isFinite(wanted) ? wanted : 1f), Math.ulp(1f));
        assertTrue(Agreement.agree(wanted, (float) actual[output][i], tolerance), op + "(" + SPECIAL[i] + "), output "
            + output + ", is " + actual[output][i] + ", wanted " + wanted);
      }
    }
  }

  private static double[][] unarySpecial(Backend backend, UnarySpec spec) {
    float[] ones = new float[SPECIAL.length];
    Arrays.fill(ones, 1f);
    Buffer x = reals(backend, SPECIAL);
    Buffer y = empty(backend, SPECIAL.length);
    Buffer gradX = empty(backend, SPECIAL.length);
    backend.elementwise().unary(spec, x, y);
    backend.elementwise().unaryBackward(spec, x, y, reals(backend, ones), gradX);
    double[][] results = new double[2][SPECIAL.length];
    backend.read(y, 0, results[0], 0, SPECIAL.length);
    backend.read(gradX, 0, results[1], 0, SPECIAL.length);
    return results;
  }

  @ParameterizedTest
  @EnumSource
  void binaryOverEveryBroadcast(BinaryOp op) {
    for (int[] shape : SHAPES) {
      // The shapes that are large enough to be shared out are here for their chunks: one argument broadcast is enough.
      boolean large = Arrays.stream(shape).reduce(1, (a, b) -> a * b) > 100_000;
      for (int left = 0; left < (large ? 1 : 1 << shape.length); left++) {
        for (int right = 0; right < 1 << shape.length; right++) {
          binary(new BinarySpec(op, shape, strides(shape, left), strides(shape, right)));
        }
      }
    }
  }

  /** Dense over the dimensions whose bit is not set, and 0 along the others. */
  private static int[] strides(int[] shape, int broadcast) {
    int[] strides = new int[shape.length];
    int step = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      if ((broadcast >> d & 1) == 0) {
        strides[d] = step;
        step *= shape[d];
      }
    }
    return strides;
  }

  private static void binary(BinarySpec spec) {
    float[] left = positive(3, spec.leftLength());
    for (int i = 0; i < left.length; i++) {
      left[i] += 1;
    }
    float[] right = positive(4, spec.rightLength());
    for (int i = 0; i < left.length && i < right.length; i += 3) {
      left[i] = right[i];
    }
    // All terms of a sum over a broadcast dimension of one sign: what cancels has no relative error to speak of.
    float[] g = positive(5, spec.length());
    String what = spec.op() + " over " + Arrays.toString(spec.shape()) + ", left " + Arrays.toString(spec.leftStrides())
        + ", right " + Arrays.toString(spec.rightStrides());
    check(what, spec.op() == BinaryOp.POWER ? 32 : 8, backend -> {
      Buffer l = reals(backend, left);
      Buffer r = reals(backend, right);
      Buffer y = empty(backend, spec.length());
      Buffer gradLeft = empty(backend, spec.leftLength());
      Buffer gradRight = empty(backend, spec.rightLength());
      backend.elementwise().binary(spec, l, r, y);
      backend.elementwise().binaryBackward(spec, l, r, reals(backend, g), gradLeft, gradRight);
      return List.of(y, gradLeft, gradRight);
    });
  }

  @Test
  void binaryOfSpecialValuesInEveryPair() {
    int n = SPECIAL.length;
    for (BinaryOp op : BinaryOp.values()) {
      BinarySpec spec = new BinarySpec(op, new int[] {n, n}, new int[] {1, 0}, new int[] {0, 1});
      double[] expected = binarySpecial(Agreement.REFERENCE, spec);
      double[] actual = binarySpecial(Agreement.VECTOR.getFirst(), spec);
      for (int i = 0; i < expected.length; i++) {
        assertTrue(Agreement.agree((float) expected[i], (float) actual[i], Math.ulp((float) expected[i])),
            op + "(" + SPECIAL[i / n] + ", " + SPECIAL[i % n] + ") is " + actual[i] + ", wanted " + expected[i]);
      }
    }
  }

  private static double[] binarySpecial(Backend backend, BinarySpec spec) {
    Buffer y = empty(backend, spec.length());
    backend.elementwise().binary(spec, reals(backend, SPECIAL), reals(backend, SPECIAL), y);
    double[] result = new double[spec.length()];
    backend.read(y, 0, result, 0, result.length);
    return result;
  }

  @Test
  void aGradientThatIsNotWantedIsNotComputed() {
    BinarySpec spec = BinarySpec.of(BinaryOp.MULTIPLY, 5);
    check("multiply, right only", 1, backend -> {
      Buffer gradRight = empty(backend, 5);
      backend.elementwise().binaryBackward(spec, reals(backend, random(1, 5)), reals(backend, random(2, 5)),
          reals(backend, random(3, 5)), null, gradRight);
      return List.of(gradRight);
    });
  }
}
