package dev.sluice.spi;

import java.util.List;

/**
 * A batch of matrix products {@code C = alpha * op(A) op(B) + beta * C + bias}.
 *
 * @param batch how many products
 * @param m rows of op(A) and C
 * @param n columns of op(B) and C
 * @param k columns of op(A), rows of op(B)
 * @param a where the matrices of A lie; stored (m, k), or (k, m) if transposed
 * @param b where the matrices of B lie; stored (k, n), or (n, k) if transposed
 * @param c where the matrices of C lie; never transposed, and no two of them overlap
 * @param alpha factor of the product
 * @param beta factor of the old C; 0 means that C is not read
 * @param bias whether a vector of n is added to each row
 */
public record GemmSpec(int batch, int m, int n, int k, Matrix a, Matrix b, Matrix c, double alpha, double beta,
    boolean bias) implements KernelSpec {
  /**
   * Where the matrices of one argument lie: matrix i starts at {@code offset + i*batchStride}, its stored row r at
   * {@code r*rowStride} from there, and a stored row is contiguous.
   *
   * @param offset start of the first matrix
   * @param rowStride from one stored row to the next; at least the stored row's length
   * @param batchStride from one matrix to the next; 0 uses one matrix for the whole batch
   * @param transposed whether the stored matrix is the transpose of the one multiplied
   */
  public record Matrix(int offset, int rowStride, int batchStride, boolean transposed) {
    /** A dense matrix of so many columns as stored, followed by the others of the batch. */
    public static Matrix dense(int storedRows, int storedColumns, boolean transposed) {
      return new Matrix(0, storedColumns, Sizes.elements("gemm", "matrix", storedRows, storedColumns), transposed);
    }

    /** The same matrix for the whole batch. */
    public Matrix shared() {
      return new Matrix(offset, rowStride, 0, transposed);
    }

    private int extent(String name, int batch, int rows, int columns) {
      int storedRows = transposed ? columns : rows;
      int storedColumns = transposed ? rows : columns;
      if (storedRows > 1 && rowStride < storedColumns) {
        throw Sizes.refusal("gemm", name + " has row stride " + rowStride, "at least " + storedColumns);
      }
      if (batchStride < 0) {
        throw Sizes.refusal("gemm", name + " has batch stride " + batchStride, "0 or more");
      }
      return Sizes.extent("gemm", name, offset, new int[] {batch, storedRows, storedColumns},
          new int[] {batchStride, rowStride, 1});
    }
  }

  public GemmSpec {
    Sizes.atLeast("gemm", "batch", batch, 0);
    Sizes.atLeast("gemm", "m", m, 0);
    Sizes.atLeast("gemm", "n", n, 0);
    Sizes.atLeast("gemm", "k", k, 0);
    Sizes.require(!c.transposed, "gemm", "c is transposed", "a plain c");
    if (batch > 1 && m > 0 && n > 0 && c.batchStride <= 0) {
      throw Sizes.refusal("gemm", "c has batch stride " + c.batchStride, "1 or more");
    }
    a.extent("a", batch, m, k);
    b.extent("b", batch, k, n);
    c.extent("c", batch, m, n);
  }

  /** One product of dense matrices without bias: {@code C = op(A) op(B)}. */
  public static GemmSpec of(int m, int n, int k, boolean transposeA, boolean transposeB) {
    return batched(1, m, n, k, transposeA, transposeB);
  }

  /** A batch of products of dense matrices without bias: {@code C = op(A) op(B)}. */
  public static GemmSpec batched(int batch, int m, int n, int k, boolean transposeA, boolean transposeB) {
    return new GemmSpec(batch, m, n, k,
        transposeA ? Matrix.dense(k, m, true) : Matrix.dense(m, k, false),
        transposeB ? Matrix.dense(n, k, true) : Matrix.dense(k, n, false),
        Matrix.dense(m, n, false), 1, 0, false);
  }

  /** The same product with a bias row. */
  public GemmSpec withBias() {
    return new GemmSpec(batch, m, n, k, a, b, c, alpha, beta, true);
  }

  /** The same product, added to C. */
  public GemmSpec accumulating() {
    return new GemmSpec(batch, m, n, k, a, b, c, alpha, 1, bias);
  }

  @Override
  public List<Operand> operands(Pass pass) {
    Operand bias = Operand.read("bias", bias() ? n : 0);
    return List.of(
        Operand.read("a", a.extent("a", batch, m, k)),
        Operand.read("b", b.extent("b", batch, k, n)),
        bias() ? bias : bias.orNull(),
        Operand.update("c", c.extent("c", batch, m, n)));
  }
}
