package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Agreement.check;
import static dev.sluice.backend.vector.Agreement.ints;
import static dev.sluice.backend.vector.Agreement.random;
import static dev.sluice.backend.vector.Agreement.reals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.FillSpec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VectorMemoryTest {
  @Test
  void fillTouchesNoMoreThanItsLength() {
    check("fill", 0, backend -> {
      Buffer reals = reals(backend, random(1, 9));
      Buffer ints = ints(backend, 1, 2, 3, 4);
      backend.memory().fill(new FillSpec(ElementType.REAL, 7, 0.1f), reals);
      backend.memory().fill(new FillSpec(ElementType.INT32, 3, -5), ints);
      return List.of(reals, ints);
    });
    Backend backend = Agreement.VECTOR.getFirst();
    Buffer flags = backend.allocate(ElementType.BOOL, 3);
    backend.write(new boolean[3], 0, flags, 0, 3);
    backend.memory().fill(new FillSpec(ElementType.BOOL, 2, 1), flags);
    boolean[] read = new boolean[3];
    backend.read(flags, 0, read, 0, 3);
    assertArrayEquals(new boolean[] {true, true, false}, read);
  }

  @Test
  void runsOfEveryLength() {
    for (int length : Agreement.LENGTHS) {
      copy(CopySpec.contiguous(ElementType.REAL, length), length, length);
      copy(CopySpec.accumulating(length, -0.3), length, length);
      copy(new CopySpec(ElementType.REAL, new int[] {length}, 2, new int[] {1}, 3, new int[] {1}, 0.7, false),
          length + 2, length + 5);
    }
  }

  @Test
  void everyPermutationOfFourDimensions() {
    int[] shape = {3, 5, 2, 37};
    int length = 3 * 5 * 2 * 37;
    int[] order = {0, 1, 2, 3};
    permutations(order, 0, permuted -> {
      int[] sizes = Arrays.stream(permuted).map(d -> shape[d]).toArray();
      int[] dense = Broadcast.dense(shape);
      int[] source = Arrays.stream(permuted).map(d -> dense[d]).toArray();
      for (boolean accumulate : new boolean[] {false, true}) {
        copy(new CopySpec(ElementType.REAL, sizes, 0, source, 0, Broadcast.dense(sizes), accumulate ? 0.5 : 1,
            accumulate), length, length);
      }
    });
  }

  @Test
  void transpositionsLargeEnoughToShareOut() {
    for (int[] size : new int[][] {{700, 401}, {33, 9000}, {9000, 3}}) {
      int[] target = {size[0], 1};
      copy(new CopySpec(ElementType.REAL, new int[] {size[1], size[0]}, 0, new int[] {1, size[1]}, 0, target, 1, false),
          size[0] * size[1], size[0] * size[1]);
    }
  }

  @Test
  void slicesFlipsBroadcastsAndSingleElements() {
    copy(new CopySpec(ElementType.REAL, new int[] {4, 6}, 7, new int[] {10, 1}, 2, new int[] {8, 1}, 1, false), 60, 40);
    copy(new CopySpec(ElementType.REAL, new int[] {5, 3}, 14, new int[] {-3, -1}, 0, new int[] {3, 1}, 1, false), 15,
        15);
    copy(new CopySpec(ElementType.REAL, new int[] {4, 3, 5}, 0, new int[] {0, 1, 0}, 0, new int[] {15, 5, 1}, 2,
        false), 3, 60);
    copy(new CopySpec(ElementType.REAL, new int[] {20}, 1, new int[] {3}, 0, new int[] {2}, 1, true), 60, 40);
    copy(new CopySpec(ElementType.REAL, new int[0], 3, new int[0], 1, new int[0], 1, false), 5, 5);
    copy(new CopySpec(ElementType.REAL, new int[] {3, 0, 2}, 0, new int[] {1, 1, 1}, 0, new int[] {1, 1, 1}, 1, false),
        5, 5);
  }

  @Test
  void integersAndFlagsMoveToo() {
    int[] shape = {40, 35};
    int[] numbers = IntStream.range(0, 1400).toArray();
    CopySpec transpose = new CopySpec(ElementType.INT32, new int[] {35, 40}, 0, new int[] {1, 35}, 0,
        new int[] {40, 1}, 1, false);
    check("transpose of ints " + Arrays.toString(shape), 0, backend -> {
      Buffer target = ints(backend, new int[1400]);
      backend.memory().copy(transpose, ints(backend, numbers), target);
      return List.of(target);
    });
    Backend backend = Agreement.VECTOR.getFirst();
    Buffer source = backend.allocate(ElementType.BOOL, 4);
    Buffer target = backend.allocate(ElementType.BOOL, 4);
    backend.write(new boolean[] {true, false, false, true}, 0, source, 0, 4);
    backend.memory().copy(new CopySpec(ElementType.BOOL, new int[] {2, 2}, 2, new int[] {-2, 1}, 0, new int[] {2, 1},
        1, false), source, target);
    boolean[] read = new boolean[4];
    backend.read(target, 0, read, 0, 4);
    assertArrayEquals(new boolean[] {false, true, true, false}, read);
  }

  private static void copy(CopySpec spec, int sourceLength, int targetLength) {
    check(spec.toString(), 1, backend -> {
      Buffer target = reals(backend, random(7, targetLength));
      backend.memory().copy(spec, reals(backend, random(8, sourceLength)), target);
      return List.of(target);
    });
  }

  /** What is done with a permutation. */
  private interface Visitor {
    void visit(int[] order);
  }

  private static void permutations(int[] order, int fixed, Visitor visitor) {
    if (fixed == order.length) {
      visitor.visit(order);
      return;
    }
    for (int i = fixed; i < order.length; i++) {
      int[] next = order.clone();
      next[fixed] = order[i];
      next[i] = order[fixed];
      permutations(next, fixed + 1, visitor);
    }
  }
}
