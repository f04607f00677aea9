package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.GemmSpec.Matrix;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Products against a double loop, and the promise that an element's bits do not depend on where it lies. */
class VectorGemmTest {
  private static final int[][] SHAPES = {{1, 1, 1}, {1, 17, 5}, {6, 64, 3}, {7, 65, 9}, {13, 31, 2}, {5, 1, 40},
      {97, 33, 8}, {2, 129, 513}, {12, 16, 512}, {3, 48, 600}, {101, 520, 7}};
  /** A value that no product below makes: it shows what was written. */
  private static final float UNTOUCHED = 12345.5f;

  private final Random random = new Random(7);

  @Test
  void everyOptionAgreesWithALoopInDouble() {
    for (int[] shape : SHAPES) {
      for (int option = 0; option < 64; option++) {
        boolean transposeA = (option & 1) != 0;
        boolean transposeB = (option & 2) != 0;
        boolean bias = (option & 4) != 0;
        double alpha = (option & 8) != 0 ? -0.75 : 1;
        double beta = (option & 16) != 0 ? 0.5 : 0;
        int slack = (option & 32) != 0 ? 3 : 0;
        check(spec(1, shape, transposeA, transposeB, false, false, slack, alpha, beta, bias), 1);
      }
    }
  }

  @Test
  void batchesMayShareAMatrix() {
    for (int[] shape : new int[][] {{3, 17, 5}, {28, 28, 16}, {1, 70, 300}}) {
      for (int option = 0; option < 16; option++) {
        GemmSpec spec = spec(5, shape, (option & 1) != 0, (option & 2) != 0, (option & 4) != 0, (option & 8) != 0, 2, 2,
            1, true);
        check(spec, 2);
      }
    }
  }

  @Test
  void threadsThatShareTheColumnsAgreeWithALoopInDouble() {
    for (int option = 0; option < 8; option++) {
      check(spec(1, new int[] {61, 703, 260}, (option & 1) != 0, (option & 2) != 0, false, false, 3, -0.75,
          (option & 4) != 0 ? 0.5 : 0, true), 3);
    }
  }

  @Test
  void emptySizesWriteWhatIsLeft() {
    check(spec(3, new int[] {4, 19, 0}, false, false, false, false, 1, 1, 0.5, true), 1);
    check(spec(1, new int[] {4, 19, 0}, true, true, false, false, 0, 1, 0, false), 1);
    check(spec(2, new int[] {0, 3, 4}, false, false, false, false, 0, 1, 0, false), 1);
    check(spec(2, new int[] {3, 0, 4}, false, false, false, false, 0, 1, 0, false), 1);
    check(spec(0, new int[] {3, 2, 4}, false, false, false, false, 0, 1, 0, false), 1);
  }

  @Test
  void betaZeroDoesNotReadC() {
    float[] c = new float[7 * 35];
    Arrays.fill(c, Float.NaN);
    GemmSpec spec = GemmSpec.of(7, 35, 600, false, false);
    run(spec, 1, draw(7 * 600), draw(600 * 35), null, c);
    for (float value : c) {
      assertTrue(Float.isFinite(value));
    }
  }

  @Test
  void zerosAreMultipliedToo() {
    float[] a = new float[2 * 3];
    float[] b = new float[3 * 20];
    b[1 * 20 + 4] = Float.NaN;
    b[2 * 20 + 5] = Float.POSITIVE_INFINITY;
    float[] c = new float[2 * 20];
    run(GemmSpec.of(2, 20, 3, false, false), 1, a, b, null, c);
    for (int i = 0; i < c.length; i++) {
      assertEquals(i % 20 == 4 || i % 20 == 5, Float.isNaN(c[i]), "element " + i);
    }
  }

  @Test
  void anElementHasTheSameBitsInEveryProduct() {
    int m = 103;
    int n = 77;
    int k = 531;
    float[] a = draw(m * k);
    float[] b = draw(k * n);
    float[] bias = draw(n);
    float[] c = draw(m * n);
    float[] whole = c.clone();
    run(new GemmSpec(1, m, n, k, Matrix.dense(m, k, false), Matrix.dense(k, n, false), Matrix.dense(m, n, false), 1.5,
        0.25, true), 2, a, b, bias, whole);
    int[][] parts = {{0, 0, 1, n}, {102, 0, 1, n}, {50, 0, 5, n}, {0, 76, m, 1}, {0, 3, m, 18}, {99, 64, 4, 13}};
    for (int[] at : parts) {
      float[] part = c.clone();
      GemmSpec spec = new GemmSpec(1, at[2], at[3], k, new Matrix(at[0] * k, k, 0, false),
          new Matrix(at[1], n, 0, false), new Matrix(at[0] * n + at[1], n, 0, false), 1.5, 0.25, true);
      run(spec, 1, a, b, Arrays.copyOfRange(bias, at[1], n), part);
      for (int i = at[0]; i < at[0] + at[2]; i++) {
        assertArrayEquals(Arrays.copyOfRange(whole, i * n + at[1], i * n + at[1] + at[3]),
            Arrays.copyOfRange(part, i * n + at[1], i * n + at[1] + at[3]), "rows from " + at[0] + ", row " + i);
      }
    }
  }

