package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The innermost product: {@code C (rows, columns) = A (rows, depth) B (depth, columns)}, plus C or a bias, with
 * the whole tile of C in registers.
 *
 * <p>Element (i, j) is one chain of fused multiply-adds over the depth from 0 up, in every kernel, lane and width, so
 * that it has the same bits wherever it lies. B is a packed panel of 1 or 2 vectors. The rows of A are packed at one
 * constant {@link #PITCH}: packing copies whole vectors of a row, one register addresses all rows of a tile, and a loop
 * that counts in places of B computes nothing else but the place in A. Each instruction beside the multiply-adds costs
 * where two hardware threads share a core: beside a busy neighbour on a Xeon a 12x2 tile reaches 87 % of what
 * multiply-adds alone reach there, with 10 more instructions in a step 76 %.
 *
 * <p>With 32 registers (512 bit) a tile is 12x2 vectors, with 16 it is 6x2: the sums, a row of B and broadcasts of A
 * fill them. 12x2 reads two vectors of a panel for 24 multiply-adds, so that the panel may come from the second-level
 * cache, and reaches 97 % of the multiply-adds that registers alone allow; 6x4 has fewer loads but reads four, and
 * reaches 70 %. What rows are left over take tiles of 4. The vector operations are called without a method of our own
 * between: the compiler stops inlining those before the last sum.
 */
final class Microkernel {
  /** Rows of the largest tile. */
  static final int ROWS = Lanes.COUNT >= 16 ? 12 : 6;
  /** Rows of the smallest tile: batches are powers of two, and leave a multiple of it over. */
  static final int LEAST = 4;
  /** Vectors in a row of the widest tile. */
  static final int VECTORS = 2;
  /** Elements of the largest tile. */
  static final int TILE = ROWS * VECTORS * Lanes.COUNT;
  /**
   * From one packed row of A to the next: a vector more than the terms, so that rows do not all meet in one set of a
   * cache.
   */
  static final int PITCH = PackedMatrix.BLOCK + Lanes.COUNT;

  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = Lanes.COUNT;

  private Microkernel() {}

  /** How many rows a tile computes of so many that are left: the least, unless these fill the largest too. */
  static int tileRows(int rows) {
    return Math.ceilDiv(rows, LEAST) * LEAST < ROWS ? LEAST : ROWS;
  }

  /** How many rows the tiles of so many have together. */
  static int coveredRows(int rows) {
    int left = rows % ROWS;
    int tile = tileRows(left);
    return rows - left + Math.ceilDiv(left, tile) * tile;
  }

  /**
   * Multiplies by a panel.
   *
   * @param depth terms of each sum, {@link PackedMatrix#BLOCK} at most
   * @param rows rows of the tile, of {@link #tileRows}
   * @param a holds the rows: term p of row i is at {@code aOffset + i*PITCH + p}
   * @param vectors width of the panel: 1 or 2 vectors
   * @param addend holds what is added to the sums: C itself, or a bias; null for nothing
   * @param from where its first row starts, as wide as the panel
   * @param step from one of its rows to the next; 0 for a bias
   * @param c receives all rows, as wide as the panel
   * @param cStride from one row of C to the next
   */
  static void multiply(int depth, int rows, float[] a, int aOffset, float[] b, int bOffset, int vectors,
      float @Nullable [] addend, int from, int step, float[] c, int cOffset, int cStride) {
    if (rows == 12) {
      if (vectors == 2) {
        multiply12x2(depth, a, aOffset, b, bOffset, addend, from, step, c, cOffset, cStride);
      } else {
        multiply12x1(depth, a, aOffset, b, bOffset, addend, from, step, c, cOffset, cStride);
      }
    } else if (rows == 6) {
      if (vectors == 2) {
        LowTiles.multiply6x2(depth, a, aOffset, b, bOffset, addend, from, step, c, cOffset, cStride);
      } else {
        LowTiles.multiply6x1(depth, a, aOffset, b, bOffset, addend, from, step, c, cOffset, cStride);
      }
    } else if (vectors == 2) {
      LowTiles.multiply4x2(depth, a, aOffset, b, bOffset, addend, from, step, c, cOffset, cStride);
    } else {
      LowTiles.multiply4x1(depth, a, aOffset, b, bOffset, addend, from, step, c, cOffset, cStride);
    }
  }

  /** A tile of 12x2 vectors. */
  private static void multiply12x2(int depth, float[] a, int aOffset, float[] b, int bOffset,
      float @Nullable [] addend, int from, int step, float[] c, int cOffset, int cStride) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c21 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c31 = FloatVector.zero(SPECIES);
    FloatVector c40 = FloatVector.zero(SPECIES);
    FloatVector c41 = FloatVector.zero(SPECIES);
    FloatVector c50 = FloatVector.zero(SPECIES);
    FloatVector c51 = FloatVector.zero(SPECIES);
    FloatVector c60 = FloatVector.zero(SPECIES);
    FloatVector c61 = FloatVector.zero(SPECIES);
    FloatVector c70 = FloatVector.zero(SPECIES);
    FloatVector c71 = FloatVector.zero(SPECIES);
    FloatVector c80 = FloatVector.zero(SPECIES);
    FloatVector c81 = FloatVector.zero(SPECIES);
    FloatVector c90 = FloatVector.zero(SPECIES);
    FloatVector c91 = FloatVector.zero(SPECIES);
    FloatVector ca0 = FloatVector.zero(SPECIES);
    FloatVector ca1 = FloatVector.zero(SPECIES);
    FloatVector cb0 = FloatVector.zero(SPECIES);
    FloatVector cb1 = FloatVector.zero(SPECIES);
    int at = aOffset;
    for (int p = bOffset; p < bOffset + depth * 2 * LANES; p += 2 * LANES, at++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, p);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, p + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + PITCH]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * PITCH]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3 * PITCH]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4 * PITCH]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + 5 * PITCH]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[at + 6 * PITCH]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[at + 7 * PITCH]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      FloatVector a8 = FloatVector.broadcast(SPECIES, a[at + 8 * PITCH]);
      c80 = a8.fma(b0, c80);
      c81 = a8.fma(b1, c81);
      FloatVector a9 = FloatVector.broadcast(SPECIES, a[at + 9 * PITCH]);
      c90 = a9.fma(b0, c90);
      c91 = a9.fma(b1, c91);
      FloatVector aa = FloatVector.broadcast(SPECIES, a[at + 10 * PITCH]);
      ca0 = aa.fma(b0, ca0);
      ca1 = aa.fma(b1, ca1);
      FloatVector ab = FloatVector.broadcast(SPECIES, a[at + 11 * PITCH]);
      cb0 = ab.fma(b0, cb0);
      cb1 = ab.fma(b1, cb1);
    }
    if (addend != null) {
      c00 = c00.add(FloatVector.fromArray(SPECIES, addend, from));
      c01 = c01.add(FloatVector.fromArray(SPECIES, addend, from + LANES));
      c10 = c10.add(FloatVector.fromArray(SPECIES, addend, from + step));
      c11 = c11.add(FloatVector.fromArray(SPECIES, addend, from + step + LANES));
      c20 = c20.add(FloatVector.fromArray(SPECIES, addend, from + 2 * step));
      c21 = c21.add(FloatVector.fromArray(SPECIES, addend, from + 2 * step + LANES));
      c30 = c30.add(FloatVector.fromArray(SPECIES, addend, from + 3 * step));
      c31 = c31.add(FloatVector.fromArray(SPECIES, addend, from + 3 * step + LANES));
      c40 = c40.add(FloatVector.fromArray(SPECIES, addend, from + 4 * step));
      c41 = c41.add(FloatVector.fromArray(SPECIES, addend, from + 4 * step + LANES));
      c50 = c50.add(FloatVector.fromArray(SPECIES, addend, from + 5 * step));
      c51 = c51.add(FloatVector.fromArray(SPECIES, addend, from + 5 * step + LANES));
      c60 = c60.add(FloatVector.fromArray(SPECIES, addend, from + 6 * step));
      c61 = c61.add(FloatVector.fromArray(SPECIES, addend, from + 6 * step + LANES));
      c70 = c70.add(FloatVector.fromArray(SPECIES, addend, from + 7 * step));
      c71 = c71.add(FloatVector.fromArray(SPECIES, addend, from + 7 * step + LANES));
      c80 = c80.add(FloatVector.fromArray(SPECIES, addend, from + 8 * step));
      c81 = c81.add(FloatVector.fromArray(SPECIES, addend, from + 8 * step + LANES));
      c90 = c90.add(FloatVector.fromArray(SPECIES, addend, from + 9 * step));
      c91 = c91.add(FloatVector.fromArray(SPECIES, addend, from + 9 * step + LANES));
      ca0 = ca0.add(FloatVector.fromArray(SPECIES, addend, from + 10 * step));
      ca1 = ca1.add(FloatVector.fromArray(SPECIES, addend, from + 10 * step + LANES));
      cb0 = cb0.add(FloatVector.fromArray(SPECIES, addend, from + 11 * step));
      cb1 = cb1.add(FloatVector.fromArray(SPECIES, addend, from + 11 * step + LANES));
    }
    c00.intoArray(c, cOffset);
    c01.intoArray(c, cOffset + LANES);
    c10.intoArray(c, cOffset + cStride);
    c11.intoArray(c, cOffset + cStride + LANES);
    c20.intoArray(c, cOffset + 2 * cStride);
    c21.intoArray(c, cOffset + 2 * cStride + LANES);
    c30.intoArray(c, cOffset + 3 * cStride);
    c31.intoArray(c, cOffset + 3 * cStride + LANES);
    c40.intoArray(c, cOffset + 4 * cStride);
    c41.intoArray(c, cOffset + 4 * cStride + LANES);
    c50.intoArray(c, cOffset + 5 * cStride);
    c51.intoArray(c, cOffset + 5 * cStride + LANES);
    c60.intoArray(c, cOffset + 6 * cStride);
    c61.intoArray(c, cOffset + 6 * cStride + LANES);
    c70.intoArray(c, cOffset + 7 * cStride);
    c71.intoArray(c, cOffset + 7 * cStride + LANES);
    c80.intoArray(c, cOffset + 8 * cStride);
    c81.intoArray(c, cOffset + 8 * cStride + LANES);
    c90.intoArray(c, cOffset + 9 * cStride);
    c91.intoArray(c, cOffset + 9 * cStride + LANES);
    ca0.intoArray(c, cOffset + 10 * cStride);
    ca1.intoArray(c, cOffset + 10 * cStride + LANES);
    cb0.intoArray(c, cOffset + 11 * cStride);
    cb1.intoArray(c, cOffset + 11 * cStride + LANES);
  }

  /** A tile of 12x1 vectors. */
  private static void multiply12x1(int depth, float[] a, int aOffset, float[] b, int bOffset,
      float @Nullable [] addend, int from, int step, float[] c, int cOffset, int cStride) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c40 = FloatVector.zero(SPECIES);
    FloatVector c50 = FloatVector.zero(SPECIES);
    FloatVector c60 = FloatVector.zero(SPECIES);
    FloatVector c70 = FloatVector.zero(SPECIES);
    FloatVector c80 = FloatVector.zero(SPECIES);
    FloatVector c90 = FloatVector.zero(SPECIES);
    FloatVector ca0 = FloatVector.zero(SPECIES);
    FloatVector cb0 = FloatVector.zero(SPECIES);
    int at = aOffset;
    for (int p = bOffset; p < bOffset + depth * LANES; p += LANES, at++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, p);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + PITCH]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * PITCH]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3 * PITCH]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4 * PITCH]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + 5 * PITCH]);
      c50 = a5.fma(b0, c50);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[at + 6 * PITCH]);
      c60 = a6.fma(b0, c60);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[at + 7 * PITCH]);
      c70 = a7.fma(b0, c70);
      FloatVector a8 = FloatVector.broadcast(SPECIES, a[at + 8 * PITCH]);
      c80 = a8.fma(b0, c80);
      FloatVector a9 = FloatVector.broadcast(SPECIES, a[at + 9 * PITCH]);
      c90 = a9.fma(b0, c90);
      FloatVector aa = FloatVector.broadcast(SPECIES, a[at + 10 * PITCH]);
      ca0 = aa.fma(b0, ca0);
      FloatVector ab = FloatVector.broadcast(SPECIES, a[at + 11 * PITCH]);
      cb0 = ab.fma(b0, cb0);
    }
    if (addend != null) {
      c00 = c00.add(FloatVector.fromArray(SPECIES, addend, from));
      c10 = c10.add(FloatVector.fromArray(SPECIES, addend, from + step));
      c20 = c20.add(FloatVector.fromArray(SPECIES, addend, from + 2 * step));
      c30 = c30.add(FloatVector.fromArray(SPECIES, addend, from + 3 * step));
      c40 = c40.add(FloatVector.fromArray(SPECIES, addend, from + 4 * step));
      c50 = c50.add(FloatVector.fromArray(SPECIES, addend, from + 5 * step));
      c60 = c60.add(FloatVector.fromArray(SPECIES, addend, from + 6 * step));
      c70 = c70.add(FloatVector.fromArray(SPECIES, addend, from + 7 * step));
      c80 = c80.add(FloatVector.fromArray(SPECIES, addend, from + 8 * step));
      c90 = c90.add(FloatVector.fromArray(SPECIES, addend, from + 9 * step));
      ca0 = ca0.add(FloatVector.fromArray(SPECIES, addend, from + 10 * step));
      cb0 = cb0.add(FloatVector.fromArray(SPECIES, addend, from + 11 * step));
    }
    c00.intoArray(c, cOffset);
    c10.intoArray(c, cOffset + cStride);
    c20.intoArray(c, cOffset + 2 * cStride);
    c30.intoArray(c, cOffset + 3 * cStride);
    c40.intoArray(c, cOffset + 4 * cStride);
    c50.intoArray(c, cOffset + 5 * cStride);
    c60.intoArray(c, cOffset + 6 * cStride);
    c70.intoArray(c, cOffset + 7 * cStride);
    c80.intoArray(c, cOffset + 8 * cStride);
    c90.intoArray(c, cOffset + 9 * cStride);
    ca0.intoArray(c, cOffset + 10 * cStride);
    cb0.intoArray(c, cOffset + 11 * cStride);
  }
}
