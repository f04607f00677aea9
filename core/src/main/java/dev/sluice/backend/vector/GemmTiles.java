package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

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
 * <p>A is packed for each block of the depth, unless its rows are stored and the product is narrow. A tile that lies
 * wholly in C is stored or added there by the microkernel; the others, and those with a factor or a bias, go by way of
 * the workspace.
 */
final class GemmTiles {
  /** The whole vectors that hold the elements of a group's term. */
  private static final int REACH = Math.ceilDiv(Microkernel.ROWS, Lanes.COUNT) * Lanes.COUNT;

  /** Rows of A that are worked on together, so that their block stays in the second-level cache. */
  static final int ROWS = 192;
  /** Floats of workspace that a product needs. */
  static final int WORKSPACE = Microkernel.TILE + group(ROWS, PackedMatrix.BLOCK) + Lanes.COUNT;

  /** Columns up to which rows of A are read where they lie: packing an element costs as much as 20 multiply-adds. */
  private static final int NARROW = 128;

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
    /** The same matrix without its first rows and terms. */
    Left from(int row, int term) {
      int skip = transposed ? term * stride + row : row * stride + term;
      return new Left(values, offset + skip, stride, transposed);
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
      return new Epilogue(alpha, 1, null, 0);
    }

    /** Whether the sums are C, or are what is added to it. */
    boolean plain() {
      return alpha == 1 && (beta == 0 || beta == 1) && bias == null;
    }
  }

  /** The product of so many rows, at most {@link #ROWS}, with all columns. */
  static void multiply(Left a, int rows, PackedMatrix b, Epilogue epilogue, float[] c, int cOffset, int cStride,
      float[] workspace) {
    multiply(a, rows, b, 0, b.columns(), epilogue, c, cOffset, cStride, workspace);
  }

  /**
   * The product of so many rows, at most {@link #ROWS}, with the columns of some panels; the offset of C is that of
   * its column 0.
   *
   * @param workspace at least {@link #WORKSPACE} floats, whatever they hold
   */
  static void multiply(Left a, int rows, PackedMatrix b, int columnFrom, int columnTo, Epilogue epilogue, float[] c,
      int cOffset, int cStride, float[] workspace) {
    boolean inPlace = !a.transposed && columnTo - columnFrom <= NARROW;
    Epilogue now = epilogue;
    for (int block = 0; block < b.blocks(); block++) {
      Left part = a.from(0, block * PackedMatrix.BLOCK);
      int depth = b.blockDepth(block);
      if (!inPlace) {
        pack(part, rows, depth, workspace);
      }
      for (int column = columnFrom; column < columnTo; ) {
        int vectors = b.panelVectors(column);
        panel(part, inPlace, rows, depth, b, b.panelOffset(block, column), vectors, column, now, c, cOffset + column,
            cStride, workspace);
        column += vectors * Lanes.COUNT;
      }
      now = epilogue.later();
    }
  }

  private static void panel(Left a, boolean inPlace, int rows, int depth, PackedMatrix b, int bOffset, int vectors,
      int column, Epilogue epilogue, float[] c, int cOffset, int cStride, float[] workspace) {
    int width = vectors * Lanes.COUNT;
    int columns = Math.min(width, b.columns() - column);
    boolean plain = columns == width && epilogue.plain();
    for (int row = 0; row < rows; row += Microkernel.ROWS) {
      int left = rows - row;
      int tileRows = Microkernel.tileRows(left);
      int target = cOffset + row * cStride;
      boolean direct = plain && left >= tileRows;
      float[] out = direct ? c : workspace;
      int outOffset = direct ? target : 0;
      int outStride = direct ? cStride : width;
      boolean add = direct && epilogue.beta == 1;
      if (inPlace) {
        RowMicrokernel.multiply(depth, tileRows, a.values, a.offset + row * a.stride, a.stride, left, b.values(),
            bOffset, vectors, add, out, outOffset, outStride);
      } else {
        Microkernel.multiply(depth, tileRows, workspace, Microkernel.TILE + group(row, depth), b.values(), bOffset,
            vectors, add, out, outOffset, outStride);
      }
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
   * Packs A behind the tile in groups of {@link Microkernel#ROWS}: term p of row i of a group is at {@code p*ROWS + i}.
   * Beyond the last row there are zeros: whatever else lay there could be slow to multiply.
   */
  private static void pack(Left a, int rows, int depth, float[] workspace) {
    if (a.transposed) {
      for (int p = 0; p < depth; p++) {
        packColumns(a.values, a.offset + p * a.stride, rows, workspace, Microkernel.TILE + p * Microkernel.ROWS, depth);
      }
    } else {
      for (int row = 0; row < rows; row += Microkernel.ROWS) {
        packRows(a, row, Math.min(Microkernel.ROWS, rows - row), depth, workspace,
            Microkernel.TILE + group(row, depth));
      }
    }
    for (int row = rows; row % Microkernel.ROWS != 0; row++) {
      int target = Microkernel.TILE + group(row, depth) + row % Microkernel.ROWS;
      for (int p = 0; p < depth; p++) {
        workspace[target + p * Microkernel.ROWS] = 0;
      }
    }
  }

  /**
   * Packs one term of all rows, which lie side by side, in runs of a fixed length (a loop of one vector was boxed). What
   * a run carries too much is overwritten by the next term, or lies between the groups.
   */
  private static void packColumns(float[] a, int source, int rows, float[] workspace, int target, int depth) {
    int pitch = group(Microkernel.ROWS, depth);
    int row = 0;
    int to = target;
    for (; row < rows && source + row + REACH <= a.length; row += Microkernel.ROWS, to += pitch) {
      System.arraycopy(a, source + row, workspace, to, REACH);
    }
    for (; row < rows; row += Microkernel.ROWS, to += pitch) {
      System.arraycopy(a, source + row, workspace, to, Math.min(Microkernel.ROWS, rows - row));
    }
  }

  /** Where the packed group of a row starts; there is room between groups for what a vector carries too much. */
  private static int group(int row, int depth) {
    return row / Microkernel.ROWS * (Microkernel.ROWS * depth + REACH);
  }

  private static void packRows(Left a, int row, int present, int depth, float[] workspace, int target) {
    int i = 0;
    for (; i + 6 <= present; i += 6) {
      packSix(a.values, a.offset + (row + i) * a.stride, a.stride, depth, workspace, target + i);
    }
    for (; i < present; i++) {
      int source = a.offset + (row + i) * a.stride;
      for (int p = 0; p < depth; p++) {
        workspace[target + i + p * Microkernel.ROWS] = a.values[source + p];
      }
    }
  }

  private static void packSix(float[] a, int row0, int stride, int depth, float[] workspace, int target) {
    int row1 = row0 + stride;
    int row2 = row1 + stride;
    int row3 = row2 + stride;
    int row4 = row3 + stride;
    int row5 = row4 + stride;
    for (int p = 0; p < depth; p++) {
      int to = target + p * Microkernel.ROWS;
      workspace[to] = a[row0 + p];
      workspace[to + 1] = a[row1 + p];
      workspace[to + 2] = a[row2 + p];
      workspace[to + 3] = a[row3 + p];
      workspace[to + 4] = a[row4 + p];
      workspace[to + 5] = a[row5 + p];
    }
  }
}
