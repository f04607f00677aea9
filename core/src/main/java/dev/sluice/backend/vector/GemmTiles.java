package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * Products of some rows with a packed matrix, tile by tile, on raw arrays: what {@link VectorGemm} cuts its work into
 * and the recurrences call at every step.
 *
 * <p>{@code C = alpha * A B + beta * C + bias}. The depth is taken in the blocks of {@link PackedMatrix}: the sums of
 * the first meet beta and the bias, {@code C = alpha * sum + (beta * C + bias)}, the later ones are added,
 * {@code C = alpha * sum + C}, all by fused multiply-adds; what is absent is left out. That order depends on the depth
 * alone.
 *
 * <p>A is packed for each block of the depth. A tile that lies wholly in C is finished by the microkernel; the others,
 * and those with a factor, or with both a bias and an old C, go by way of the workspace.
 */
final class GemmTiles {
  /** Rows of A that are worked on together, so that their block stays in the second-level cache. */
  static final int ROWS = 192;
  /** Floats of workspace that a product needs. */
  static final int WORKSPACE = Microkernel.TILE + ROWS * Microkernel.PITCH;

  private GemmTiles() {}

  /**
   * The left-hand matrix: {@code A[i][p]} is at {@code offset + i*stride + p}, or {@code offset + p*stride + i} if
   * transposed.
   *
   * @param values the array it lies in
   * @param offset its first element
   * @param stride from one stored row to the next
   * @param transposed whether the stored rows are its columns
   */
  record Left(float[] values, int offset, int stride, boolean transposed) {
    /** Where an element lies. */
    int at(int row, int term) {
      return offset + (transposed ? term * stride + row : row * stride + term);
    }
  }

  /**
   * A right-hand matrix and where its product goes.
   *
   * @param b all of its columns take part
   * @param epilogue what becomes of the sums
   * @param c receives the product
   * @param offset its first element
   * @param stride from one of its rows to the next
   */
  record Right(PackedMatrix b, Epilogue epilogue, float[] c, int offset, int stride) {
    private void panels(int rows, int block, float[] workspace) {
      GemmTiles.panels(rows, b, block, 0, b.columns(), epilogue, c, offset, stride, workspace);
    }
  }

  /**
   * What becomes of the sums.
   *
   * @param alpha their factor
   * @param beta factor of the old C; 0 does not read it
   * @param bias a row that is added; null for none
   * @param offset the row's first element
   */
  record Epilogue(float alpha, float beta, float @Nullable [] bias, int offset) {
    /** {@code C = A B}. */
    static final Epilogue STORE = new Epilogue(1, 0, null, 0);
    /** {@code C = A B + C}. */
    static final Epilogue ADD = new Epilogue(1, 1, null, 0);

    /** For the sums that follow the first block's. */
    Epilogue later() {
      return alpha == 1 ? ADD : new Epilogue(alpha, 1, null, 0);
    }

    /** Whether C is the sums and at most one thing more, its old elements or a bias. */
    boolean plain() {
      return alpha == 1 && (beta == 0 || beta == 1 && bias == null);
    }
  }

  /** The product of so many rows, at most {@link #ROWS}, with all columns. */
  static void multiply(Left a, int rows, PackedMatrix b, Epilogue epilogue, float[] c, int cOffset, int cStride,
      float[] workspace) {
    multiply(a, 0, rows, b, 0, b.columns(), epilogue, c, cOffset, cStride, workspace);
  }

  /**
   * The product of so many rows, at most {@link #ROWS}, with the columns of some panels; the offset of C is that of
   * its column 0.
   *
   * @param skip what is added to the offset of A: where its first row and term of these are
   * @param workspace at least {@link #WORKSPACE} floats, whatever they hold
   */
  static void multiply(Left a, int skip, int rows, PackedMatrix b, int columnFrom, int columnTo, Epilogue epilogue,
      float[] c, int cOffset, int cStride, float[] workspace) {
    for (int block = 0; block < b.blocks(); block++) {
      pack(a, skip + a.at(0, block * PackedMatrix.BLOCK) - a.offset, rows, b.blockDepth(block), workspace);
      panels(rows, b, block, columnFrom, columnTo, epilogue, c, cOffset, cStride, workspace);
    }
  }

  /** The products of the same rows, at most {@link #ROWS}, with matrices of one depth; A is packed once for all. */
  static void multiply(Left a, int skip, int rows, float[] workspace, Right... rights) {
    PackedMatrix any = rights[0].b;
    for (int block = 0; block < any.blocks(); block++) {
      pack(a, skip + a.at(0, block * PackedMatrix.BLOCK) - a.offset, rows, any.blockDepth(block), workspace);
      for (Right right : rights) {
        right.panels(rows, block, workspace);
      }
    }
  }

  /** The packed rows times a block of some panels of B. */
  private static void panels(int rows, PackedMatrix b, int block, int columnFrom, int columnTo, Epilogue epilogue,
      float[] c, int cOffset, int cStride, float[] workspace) {
    Epilogue now = block == 0 ? epilogue : epilogue.later();
    for (int column = columnFrom; column < columnTo; ) {
      int vectors = b.panelVectors(column);
      panel(rows, b.blockDepth(block), b, b.panelOffset(block, column), vectors, column, now, c, cOffset + column,
          cStride, workspace);
      column += vectors * Lanes.COUNT;
    }
  }

