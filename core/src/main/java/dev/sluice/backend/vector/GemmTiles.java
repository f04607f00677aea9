package dev.sluice.backend.vector;

import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * Products of some rows with a packed matrix, tile by tile, on raw arrays: what {@link VectorGemm} cuts its work into
 * and the recurrences call at every step.
 *
 * <p>{@code C = alpha * A B + beta * C + bias}. The depth is taken in the blocks of {@link PackedMatrix}: the sums of
 * the first meet beta and the bias, {@code C = alpha * sum + (beta * C + bias)}, the later ones are added,
 * {@code C = alpha * sum + C}, all by fused multiply-adds. That order depends on the depth alone.
 *
 * <p>A is read where it lies if its rows are stored, and packed only if its columns are.
 */
final class GemmTiles {
  /** Rows of A that are worked on together, so that their block stays in the second-level cache. */
  static final int ROWS = 16 * Microkernel.ROWS;
  /** Floats of workspace that a product needs. */
  static final int WORKSPACE = Microkernel.TILE + ROWS / Microkernel.ROWS * pitch(PackedMatrix.BLOCK);

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
    Epilogue now = epilogue;
    for (int block = 0; block < b.blocks(); block++) {
      Left part = a.from(0, block * PackedMatrix.BLOCK);
      int depth = b.blockDepth(block);
      if (a.transposed) {
        pack(part, rows, depth, workspace);
      }
      for (int column = columnFrom; column < columnTo; ) {
        int vectors = b.panelVectors(column);
        panel(part, rows, depth, b, b.panelOffset(block, column), vectors, column, now, c, cOffset + column, cStride,
            workspace);
        column += vectors * Lanes.COUNT;
      }
      now = epilogue.later();
    }
  }

  private static void panel(Left a, int rows, int depth, PackedMatrix b, int bOffset, int vectors, int column,
      Epilogue epilogue, float[] c, int cOffset, int cStride, float[] workspace) {
    int width = vectors * Lanes.COUNT;
    int columns = Math.min(width, b.columns() - column);
    for (int row = 0; row < rows; row += Microkernel.ROWS) {
      int present = Math.min(Microkernel.ROWS, rows - row);
      if (a.transposed) {
        int group = Microkernel.TILE + row / Microkernel.ROWS * pitch(depth);
        Microkernel.multiply(depth, workspace, group, 1, present, Microkernel.ROWS, b.values(), bOffset, vectors,
            workspace);
      } else {
        Microkernel.multiply(depth, a.values, a.offset + row * a.stride, a.stride, present, 1, b.values(), bOffset,
            vectors, workspace);
      }
      for (int i = 0; i < present; i++) {
        finish(workspace, i * width, columns, epilogue, column, c, cOffset + (row + i) * cStride);
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
    int j = 0;
    for (int bound = Lanes.bound(0, columns); j < bound; j += Lanes.COUNT) {
      FloatVector base = bias == null ? Lanes.zero() : Lanes.load(bias, biasOffset + j);
      if (beta != 0) {
        FloatVector old = Lanes.load(c, cOffset + j);
        base = old.fma(Lanes.broadcast(beta), base);
      }
      Lanes.load(sums, from + j).fma(Lanes.broadcast(alpha), base).intoArray(c, cOffset + j);
    }
    for (; j < columns; j++) {
      float base = bias == null ? 0 : bias[biasOffset + j];
      if (beta != 0) {
        base = Math.fma(c[cOffset + j], beta, base);
      }
      c[cOffset + j] = Math.fma(sums[from + j], alpha, base);
    }
  }

  /**
   * Packs columns of a stored matrix in groups of six behind the tile: term p of row i of a group is at
   * {@code 6*p + i}. Whole vectors are copied; what they carry too much, the next copy overwrites.
   */
  private static void pack(Left a, int rows, int depth, float[] workspace) {
    int reach = Math.ceilDiv(Microkernel.ROWS, Lanes.COUNT) * Lanes.COUNT;
    for (int p = 0; p < depth; p++) {
      int source = a.offset + p * a.stride;
      int target = Microkernel.TILE + p * Microkernel.ROWS;
      for (int row = 0; row < rows; row += Microkernel.ROWS, target += pitch(depth)) {
        if (source + row + reach <= a.values.length) {
          for (int v = 0; v < reach; v += Lanes.COUNT) {
            Lanes.load(a.values, source + row + v).intoArray(workspace, target + v);
          }
        } else {
          System.arraycopy(a.values, source + row, workspace, target, Math.min(Microkernel.ROWS, rows - row));
        }
      }
    }
  }

  /** From one packed group to the next: room for what the last copy carries too much. */
  private static int pitch(int depth) {
    return Microkernel.ROWS * depth + Math.max(Microkernel.ROWS, Lanes.COUNT);
  }
}
