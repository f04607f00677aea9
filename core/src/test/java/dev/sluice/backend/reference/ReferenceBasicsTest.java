package dev.sluice.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.DropoutSpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.EmbeddingSpec;
import dev.sluice.spi.FillSpec;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Memory, products, element-wise functions, reductions, look-ups and dropout against values worked out by hand. */
class ReferenceBasicsTest {
  private static final double NAN = Double.NaN;
  private final ReferenceBackend backend = new ReferenceBackend();
  private final Kit kit = new Kit(backend);

  @Test
  void fillTouchesTheFirstElementsOnly() {
    Buffer target = kit.reals(1, 2, 3);
    backend.memory().fill(new FillSpec(ElementType.REAL, 2, 7), target);
    assertArrayEquals(new double[] {7, 7, 3}, kit.values(target));
  }

  @Test
  void copyTransposesFlipsScalesAndAccumulates() {
    Buffer source = kit.reals(1, 2, 3, 4, 5, 6);
    Buffer target = kit.reals(10, 10, 10, 10, 10, 10);
    // The (2, 3) source with its columns flipped, as (3, 2).
    backend.memory().copy(new CopySpec(ElementType.REAL, new int[] {3, 2}, 2, new int[] {-1, 3}, 0, new int[] {2, 1}, 2,
        true), source, target);
    assertArrayEquals(new double[] {16, 22, 14, 20, 12, 18}, kit.values(target));
  }

  @Test
  void multiplyTransposesScalesAndAddsTheBias() {
    Buffer a = kit.reals(1, 2, 3, 4);
    Buffer b = kit.reals(5, 6, 7, 8);
    GemmSpec plain = GemmSpec.of(2, 2, 2, true, false);
    Buffer c = kit.empty(4);
    backend.gemm().multiply(plain, a, b, null, c);
    assertArrayEquals(new double[] {26, 30, 38, 44}, kit.values(c));
    GemmSpec full = new GemmSpec(1, 2, 2, 2, plain.a(), plain.b(), plain.c(), 2, -1, true);
    backend.gemm().multiply(full, a, b, kit.reals(0.5, -0.5), c);
    assertArrayEquals(new double[] {26.5, 29.5, 38.5, 43.5}, kit.values(c));
  }

