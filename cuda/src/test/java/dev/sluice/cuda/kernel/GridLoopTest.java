package dev.sluice.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.cuda.SoftGpu;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.DropoutSpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.EmbeddingSpec;
import dev.sluice.spi.FillSpec;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Sizes for which a grid does not have a thread for every element or every four, with 32 blocks of 256 threads for each
 * of 108 multiprocessors: kernels must go round. All numbers are small and whole, so that results are exact.
 */
class GridLoopTest {
  private static final int ROWS = 2003;
  private static final int COLUMNS = 2001;
  private static final int LENGTH = ROWS * COLUMNS;

  private final Backend backend = SoftGpu.backend();

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void fill() {
    Buffer target = input(LENGTH + 3, i -> 9);
    backend.memory().fill(new FillSpec(ElementType.REAL, LENGTH, 5), target);
    check(target, LENGTH + 3, i -> i < LENGTH ? 5 : 9);
  }

  @Test
  void copies() {
    Buffer source = input(LENGTH, GridLoopTest::number);
    Buffer target = output();
    backend.memory().copy(CopySpec.contiguous(ElementType.REAL, LENGTH), source, target);
    check(target, LENGTH, GridLoopTest::number);
    backend.memory().copy(CopySpec.accumulating(LENGTH, 2), source, target);
    check(target, LENGTH, i -> 3 * number(i));
    backend.memory().copy(new CopySpec(ElementType.REAL, new int[] {LENGTH}, LENGTH - 1, new int[] {-1}, 0,
        new int[] {1}, 1, false), source, target);
    check(target, LENGTH, i -> number(LENGTH - 1 - i));
    backend.memory().copy(new CopySpec(ElementType.REAL, new int[] {ROWS, COLUMNS}, 0, new int[] {1, ROWS}, 0,
        new int[] {COLUMNS, 1}, 1, false), source, target);
    check(target, LENGTH, i -> number(i % COLUMNS * ROWS + i / COLUMNS));
  }

  @Test
  void functionsOfOneElement() {
    Buffer x = input(LENGTH, GridLoopTest::number);
    Buffer y = output();
    backend.elementwise().unary(new UnarySpec(UnaryOp.AFFINE, LENGTH, 2, 1), x, y);
    check(y, LENGTH, i -> 2 * number(i) + 1);
    backend.elementwise().unaryBackward(new UnarySpec(UnaryOp.AFFINE, LENGTH, 3, 1), x, y, x, y);
    check(y, LENGTH, i -> 3 * number(i));
    backend.elementwise().unary(new UnarySpec(UnaryOp.POWER, LENGTH, 1, 0), x, y);
    check(y, LENGTH, GridLoopTest::number);
    backend.elementwise().unaryBackward(new UnarySpec(UnaryOp.POWER, LENGTH, 1, 0), x, y, x, y);
    check(y, LENGTH, GridLoopTest::number);
  }

  @Test
  void functionsOfTwoElements() {
    for (int columns : new int[] {COLUMNS, COLUMNS + 3}) {
      int length = ROWS * columns;
      BinarySpec spec = new BinarySpec(BinaryOp.SUBTRACT, new int[] {ROWS, columns}, new int[] {columns, 1},
          new int[] {0, 1});
      Buffer left = input(length, GridLoopTest::number);
      Buffer right = input(columns, i -> i);
      Buffer y = backend.allocate(ElementType.REAL, length);
      backend.elementwise().binary(spec, left, right, y);
      check(y, length, i -> number(i) - i % columns);
      Buffer gradRight = backend.allocate(ElementType.REAL, columns);
      Buffer ones = input(length, i -> 1);
      backend.elementwise().binaryBackward(spec, left, right, ones, y, gradRight);
      check(y, length, i -> 1);
      check(gradRight, columns, i -> -ROWS);
    }
  }

  @Test
  void reductionsAndTheirGradients() {
    Buffer x = input(LENGTH, i -> i % COLUMNS % 2);
    Buffer y = backend.allocate(ElementType.REAL, ROWS);
    Buffer gradX = output();
    ReductionSpec sum = new ReductionSpec(ReductionOp.SUM, ROWS, COLUMNS, 1);
    backend.reduction().reduce(sum, x, y);
    check(y, ROWS, i -> COLUMNS / 2);
    backend.reduction().reduceBackward(sum, x, y, input(ROWS, GridLoopTest::number), gradX);
    check(gradX, LENGTH, i -> number(i / COLUMNS));
    ReductionSpec max = new ReductionSpec(ReductionOp.MAX, ROWS, COLUMNS, 1);
    backend.reduction().reduce(max, x, y);
    check(y, ROWS, i -> 1);
    backend.reduction().reduceBackward(max, x, y, input(ROWS, i -> 7 * (COLUMNS / 2)), gradX);
    check(gradX, LENGTH, i -> i % COLUMNS % 2 == 1 ? 7 : 0);
    int quads = 4 * (COLUMNS / 4);
    Buffer wide = backend.allocate(ElementType.REAL, ROWS * quads);
    backend.reduction().reduceBackward(new ReductionSpec(ReductionOp.SUM, 1, ROWS, quads), wide, wide,
        input(quads, GridLoopTest::number), wide);
    check(wide, ROWS * quads, i -> number(i % quads));
  }

  @Test
  void dropout() {
    Buffer y = output();
    backend.dropout().dropout(new DropoutSpec(LENGTH, new Dropout(0, 1, 2)), input(LENGTH, GridLoopTest::number), y);
    check(y, LENGTH, GridLoopTest::number);
  }

  @Test
  void lookUps() {
    for (int width : new int[] {COLUMNS, COLUMNS + 3}) {
      Buffer indices = backend.allocate(ElementType.INT32, ROWS);
      int[] values = new int[ROWS];
      for (int i = 0; i < ROWS; i++) {
        values[i] = i % 5;
      }
      backend.write(values, 0, indices, 0, ROWS);
      Buffer y = backend.allocate(ElementType.REAL, ROWS * width);
      backend.embedding().embedding(new EmbeddingSpec(ROWS, 5, width, EmbeddingSpec.NO_PADDING),
          input(5 * width, i -> i), indices, y);
      check(y, ROWS * width, i -> i / width % 5 * width + i % width);
    }
  }

  private static int number(int i) {
    return i % 1009;
  }

  private Buffer output() {
    return input(LENGTH, i -> -1);
  }

  private Buffer input(int length, IntUnaryOperator numbers) {
    Buffer buffer = backend.allocate(ElementType.REAL, length);
    backend.write(floats(length, numbers), 0, buffer, 0, length);
    return buffer;
  }

  private void check(Buffer buffer, int length, IntUnaryOperator wanted) {
    float[] got = new float[length];
    backend.read(buffer, 0, got, 0, length);
    assertArrayEquals(floats(length, wanted), got);
  }

  private static float[] floats(int length, IntUnaryOperator numbers) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = numbers.applyAsInt(i);
    }
    return values;
  }
}
