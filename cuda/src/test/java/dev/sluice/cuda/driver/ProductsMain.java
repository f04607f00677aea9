package dev.sluice.cuda.driver;

import dev.sluice.Backends;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.GemmSpec.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Prints what binds cuBLAS, and for products of every form a hash of the result's bits. */
final class ProductsMain {
  private static final int SIZE = 4096;

  private ProductsMain() {}

  public static void main(String[] arguments) {
    try (Backend backend = Backends.get("cuda")) {
      System.out.println(backend.description().replaceFirst(".*, ", ""));
      for (boolean transposeA : new boolean[] {false, true}) {
        for (boolean transposeB : new boolean[] {false, true}) {
          for (GemmSpec spec : List.of(GemmSpec.of(17, 33, 65, transposeA, transposeB),
              GemmSpec.batched(3, 7, 5, 9, transposeA, transposeB).withBias(),
              GemmSpec.of(8, 8, 0, transposeA, transposeB).accumulating(),
              new GemmSpec(2, 5, 6, 7, new Matrix(3, 10, 0, transposeA), new Matrix(1, 11, 100, transposeB),
                  new Matrix(2, 9, 60, false), 0.5, -2, false))) {
            System.out.println(Integer.toHexString(Arrays.hashCode(product(backend, spec))));
          }
        }
      }
    }
  }

  private static float[] product(Backend backend, GemmSpec spec) {
    Random random = new Random(3);
    Buffer a = reals(backend, random);
    Buffer b = reals(backend, random);
    Buffer bias = reals(backend, random);
    Buffer c = reals(backend, random);
    backend.gemm().multiply(spec, a, b, spec.bias() ? bias : null, c);
    float[] result = new float[SIZE];
    backend.read(c, 0, result, 0, SIZE);
    return result;
  }

  private static Buffer reals(Backend backend, Random random) {
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    Buffer buffer = backend.allocate(ElementType.REAL, SIZE);
    backend.write(values, 0, buffer, 0, SIZE);
    return buffer;
  }
}