  @Test
  void multiplyOverNothingIsTheBias() {
    Buffer c = kit.empty(4);
    GemmSpec spec = GemmSpec.of(2, 2, 0, false, false).withBias();
    backend.gemm().multiply(spec, kit.empty(0), kit.empty(0), kit.reals(1, 2), c);
    assertArrayEquals(new double[] {1, 2, 1, 2}, kit.values(c));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0.5, 0.5204998778130465", "1, 0.8427007929497149", "-1, -0.8427007929497149",
      "1.9, 0.9927904292352575", "2, 0.9953222650189527", "2.1, 0.9970205333436670", "3, 0.9999779095030014",
      "-5, -0.9999999999984626", "7, 1", "Infinity, 1", "1e-300, 1.1283791670955126e-300"})
  void erf(double x, double expected) {
    assertEquals(expected, ReferenceFunctions.erf(x), 1e-15 * Math.abs(expected));
  }

  @ParameterizedTest
  @EnumSource(UnaryOp.class)
  void unaryGradientsAreThoseOfTheFunction(UnaryOp op) {
    boolean positiveOnly = op == UnaryOp.POWER || op == UnaryOp.SQRT || op == UnaryOp.LOG;
    double[] x = positiveOnly ? new double[] {0.3, 1, 2.5} : new double[] {-2.5, -0.7, 0.2, 1.4, 3.1};
    UnarySpec spec = new UnarySpec(op, x.length, op == UnaryOp.CLAMP ? -1 : 1.7, op == UnaryOp.CLAMP ? 2 : -0.4);
    Buffer y = kit.empty(x.length);
    backend.elementwise().unary(spec, kit.reals(x), y);
    Buffer gradX = kit.empty(x.length);
    double[] gradY = Kit.normal(1, x.length);
    backend.elementwise().unaryBackward(spec, kit.reals(x), y, kit.reals(gradY), gradX);
    Kit.assertGradient(op.name(), x, kit.values(gradX), moved -> {
      Buffer result = kit.empty(moved.length);
      backend.elementwise().unary(spec, kit.reals(moved), result);
      return Kit.dot(gradY, kit.values(result));
    });
  }

  @Test
  void kinksHaveTheStatedDerivatives() {
    assertArrayEquals(new double[] {0, NAN}, unaryGradient(UnaryOp.ABS, 0, 0, 0, NAN));
    assertArrayEquals(new double[] {0, NAN}, unaryGradient(UnaryOp.RELU, 0, 0, 0, NAN));
    assertArrayEquals(new double[] {0.1, NAN}, unaryGradient(UnaryOp.LEAKY_RELU, 0.1, 0, 0, NAN));
    assertArrayEquals(new double[] {0, 1, 1, 0, NAN}, unaryGradient(UnaryOp.CLAMP, -1, 2, -1.5, -1, 2, 3, NAN));
    assertArrayEquals(new double[] {0, 0}, unaryGradient(UnaryOp.POWER, 0, 0, 0, -2));
  }

  private double[] unaryGradient(UnaryOp op, double a, double b, double... x) {
    UnarySpec spec = new UnarySpec(op, x.length, a, b);
    double[] ones = new double[x.length];
    Arrays.fill(ones, 1);
    Buffer y = kit.empty(x.length);
    Buffer gradX = kit.empty(x.length);
    backend.elementwise().unary(spec, kit.reals(x), y);
    backend.elementwise().unaryBackward(spec, kit.reals(x), y, kit.reals(ones), gradX);
    return kit.values(gradX);
  }

  @Test
  void broadcastArgumentsGetSummedGradients() {
    BinarySpec spec = new BinarySpec(BinaryOp.MULTIPLY, new int[] {2, 3}, new int[] {3, 1}, new int[] {0, 1});
    Buffer left = kit.reals(1, 2, 3, 4, 5, 6);
    Buffer right = kit.reals(10, 20, 30);
    Buffer y = kit.empty(6);
    backend.elementwise().binary(spec, left, right, y);
    assertArrayEquals(new double[] {10, 40, 90, 40, 100, 180}, kit.values(y));
    Buffer gradLeft = kit.empty(6);
    Buffer gradRight = kit.empty(3);
    backend.elementwise().binaryBackward(spec, left, right, kit.reals(1, 1, 1, 2, 2, 2), gradLeft, gradRight);
    assertArrayEquals(new double[] {10, 20, 30, 20, 40, 60}, kit.values(gradLeft));
    assertArrayEquals(new double[] {9, 12, 15}, kit.values(gradRight));
  }

  @Test
  void anArgumentBroadcastOverNothingGetsNoGradient() {
    BinarySpec spec = new BinarySpec(BinaryOp.ADD, new int[] {0, 2}, new int[] {0, 1}, new int[] {2, 1});
    Buffer gradLeft = kit.empty(2);
    backend.elementwise().binaryBackward(spec, kit.reals(1, 2), kit.empty(0), kit.empty(0), gradLeft, null);
    assertArrayEquals(new double[] {0, 0}, kit.values(gradLeft));
  }

  @ParameterizedTest
  @EnumSource(BinaryOp.class)
  void binaryGradientsAreThoseOfTheFunction(BinaryOp op) {
    double[] left = {0.4, 1.3, 2.2};
    double[] right = {1.5, -0.6, 0.8};
    BinarySpec spec = BinarySpec.of(op, 3);
    double[] gradY = Kit.normal(2, 3);
    Buffer gradLeft = kit.empty(3);
    Buffer gradRight = kit.empty(3);
    backend.elementwise().binaryBackward(spec, kit.reals(left), kit.reals(right), kit.reals(gradY), gradLeft,
        gradRight);
    Kit.assertGradient(op + " left", left, kit.values(gradLeft), moved -> Kit.dot(gradY, binary(spec, moved, right)));
    Kit.assertGradient(op + " right", right, kit.values(gradRight), moved -> Kit.dot(gradY, binary(spec, left, moved)));
  }

  private double[] binary(BinarySpec spec, double[] left, double[] right) {
    Buffer y = kit.empty(spec.length());
    backend.elementwise().binary(spec, kit.reals(left), kit.reals(right), y);
    return kit.values(y);
  }

  @Test
  void tiesShareTheGradient() {
    Buffer gradLeft = kit.empty(2);
    Buffer gradRight = kit.empty(2);
    Buffer left = kit.reals(1, 2);
    Buffer right = kit.reals(1, 3);
    backend.elementwise().binaryBackward(BinarySpec.of(BinaryOp.MAXIMUM, 2), left, right, kit.reals(4, 4), gradLeft,
        gradRight);
    assertArrayEquals(new double[] {2, 0}, kit.values(gradLeft));
    assertArrayEquals(new double[] {2, 4}, kit.values(gradRight));
  }

  @Test
  void reductionsRunOverTheMiddleDimension() {
    Buffer x = kit.reals(1, 2, 5, 2, 5, NAN);
    assertArrayEquals(new double[] {11, NAN}, reduce(ReductionOp.SUM, x));
    assertArrayEquals(new double[] {11.0 / 3, NAN}, reduce(ReductionOp.MEAN, x));
    assertArrayEquals(new double[] {5, NAN}, reduce(ReductionOp.MAX, x));
    assertArrayEquals(new double[] {1, NAN}, reduce(ReductionOp.MIN, x));
    Buffer indices = kit.integers(-1, -1);
    backend.reduction().argMax(new ReductionSpec(ReductionOp.MAX, 1, 3, 2), x, indices);
    assertArrayEquals(new int[] {1, 2}, kit.integers(indices));
  }

  private double[] reduce(ReductionOp op, Buffer x) {
    Buffer y = kit.empty(2);
    backend.reduction().reduce(new ReductionSpec(op, 1, 3, 2), x, y);
    return kit.values(y);
  }

  @Test
  void reductionsOfNothing() {
    Buffer y = kit.empty(1);
    backend.reduction().reduce(new ReductionSpec(ReductionOp.SUM, 1, 0, 1), kit.empty(0), y);
    assertArrayEquals(new double[] {0}, kit.values(y));
    backend.reduction().reduce(new ReductionSpec(ReductionOp.MEAN, 1, 0, 1), kit.empty(0), y);
    assertArrayEquals(new double[] {NAN}, kit.values(y));
  }

  @Test
  void theLargestElementsShareTheGradient() {
    Buffer gradX = kit.empty(3);
    backend.reduction().reduceBackward(new ReductionSpec(ReductionOp.MAX, 1, 3, 1), kit.reals(5, 1, 5), kit.reals(5),
        kit.reals(3), gradX);
    assertArrayEquals(new double[] {1.5, 0, 1.5}, kit.values(gradX));
    backend.reduction().reduceBackward(new ReductionSpec(ReductionOp.MEAN, 1, 3, 1), kit.reals(5, 1, 5), kit.reals(5),
        kit.reals(3), gradX);
    assertArrayEquals(new double[] {1, 1, 1}, kit.values(gradX));
  }

  @Test
  void embeddingLooksUpAndAccumulates() {
    EmbeddingSpec spec = new EmbeddingSpec(3, 3, 2, 1);
    Buffer indices = kit.integers(2, 1, 2);
    Buffer y = kit.empty(6);
    backend.embedding().embedding(spec, kit.reals(1, 2, 3, 4, 5, 6), indices, y);
    assertArrayEquals(new double[] {5, 6, 3, 4, 5, 6}, kit.values(y));
    Buffer gradTable = kit.empty(6);
    backend.embedding().embeddingBackward(spec, indices, kit.reals(1, 2, 10, 20, 100, 200), gradTable);
    assertArrayEquals(new double[] {0, 0, 0, 0, 101, 202}, kit.values(gradTable));
  }

  @Test
  void dropoutDropsByElementNumberAndNeverReadsTheDropped() {
    // As in DropoutTest: elements 1 and 2 are dropped under key 0.
    DropoutSpec spec = new DropoutSpec(4, new Dropout(0.3, 0, 0));
    Buffer y = kit.empty(4);
    backend.dropout().dropout(spec, kit.reals(7, NAN, NAN, -7), y);
    assertArrayEquals(new double[] {10, 0, 0, -10}, kit.values(y), 1e-14);
    backend.dropout().dropoutBackward(spec, kit.reals(0.7, NAN, NAN, 1.4), y);
    assertArrayEquals(new double[] {1, 0, 0, 2}, kit.values(y), 1e-15);
  }
}
