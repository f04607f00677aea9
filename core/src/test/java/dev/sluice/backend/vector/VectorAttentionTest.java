package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sluice.backend.reference.ReferenceBackend;
import dev.sluice.backend.referencefloat.FloatReferenceBackend;
import dev.sluice.spi.AttentionSpec;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Attention, forward and backward, against the reference, and within twice (gradients: three times) the error of
 * the reference run in float.
 */
class VectorAttentionTest {
  private static final int TILE_QUERIES = AttentionTile.QUERIES;
  private static final int TILE_KEYS = AttentionTile.KEYS;

  /** batch, heads, keyHeads, queries, keys, width, valueWidth. */
  private static final int[][] SMALL = {{1, 1, 1, 1, 1, 1, 1}, {2, 4, 2, 3, 5, 7, 2}, {1, 2, 1, 7, 3, 5, 11},
      {2, 1, 1, Lanes.COUNT + 1, Lanes.COUNT - 1, Lanes.COUNT, Lanes.COUNT + 1}, {1, 3, 3, 13, 17, 4, 19}};

  private static final int[][] LARGE = {{1, 1, 1, TILE_QUERIES, TILE_KEYS, 16, 16},
      {1, 2, 1, TILE_QUERIES + 1, TILE_KEYS + 1, 17, 5}, {1, 1, 1, 2 * TILE_QUERIES + 7, TILE_KEYS - 1, 33, 64},
      {1, 2, 2, 59, 2 * TILE_KEYS + 11, 8, 70}, {2, 1, 1, 113, 203, 59, 3}};

  private final Workers workers = new Workers(1);

  @Test
  void everyOptionCrossedWithEveryOtherMatchesTheReference() {
    Random random = new Random(1);
    for (int[] sizes : SMALL) {
      for (int options = 0; options < AttentionCase.OPTIONS; options++) {
        compare(AttentionCase.of(sizes, options, random));
      }
    }
  }

  @Test
  void severalTilesMatchTheReference() {
    Random random = new Random(2);
    for (int[] sizes : LARGE) {
      for (int options = 0; options < AttentionCase.OPTIONS; options += 7) {
        compare(AttentionCase.of(sizes, options, random));
      }
    }
  }

  @Test
  void emptySizesGiveZeros() {
    Random random = new Random(3);
    for (int d = 0; d < 7; d++) {
      if (d != 1 && d != 2) {
        int[] sizes = {2, 2, 1, 3, 4, 5, 6};
        sizes[d] = 0;
        for (int options = 0; options < AttentionCase.OPTIONS; options += 5) {
          compare(AttentionCase.of(sizes, options, random));
        }
      }
    }
  }

  @Test
  void whatTakesNoPartIsNotRead() {
    Random random = new Random(4);
    int keys = TILE_KEYS + 9;
    AttentionCase padded = AttentionCase.of(new int[] {2, 2, 1, 7, keys, 5, 6}, AttentionCase.LENGTHS, random);
    padded.lengths[0] = 3;
    padded.lengths[1] = TILE_KEYS + 1;
    poison(padded, (b, j) -> j >= padded.lengths[b]);
    assertFinite(compare(padded));

    AttentionCase keyMasked = AttentionCase.of(new int[] {2, 2, 1, 7, keys, 5, 6}, 0, random).maskedByKey(random);
    poison(keyMasked, (b, j) -> !keyMasked.mask[b * keys + j]);
    assertFinite(compare(keyMasked));

    AttentionCase future = AttentionCase.of(new int[] {1, 1, 1, 7, keys, 5, 6}, AttentionCase.TOP_LEFT, random);
    poison(future, (b, j) -> j > 6);
    assertFinite(compare(future));

    AttentionCase empty = AttentionCase.of(new int[] {1, 1, 1, 7, 9, 5, 6}, AttentionCase.MASK, random);
    Arrays.fill(empty.mask, 2 * 9, 3 * 9, false);
    Arrays.fill(empty.query, 2 * 5, 3 * 5, Float.NaN);
    Arrays.fill(empty.gradOutput, 2 * 6, 3 * 6, Float.NaN);
    assertFinite(compare(empty));
  }

  @Test
  void nanAndInfinityReachWhatReadsThemAndNothingElse() {
    Random random = new Random(5);
    for (float special : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      for (int options : new int[] {0, AttentionCase.MASK, AttentionCase.TOP_LEFT,
          AttentionCase.MASK + AttentionCase.DROPOUT, AttentionCase.BIAS + AttentionCase.WEIGHTS}) {
        for (int place = 0; place < 4; place++) {
          AttentionCase one = AttentionCase.of(new int[] {1, 2, 1, 9, TILE_KEYS + 5, 5, 6}, options, random);
          float[] array = switch (place) {
            case 0 -> one.query;
            case 1 -> one.key;
            case 2 -> one.value;
            default -> one.gradOutput;
          };
          array[array.length / 2] = special;
          compare(one);
        }
      }
    }
  }

  @Test
  void rowsWithoutKeysGiveZerosAndZeroGradients() {
    Random random = new Random(6);
    AttentionCase masked = AttentionCase.of(new int[] {1, 1, 1, 3, 5, 4, 2}, AttentionCase.BIAS, random);
    Arrays.fill(masked.bias, 5, 10, Float.NEGATIVE_INFINITY);
    float[][] given = compare(masked);
    assertArrayEquals(new float[2], Arrays.copyOfRange(given[0], 2, 4), "output");
    assertArrayEquals(new float[4], Arrays.copyOfRange(given[2], 4, 8), "gradient of the query");
  }