  @Test
  void transposesHaveTheSameBits() {
    int m = 20;
    int n = 37;
    int k = 600;
    float[] a = draw(m * k);
    float[] b = draw(k * n);
    float[] plain = new float[m * n];
    float[] transposed = new float[m * n];
    run(GemmSpec.of(m, n, k, false, false), 1, a, b, null, plain);
    run(GemmSpec.of(m, n, k, true, true), 1, transpose(a, m, k), transpose(b, k, n), null, transposed);
    assertArrayEquals(plain, transposed);
  }

  @Test
  void threadsDoNotChangeBits() {
    sameForAnyThreads(GemmSpec.of(300, 700, 600, false, true));
    sameForAnyThreads(GemmSpec.of(100, 90, 3000, true, false).accumulating());
    sameForAnyThreads(GemmSpec.batched(300, 28, 28, 64, false, true));
    sameForAnyThreads(GemmSpec.batched(3, 200, 200, 200, false, false));
  }

  @Test
  void aDepthBeyondOneSlabIsSummedOn() {
    int k = 300_000;
    check(spec(1, new int[] {2, 3, k}, false, false, false, false, 0, 1, 1, true), 2);
  }

  private void sameForAnyThreads(GemmSpec spec) {
    float[] a = draw(spec.batch() * spec.m() * spec.k());
    float[] b = draw(spec.batch() * spec.k() * spec.n());
    float[] c = draw(spec.batch() * spec.m() * spec.n());
    float[] one = c.clone();
    float[] five = c.clone();
    run(spec, 1, a, b, null, one);
    run(spec, 5, a, b, null, five);
    assertArrayEquals(one, five);
  }

  private static GemmSpec spec(int batch, int[] shape, boolean transposeA, boolean transposeB, boolean sharedA,
      boolean sharedB, int slack, double alpha, double beta, boolean bias) {
    Matrix a = matrix(shape[0], shape[2], transposeA, slack);
    Matrix b = matrix(shape[2], shape[1], transposeB, slack);
    return new GemmSpec(batch, shape[0], shape[1], shape[2], sharedA ? a.shared() : a, sharedB ? b.shared() : b,
        matrix(shape[0], shape[1], false, slack), alpha, beta, bias);
  }

  private static Matrix matrix(int rows, int columns, boolean transposed, int slack) {
    int stride = (transposed ? rows : columns) + slack;
    return new Matrix(2 * slack, stride, stride * (transposed ? columns : rows) + slack + 1, transposed);
  }

  private void check(GemmSpec spec, int threads) {
    float[] a = draw(size(spec.a(), spec.batch(), spec.m(), spec.k()));
    float[] b = draw(size(spec.b(), spec.batch(), spec.k(), spec.n()));
    float[] bias = spec.bias() ? draw(spec.n()) : null;
    float[] c = draw(size(spec.c(), spec.batch(), spec.m(), spec.n()));
    if (spec.beta() == 0) {
      Arrays.fill(c, UNTOUCHED);
    }
    float[] expected = c.clone();
    double[] magnitude = new double[c.length];
    for (int i = 0; i < spec.batch() * spec.m() * spec.n(); i++) {
      multiplyElement(spec, a, b, bias, expected, magnitude, i);
    }
    run(spec, threads, a, b, bias, c);
    double growth = Math.min(spec.k(), PackedMatrix.BLOCK) + Math.ceilDiv(spec.k(), PackedMatrix.BLOCK) + 3;
    for (int i = 0; i < c.length; i++) {
      int element = i;
      assertEquals(expected[i], c[i], growth * 0x1p-24 * magnitude[i], () -> spec + " element " + element);
    }
  }

  private static void multiplyElement(GemmSpec spec, float[] a, float[] b, float @Nullable [] bias, float[] c,
      double[] magnitude, int index) {
    int j = index % spec.n();
    int i = index / spec.n() % spec.m();
    int matrix = index / spec.n() / spec.m();
    double sum = 0;
    double absolute = 0;
    for (int p = 0; p < spec.k(); p++) {
      double term = (double) a[at(spec.a(), matrix, i, p)] * b[at(spec.b(), matrix, p, j)];
      sum += term;
      absolute += Math.abs(term);
    }
    int target = at(spec.c(), matrix, i, j);
    double old = spec.beta() == 0 ? 0 : spec.beta() * c[target];
    double added = bias == null ? 0 : bias[j];
    c[target] = (float) (spec.alpha() * sum + old + added);
    magnitude[target] = Math.abs(spec.alpha()) * absolute + Math.abs(old) + Math.abs(added);
  }

  private static int at(Matrix matrix, int index, int row, int column) {
    return matrix.offset() + index * matrix.batchStride()
        + (matrix.transposed() ? column * matrix.rowStride() + row : row * matrix.rowStride() + column);
  }

  private static int size(Matrix matrix, int batch, int rows, int columns) {
    return batch == 0 || rows == 0 || columns == 0 ? 0 : at(matrix, batch - 1, rows - 1, columns - 1) + 1;
  }

  private static float[] transpose(float[] x, int rows, int columns) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i % columns * rows + i / columns] = x[i];
    }
    return y;
  }

  private float[] draw(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian() * (random.nextInt(20) == 0 ? 30 : 1);
    }
    return values;
  }

  private static void run(GemmSpec spec, int threads, float[] a, float[] b, float @Nullable [] bias, float[] c) {
    try (Workers workers = new Workers(threads)) {
      new VectorGemm(workers, new Scratch()).multiply(spec, a, b, bias, c);
    }
  }
}