  private static void panel(int rows, int depth, PackedMatrix b, int bOffset, int vectors, int column,
      Epilogue epilogue, float[] c, int cOffset, int cStride, float[] workspace) {
    int width = vectors * Lanes.COUNT;
    int columns = Math.min(width, b.columns() - column);
    boolean plain = columns == width && epilogue.plain();
    for (int row = 0, tileRows; row < rows; row += tileRows) {
      int left = rows - row;
      tileRows = Microkernel.tileRows(left);
      int target = cOffset + row * cStride;
      boolean direct = plain && left >= tileRows;
      float[] out = direct ? c : workspace;
      int outOffset = direct ? target : 0;
      int outStride = direct ? cStride : width;
      boolean biased = direct && epilogue.bias != null;
      float[] addend = biased ? epilogue.bias : direct && epilogue.beta == 1 ? c : null;
      Microkernel.multiply(depth, tileRows, workspace, packed(row), b.values(), bOffset, vectors, addend,
          biased ? epilogue.offset + column : target, biased ? 0 : cStride, out, outOffset, outStride);
      for (int i = 0; !direct && i < Math.min(tileRows, left); i++) {
        finish(workspace, i * width, columns, epilogue, column, c, target + i * cStride);
      }
    }
  }

  /** Takes a row of sums to C. */
  private static void finish(float[] sums, int from, int columns, Epilogue epilogue, int column, float[] c,
      int cOffset) {
    float alpha = epilogue.alpha;
    float beta = epilogue.beta;
    float[] bias = epilogue.bias;
    int biasOffset = epilogue.offset + column;
    if (bias != null) {
      finish(sums, from, columns, alpha, beta, bias, biasOffset, c, cOffset);
    } else if (beta != 0) {
      finish(sums, from, columns, alpha, beta, c, cOffset);
    } else {
      finish(sums, from, columns, alpha, c, cOffset);
    }
  }

  private static void finish(float[] sums, int from, int columns, float alpha, float[] c, int cOffset) {
    int j = 0;
    for (int bound = Lanes.bound(0, columns); j < bound; j += Lanes.COUNT) {
      fromArray(SPECIES, sums, from + j).mul(alpha).intoArray(c, cOffset + j);
    }
    for (; j < columns; j++) {
      c[cOffset + j] = sums[from + j] * alpha;
    }
  }

  private static void finish(float[] sums, int from, int columns, float alpha, float beta, float[] c, int cOffset) {
    FloatVector factor = broadcast(SPECIES, alpha);
    int j = 0;
    for (int bound = Lanes.bound(0, columns); j < bound; j += Lanes.COUNT) {
      FloatVector old = fromArray(SPECIES, c, cOffset + j).mul(beta);
      fromArray(SPECIES, sums, from + j).fma(factor, old).intoArray(c, cOffset + j);
    }
    for (; j < columns; j++) {
      c[cOffset + j] = Math.fma(sums[from + j], alpha, c[cOffset + j] * beta);
    }
  }

  private static void finish(float[] sums, int from, int columns, float alpha, float beta, float[] bias,
      int biasOffset, float[] c, int cOffset) {
    FloatVector factor = broadcast(SPECIES, alpha);
    FloatVector oldFactor = broadcast(SPECIES, beta);
    int j = 0;
    for (int bound = Lanes.bound(0, columns); j < bound; j += Lanes.COUNT) {
      FloatVector base = fromArray(SPECIES, bias, biasOffset + j);
      if (beta != 0) {
        base = fromArray(SPECIES, c, cOffset + j).fma(oldFactor, base);
      }
      fromArray(SPECIES, sums, from + j).fma(factor, base).intoArray(c, cOffset + j);
    }
    for (; j < columns; j++) {
      float base = bias[biasOffset + j];
      if (beta != 0) {
        base = Math.fma(c[cOffset + j], beta, base);
      }
      c[cOffset + j] = Math.fma(sums[from + j], alpha, base);
    }
  }

  /**
   * Packs A behind the tile as the microkernel reads it. Beyond the last row there are zeros, or that row again:
   * whatever else lay there could be slow to multiply.
   */
  private static void pack(Left a, int skip, int rows, int depth, float[] workspace) {
    int filled = Microkernel.coveredRows(rows);
    if (a.transposed) {
      packColumns(a, skip, rows, depth, workspace);
      for (int row = rows; row < filled; row++) {
        Arrays.fill(workspace, packed(row), packed(row) + depth, 0);
      }
    } else {
      for (int row = 0; row < filled; row++) {
        packRow(a.values, skip + a.at(Math.min(row, rows - 1), 0), depth, workspace, packed(row));
      }
    }
  }

  private static void packRow(float[] a, int from, int depth, float[] workspace, int to) {
    int p = 0;
    for (int whole = Lanes.bound(0, depth); p < whole; p += Lanes.COUNT) {
      fromArray(SPECIES, a, from + p).intoArray(workspace, to + p);
    }
    for (; p < depth; p++) {
      workspace[to + p] = a[from + p];
    }
  }

  /** Packs rows whose columns are stored: by squares, and singly where a square would read beyond the array. */
  private static void packColumns(Left a, int skip, int rows, int depth, float[] workspace) {
    for (int p = 0; p < depth; p += Lanes.COUNT) {
      int terms = Math.min(Lanes.COUNT, depth - p);
      for (int row = 0; row < rows; row += Lanes.COUNT) {
        int from = skip + a.at(row, p);
        int to = packed(row) + p;
        if (terms == Lanes.COUNT && from + (terms - 1) * a.stride + Lanes.COUNT <= a.values.length) {
          Transposition.square(a.values, from, a.stride, workspace, to, Microkernel.PITCH);
        } else {
          int present = Math.min(Lanes.COUNT, rows - row);
          Transposition.copy(a.values, from, a.stride, terms, present, workspace, to, Microkernel.PITCH);
        }
      }
    }
  }

  /** Where the packed terms of a row start. */
  private static int packed(int row) {
    return Microkernel.TILE + row * Microkernel.PITCH;
  }
}
