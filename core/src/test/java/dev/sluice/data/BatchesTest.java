package dev.sluice.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchesTest {
  @TempDir Path folder;

  @Test
  void cutsInOrderAndScales() throws IOException {
    var batches = new Batches(IdxFiles.numbered(folder, 5), 2, new Scaling(0.5, 0.25));
    assertEquals(3, batches.count());
    var iterator = batches.inOrder();
    Batch first = iterator.next();
    assertArrayEquals(new int[] {0, 1}, first.labels());
    float one = (float) ((1 / 255.0 - 0.5) / 0.25);
    assertArrayEquals(new float[] {-2, -2, -2, -2, -2, -2, -2, one}, first.images(), 1e-6f);
    assertEquals(2, iterator.next().size());
    Batch last = iterator.next();
    assertArrayEquals(new int[] {4}, last.labels());
    assertEquals(4, last.images().length);
    assertFalse(iterator.hasNext());
    assertThrows(NoSuchElementException.class, iterator::next);
  }

  @Test
  void takesTheFirstImagesOnly() throws IOException {
    LabelledImages all = IdxFiles.numbered(folder, 5);
    assertEquals(3, all.first(3).count());
    assertEquals(5, all.first(9).count());
    assertEquals(0, new Batches(all.first(0), 2, Scaling.UNIT).count());
    assertFalse(new Batches(all.first(0), 2, Scaling.UNIT).shuffled(1, 0).hasNext());
    assertThrows(IllegalArgumentException.class, () -> all.first(-1));
  }

  @Test
  void shufflesWholeImagesWithTheirLabels() throws IOException {
    var iterator = new Batches(IdxFiles.numbered(folder, 23), 4, Scaling.UNIT).shuffled(3, 1);
    int[] seen = new int[23];
    while (iterator.hasNext()) {
      Batch batch = iterator.next();
      for (int i = 0; i < batch.size(); i++) {
        int number = Math.round(255 * batch.images()[4 * i + 3]);
        assertEquals(number % 10, batch.labels()[i]);
        seen[number]++;
      }
    }
    assertArrayEquals(IntStream.generate(() -> 1).limit(23).toArray(), seen);
  }

  @Test
  void orderDependsOnSeedAndEpochAlone() {
    int[] order = Batches.permutation(1000, 7, 2);
    assertArrayEquals(order, Batches.permutation(1000, 7, 2));
    assertFalse(Arrays.equals(order, Batches.permutation(1000, 7, 3)));
    assertFalse(Arrays.equals(order, Batches.permutation(1000, 8, 2)));
    assertFalse(Arrays.equals(Batches.permutation(1000, 8, 1), order));
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    assertArrayEquals(IntStream.range(0, 1000).toArray(), sorted);
  }

  /** Written down once: another order on another JDK would change every training silently. */
  @Test
  void orderIsTheSameOnEveryJdk() {
    assertArrayEquals(new int[] {2, 8, 9, 3, 6, 1, 5, 4, 7, 0}, Batches.permutation(10, 1, 0));
  }

  @Test
  void everyPlaceIsEquallyLikely() {
    int[][] hits = new int[5][5];
    for (int epoch = 0; epoch < 5000; epoch++) {
      int[] order = Batches.permutation(5, 11, epoch);
      for (int place = 0; place < 5; place++) {
        hits[order[place]][place]++;
      }
    }
    for (int[] row : hits) {
      for (int hit : row) {
        assertEquals(1000, hit, 150);
      }
    }
  }

  @Test
  void refusesABatchOfNothing() throws IOException {
    LabelledImages data = IdxFiles.numbered(folder, 1);
    assertEquals("batches: batchSize is 0, wanted 1 or more",
        assertThrows(IllegalArgumentException.class, () -> new Batches(data, 0, Scaling.UNIT)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Scaling(0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Scaling(Double.NaN, 1));
  }
}