  @Test
  void largeLogitsDoNotOverflow() {
    Random random = new Random(7);
    AttentionCase large = AttentionCase.of(new int[] {1, 2, 2, 11, TILE_KEYS + 30, 8, 8}, 0, random);
    for (int i = 0; i < large.query.length; i++) {
      large.query[i] *= 100;
    }
    float[][] given = large.run(workers, new Scratch());
    assertFinite(given);
    try (ReferenceBackend reference = new ReferenceBackend()) {
      VectorFixture.assertClose(large.run(reference)[0], given[0], 1e-4, "output");
    }
  }

  @Test
  void threadsDoNotChangeABit() {
    Random random = new Random(8);
    for (int[] sizes : new int[][] {{1, 1, 1, 450, 470, 40, 24}, {1, 1, 1, 900, 900, 33, 20},
        {8, 4, 2, 60, 70, 20, 20}}) {
      AttentionCase some = AttentionCase.of(sizes, AttentionCase.MASK + AttentionCase.WEIGHTS, random);
      VectorFixture.assertSameOnAnyThreads(pool -> some.run(pool, new Scratch()));
    }
  }

  /** A pair alone is cut into ranges of queries whose sums are added; among many it is one block. */
  @Test
  void bothWaysOfTheBackwardPassMatchTheReference() {
    Random random = new Random(9);
    AttentionCase one = AttentionCase.of(new int[] {1, 2, 1, 700, 710, 30, 20}, AttentionCase.TOP_LEFT, random);
    compare(one);
    compare(one.repeated(8));
  }

  @Test
  void noWorkspaceGrowsWithTheProductOfTheLengths() {
    Random random = new Random(10);
    AttentionSpec longer = AttentionCase.of(new int[] {1, 1, 1, 3000, 3000, 8, 8}, 0, random).spec;
    assertEquals(2 * 3000, new VectorAttention(workers, new Scratch()).attentionReserve(longer));
    long[] bytes = new long[2];
    for (int i = 0; i < 2; i++) {
      Scratch scratch = new Scratch();
      int length = 1500 << i;
      AttentionCase.of(new int[] {1, 1, 1, length, length, 8, 8}, AttentionCase.TOP_LEFT, random).run(workers, scratch);
      bytes[i] = scratch.madeBytes();
    }
    assertTrue(bytes[1] < 2.5 * bytes[0], "workspace of " + bytes[1] + " bytes for twice the length of " + bytes[0]);
  }

  @Test
  void aLengthOutOfRangeIsRefusedBeforeAnythingIsWritten() {
    AttentionCase bad = AttentionCase.of(new int[] {2, 1, 1, 3, 4, 5, 6}, AttentionCase.LENGTHS, new Random(11));
    bad.lengths[1] = 5;
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> bad.run(workers, new Scratch()));
    assertEquals("attention: lengths[1] is 5, wanted 0 to 4", e.getMessage());
  }

  private interface Positions {
    boolean contain(int batch, int key);
  }

  /** NaN in keys and values at some positions of dense (batch, keyHeads, keys, ...) layouts. */
  private static void poison(AttentionCase one, Positions positions) {
    AttentionSpec spec = one.spec;
    for (int b = 0; b < spec.batch(); b++) {
      for (int h = 0; h < spec.keyHeads(); h++) {
        for (int j = 0; j < spec.keys(); j++) {
          if (positions.contain(b, j)) {
            int key = AttentionArrays.at(spec.key(), b, h, j);
            Arrays.fill(one.key, key, key + spec.width(), Float.NaN);
            int value = AttentionArrays.at(spec.value(), b, h, j);
            Arrays.fill(one.value, value, value + spec.valueWidth(), Float.NaN);
          }
        }
      }
    }
  }

  private static void assertFinite(float[][] results) {
    for (float[] result : results) {
      for (float value : result) {
        assertTrue(Float.isFinite(value), "a masked NaN came through");
      }
    }
  }

  private float[][] compare(AttentionCase one) {
    float[][] given = one.run(workers, new Scratch());
    double[][] wanted;
    double[][] twin;
    try (ReferenceBackend reference = new ReferenceBackend();
        FloatReferenceBackend inFloat = new FloatReferenceBackend()) {
      wanted = one.run(reference);
      twin = one.run(inFloat);
    }
    // The float twin's largest relative error in any result of the call, but some units in the last place at least:
    // where few numbers are computed it is nil by luck.
    double yardstick = 0x1p-21;
    for (int i = 0; i < given.length; i++) {
      yardstick = Math.max(yardstick, error(wanted[i], twin[i]) / largest(wanted[i]));
    }
    for (int i = 0; i < given.length; i++) {
      double largest = largest(wanted[i]);
      int factor = i < 2 ? 2 : 3;
      assertWithin(wanted[i], factor * yardstick * largest + 4 * Math.ulp((float) largest), given[i],
          one + ": " + AttentionCase.RESULTS.get(i));
    }
    return given;
  }

  /** The largest magnitude, at least that of the inputs: what they cancel to does not make them more precise. */
  private static double largest(double[] values) {
    return Arrays.stream(values).filter(Double::isFinite).map(Math::abs).reduce(1, Math::max);
  }

  private static double error(double[] wanted, double[] given) {
    double error = 0;
    for (int i = 0; i < wanted.length; i++) {
      double difference = Math.abs(wanted[i] - given[i]);
      error = Double.isFinite(difference) ? Math.max(error, difference) : error;
    }
    return error;
  }

  private static void assertWithin(double[] wanted, double tolerance, float[] given, String what) {
    for (int i = 0; i < wanted.length; i++) {
      boolean same = Double.isFinite(wanted[i])
          ? Math.abs(wanted[i] - given[i]) <= tolerance
          : Double.compare(wanted[i], given[i]) == 0;
      if (!same) {
        fail(what + ": element " + i + " of " + wanted.length + " is " + given[i] + ", wanted " + wanted[i]
            + " within " + tolerance);
      }
    }
  }
}
