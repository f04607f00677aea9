package dev.sluice.conformance;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.GemmSpec.Matrix;
import dev.sluice.spi.KernelSpec;
import java.util.ArrayList;
import java.util.List;

/** Matrix products: transposes x alpha and beta x bias x batching x sizes. */
final class GemmCases {
  private static final String FAMILY = "gemm";
  private static final double[][] FACTORS = {{1, 0}, {1, 1}, {-1.5, 0.25}, {0, 0.5}};
  private static final int[][] LARGER = {{67, 130, 33}, {1, 257, 130}, {130, 1, 67}, {257, 67, 31}, {16, 16, 513},
      {4, 130, 1}, {31, 15, 16}, {70, 70, 70}, {1, 1, 600}, {5, 67, 0}};

  /** How the matrices of a batch lie. */
  private enum Batching {
    ONE,
    DENSE,
    SHARED_A,
    SHARED_B,
    PADDED
  }

  private GemmCases() {}

  static List<Case> cases() {
    List<Case> sampled = Sample.of(crossing(), 650);
    List<Case> cases = new ArrayList<>(sampled);
    for (int[] size : LARGER) {
      for (int transposes = 0; transposes < 4; transposes++) {
        GemmSpec spec = GemmSpec.of(size[0], size[1], size[2], (transposes & 1) != 0, (transposes & 2) != 0);
        cases.add(of(spec, Batching.ONE, false));
        cases.add(of(spec.withBias().accumulating(), Batching.ONE, false));
        cases.add(of(spec, Batching.ONE, true));
      }
    }
    return cases;
  }

  /** A batch of several chunks. */
  static void large(Bench bench) {
    multiply(bench, GemmSpec.batched(2, 203, 190, 131, true, false).withBias().accumulating());
  }

  static void tiny(Bench bench) {
    multiply(bench, GemmSpec.of(7, 19, 11, false, true).withBias());
    multiply(bench, GemmSpec.of(1, 19, 11, false, false));
  }

  private static List<Case> crossing() {
    List<Case> crossing = new ArrayList<>();
    for (Batching batching : Batching.values()) {
      for (double[] factors : FACTORS) {
        for (int transposes = 0; transposes < 8; transposes++) {
          boolean transposeA = (transposes & 1) != 0;
          boolean transposeB = (transposes & 2) != 0;
          boolean bias = (transposes & 4) != 0;
          for (int m : Awkward.SMALL) {
            for (int n : Awkward.SMALL) {
              for (int k : Awkward.SMALL) {
                crossing.add(of(spec(m, n, k, transposeA, transposeB, factors, bias, batching), batching, false));
              }
            }
          }
        }
      }
    }
    return crossing;
  }

  private static GemmSpec spec(int m, int n, int k, boolean transposeA, boolean transposeB, double[] factors,
      boolean bias,
      Batching batching) {
    int batch = batching == Batching.ONE ? 1 : 3;
    GemmSpec dense = GemmSpec.batched(batch, m, n, k, transposeA, transposeB);
    Matrix a = dense.a();
    Matrix b = dense.b();
    Matrix c = dense.c();
    switch (batching) {
      case ONE, DENSE -> {}
      case SHARED_A -> a = a.shared();
      case SHARED_B -> b = b.shared();
      case PADDED -> {
        a = padded(a, transposeA ? k : m, 3);
        b = padded(b, transposeB ? n : k, 1);
        c = padded(c, m, 5);
      }
    }
    return new GemmSpec(batch, m, n, k, a, b, c, factors[0], factors[1], bias);
  }

  /** The matrix from an offset on, with some elements after each row and each matrix. */
  private static Matrix padded(Matrix matrix, int rows, int padding) {
    int rowStride = matrix.rowStride() + padding;
    return new Matrix(padding, rowStride, rows * rowStride + 2, matrix.transposed());
  }

  private static Case of(GemmSpec spec, Batching batching, boolean special) {
    String group = "multiply " + (spec.a().transposed() ? "T" : "N") + (spec.b().transposed() ? "T" : "N") + " "
        + batching;
    String name = "m " + spec.m() + " n " + spec.n() + " k " + spec.k() + " alpha " + spec.alpha() + " beta "
        + spec.beta()
        + (spec.bias() ? " bias" : "");
    return special ? Case.special(FAMILY, group, name, bench -> multiply(bench, spec))
        : Case.of(FAMILY, group, name, bench -> multiply(bench, spec));
  }

  private static void multiply(Bench bench, GemmSpec spec) {
    var operands = spec.operands(KernelSpec.Pass.FORWARD);
    Buffer a = bench.input((int) operands.get(0).length());
    Buffer b = bench.input((int) operands.get(1).length());
    Buffer bias = spec.bias() ? bench.input(spec.n()) : null;
    int length = (int) operands.get(3).length();
    Buffer c = spec.beta() == 0 ? bench.output("c", length) : bench.updated("c", bench.draw(length));
    bench.backend().gemm().multiply(spec, a, b, bias, c);
  }
}
