package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorFixture.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.SoftmaxSpec;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Softmax of rows against its definition in double. */
class VectorSoftmaxTest {
  private static final int[] WIDTHS =
      {0, 1, 2, 3, 10, Lanes.COUNT - 1, Lanes.COUNT, Lanes.COUNT + 1, 3 * Lanes.COUNT - 1, 97, 1031};

  private final Workers workers = new Workers(1);
  private final VectorSoftmax softmax = new VectorSoftmax(workers, new Scratch());

  @Test
  void everyOptionMatchesTheDefinition() {
    Random random = new Random(1);
    for (int width : WIDTHS) {
      for (int rows : new int[] {0, 2, 6}) {
        for (int options = 0; options < 8; options++) {
          boolean log = (options & 1) != 0;
          SoftmaxSpec spec = new SoftmaxSpec(rows, width, log, 2);
          boolean[] mask = (options & 2) == 0 ? null : VectorFixture.coins(random, rows * width, 0.6);
          int[] lengths = (options & 4) == 0 ? null : random.ints(rows / 2, 0, width + 1).toArray();
          compare(spec, VectorFixture.normal(random, rows * width), mask, lengths,
              VectorFixture.normal(random, rows * width));
        }
      }
    }
  }

  @Test
  void whatTakesNoPartIsNotRead() {
    Random random = new Random(2);
    int width = 2 * Lanes.COUNT + 3;
    float[] x = VectorFixture.normal(random, 4 * width);
    float[] gradient = VectorFixture.normal(random, 4 * width);
    boolean[] mask = VectorFixture.coins(random, 4 * width, 0.5);
    int[] lengths = {width, 0, 5, width - 1};
    for (int i = 0; i < x.length; i++) {
      if (!mask[i] || i % width >= lengths[i / width]) {
        x[i] = Float.NaN;
        gradient[i] = Float.NaN;
      }
    }
    compare(new SoftmaxSpec(4, width, false), x, mask, lengths, gradient);
    compare(new SoftmaxSpec(4, width, true), x, mask, lengths, gradient);
  }

  @Test
  void specialValuesFollowTheContract() {
    float inf = Float.POSITIVE_INFINITY;
    float nan = Float.NaN;
    float[] x = {-inf, -inf, -inf, 1, -inf, 2, 1, nan, 2, inf, 1, 2, 3e38f, -3e38f, 3e38f};
    boolean[] mask = new boolean[15];
    Arrays.fill(mask, true);
    mask[8] = false;
    mask[11] = false;
    for (boolean log : new boolean[] {false, true}) {
      float nothing = log ? -inf : 0;
      Buffer y = VectorFixture.result(15);
      softmax.softmax(new SoftmaxSpec(5, 3, log), VectorFixture.reals(x), VectorFixture.flags(mask), null, y);
      float[] values = VectorFixture.values(y);
      for (int i = 0; i < 3; i++) {
        assertEquals(nothing, values[i], "a row of negative infinities");
      }
      assertEquals(nothing, values[4], "an infinity among numbers");
      assertTrue(Float.isNaN(values[6]) && Float.isNaN(values[7]), "a row with NaN");
      assertEquals(nothing, values[8], "masked beside NaN");
      assertTrue(Float.isNaN(values[9]) && Float.isNaN(values[10]), "a row with infinity");
      assertEquals(nothing, values[11], "masked beside infinity");
      assertEquals(log ? (float) Math.log(0.5) : 0.5f, values[12], 1e-6f, "large numbers");
    }
  }

  @Test
  void aLengthOutOfRangeIsRefusedBeforeAnythingIsWritten() {
    Buffer y = VectorFixture.reals(7, 7, 7, 7);
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
        () -> softmax.softmax(new SoftmaxSpec(2, 2, false), VectorFixture.reals(1, 2, 3, 4), null,
            VectorFixture.ints(1, 3), y));
    assertEquals("softmax: lengths[1] is 3, wanted 0 to 2", e.getMessage());
    assertEquals(7, VectorFixture.values(y)[0]);
  }

  @Test
  void threadsDoNotChangeABit() {
    int rows = 300;
    int width = 1003;
    float[] x = VectorFixture.normal(new Random(3), rows * width);
    for (boolean log : new boolean[] {false, true}) {
      SoftmaxSpec spec = new SoftmaxSpec(rows, width, log);
      VectorFixture.assertSameOnAnyThreads(pool -> {
        VectorSoftmax kernel = new VectorSoftmax(pool, new Scratch());
        Buffer y = VectorFixture.result(x.length);
        Buffer gradX = VectorFixture.result(x.length);
        kernel.softmax(spec, VectorFixture.reals(x), null, null, y);
        kernel.softmaxBackward(spec, y, null, null, VectorFixture.reals(x), gradX);
        return new float[][] {VectorFixture.values(y), VectorFixture.values(gradX)};
      });
    }
  }

  private void compare(SoftmaxSpec spec, float[] x, boolean @Nullable [] mask, int @Nullable [] lengths,
      float[] gradient) {
    Buffer flags = mask == null ? null : VectorFixture.flags(mask);
    Buffer counts = lengths == null ? null : VectorFixture.ints(lengths);
    Buffer y = VectorFixture.result(x.length);
    Buffer gradX = VectorFixture.result(x.length);
    softmax.softmax(spec, VectorFixture.reals(x), flags, counts, y);
    softmax.softmaxBackward(spec, y, flags, counts, VectorFixture.reals(gradient), gradX);
    double[] wanted = new double[x.length];
    double[] wantedGradient = new double[x.length];
    for (int row = 0; row < spec.rows(); row++) {
      definition(spec, row, x, mask, lengths, gradient, wanted, wantedGradient);
    }
    String what = spec + (mask == null ? "" : " masked") + (lengths == null ? "" : " with lengths");
    assertClose(wanted, VectorFixture.values(y), 1e-6, what);
    assertClose(wantedGradient, VectorFixture.values(gradX), 2e-6, what + " backward");
  }

  private static void definition(SoftmaxSpec spec, int row, float[] x, boolean @Nullable [] mask,
      int @Nullable [] lengths, float[] gradient, double[] y, double[] gradX) {
    int at = row * spec.width();
    int length = lengths == null ? spec.width() : lengths[row / spec.rowsPerLength()];
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    boolean[] takes = new boolean[spec.width()];
    for (int i = 0; i < spec.width(); i++) {
      takes[i] = i < length && (mask == null || mask[at + i]);
      max = takes[i] ? Math.max(max, x[at + i]) : max;
    }
    for (int i = 0; i < spec.width(); i++) {
      sum += takes[i] ? Math.exp(x[at + i] - max) : 0;
    }
    double dot = 0;
    for (int i = 0; i < spec.width(); i++) {
      double logarithm = takes[i] ? x[at + i] - max - Math.log(sum) : Double.NEGATIVE_INFINITY;
      y[at + i] = spec.log() ? logarithm : Math.exp(logarithm);
      dot += takes[i] ? (spec.log() ? 1 : y[at + i]) * gradient[at + i] : 0;
    }
    for (int i = 0; i < spec.width(); i++) {
      if (takes[i]) {
        gradX[at + i] = spec.log()
            ? gradient[at + i] - Math.exp(y[at + i]) * dot
            : y[at + i] * (gradient[at + i] - dot);
      }
    }
  }
}
