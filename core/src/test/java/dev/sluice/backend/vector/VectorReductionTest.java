package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Agreement.check;
import static dev.sluice.backend.vector.Agreement.empty;
import static dev.sluice.backend.vector.Agreement.random;
import static dev.sluice.backend.vector.Agreement.reals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VectorReductionTest {
  /** Outer, count, inner. */
  private static final int[][] SIZES = {{1, 1, 1}, {3, 7, 1}, {5, 16, 1}, {2, 17, 1}, {4, 1000, 1}, {1, 140_003, 1},
      {1500, 101, 1}, {1, 7, 3}, {2, 5, 16}, {3, 65, 17}, {2, 130, 70}, {1, 5000, 33}, {1, 100, 2500}, {2, 300, 1500},
      {0, 3, 4}, {3, 4, 0}, {2, 0, 0}};

  @ParameterizedTest
  @EnumSource
  void values(ReductionOp op) {
    for (int[] size : SIZES) {
      reduce(new ReductionSpec(op, size[0], size[1], size[2]));
    }
  }

  @Test
  void sumAndMeanOfNothing() {
    for (ReductionOp op : new ReductionOp[] {ReductionOp.SUM, ReductionOp.MEAN}) {
      reduce(new ReductionSpec(op, 3, 0, 1));
      reduce(new ReductionSpec(op, 3, 0, 20));
    }
  }

  private static void reduce(ReductionSpec spec) {
    float[] x = random(1, spec.outer() * spec.count() * spec.inner());
    for (int i = 0; i < x.length; i += 3) {
      x[i] = Math.round(x[i]);
    }
    float[] g = random(2, spec.outer() * spec.inner());
    check(spec.toString(), 4 + Math.sqrt(spec.count()), backend -> run(backend, spec, x, g));
  }

  private static List<Buffer> run(Backend backend, ReductionSpec spec, float[] x, float[] g) {
    Buffer given = reals(backend, x);
    Buffer y = empty(backend, g.length);
    Buffer gradX = empty(backend, x.length);
    Buffer indices = backend.allocate(ElementType.INT32, g.length);
    backend.reduction().reduce(spec, given, y);
    backend.reduction().reduceBackward(spec, given, y, reals(backend, g), gradX);
    if (spec.count() == 0) {
      return List.of(y, gradX);
    }
    backend.reduction().argMax(spec, given, indices);
    return List.of(y, gradX, indices);
  }

  @Test
  void nanIsTheLargestAndTheSmallestAndTheFirstOfThemIsFound() {
    for (int inner : new int[] {1, 5, 40}) {
      for (int count : new int[] {2, 20, 50}) {
        float[] x = random(3, count * inner);
        x[(count - 1) * inner + inner / 2] = Float.NaN;
        x[count / 2 * inner + inner / 2] = Float.NaN;
        x[inner - 1] = Float.POSITIVE_INFINITY;
        x[x.length - 1] = Float.NEGATIVE_INFINITY;
        for (ReductionOp op : ReductionOp.values()) {
          ReductionSpec spec = new ReductionSpec(op, 1, count, inner);
          check(spec + " with NaN", 32, backend -> run(backend, spec, x, random(4, inner)));
        }
      }
    }
  }

  @Test
  void allEqualSharesTheGradientAndPicksTheFirst() {
    float[] x = new float[37 * 18];
    Arrays.fill(x, Float.NEGATIVE_INFINITY);
    for (int inner : new int[] {1, 18}) {
      ReductionSpec spec = new ReductionSpec(ReductionOp.MAX, 18 / inner, 37, inner);
      check(spec + " of equals", 2, backend -> run(backend, spec, x, random(5, 18)));
    }
  }

  @Test
  void argMaxOfNothingIsRefused() {
    Backend backend = Agreement.VECTOR.getFirst();
    ReductionSpec spec = new ReductionSpec(ReductionOp.SUM, 2, 0, 1);
    assertThrows(IllegalArgumentException.class, () -> backend.reduction().argMax(spec, empty(backend, 0),
        backend.allocate(ElementType.INT32, 2)));
  }
}
