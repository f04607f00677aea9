package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Agreement.check;
import static dev.sluice.backend.vector.Agreement.empty;
import static dev.sluice.backend.vector.Agreement.random;
import static dev.sluice.backend.vector.Agreement.reals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.spi.AdamSpec;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClampSpec;
import dev.sluice.spi.NormSpec;
import dev.sluice.spi.ScaleToNormSpec;
import dev.sluice.spi.SgdSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clipping and optimizer steps: kernels over lists of buffers. */
class VectorListsTest {
  private static final int[][] LENGTHS = {{}, {0}, {1}, {3, 4}, {0, 17, 0, 31, 1}, {5, 140_001, 0, 16}};

  private static List<Buffer> list(Backend backend, long seed, int[] lengths, float... specials) {
    List<Buffer> buffers = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      float[] values = random(seed + i, lengths[i]);
      if (values.length > 2 && specials.length > 0) {
        System.arraycopy(specials, 0, values, values.length - specials.length, specials.length);
      }
      buffers.add(reals(backend, values));
    }
    return buffers;
  }

  @ParameterizedTest
  @ValueSource(doubles = {2, 1, 0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 3, 0.5, -2})
  void norms(double p) {
    for (int[] lengths : LENGTHS) {
      for (float special : new float[] {1, 0, Float.NaN, Float.NEGATIVE_INFINITY, 1e30f}) {
        check(p + "-norm of " + lengths.length + " with " + special, 1, backend -> {
          Buffer norm = empty(backend, 1);
          backend.clipping().norm(new NormSpec(p), list(backend, 1, lengths, special), norm);
          return List.of(norm);
        });
      }
    }
  }

  @Test
  void theZeroNormCountsBuffers() {
    check("0-norm", 0, backend -> {
      Buffer norm = empty(backend, 1);
      backend.clipping().norm(new NormSpec(0), List.of(reals(backend, 0, -0f), reals(backend, 1, 2),
          reals(backend, 0, 3), reals(backend)), norm);
      return List.of(norm);
    });
  }

  @Test
  void scalingToANorm() {
    for (int[] lengths : LENGTHS) {
      for (float norm : new float[] {0.5f, 13, 0, Float.POSITIVE_INFINITY, Float.NaN}) {
        for (double maxNorm : new double[] {1, 0, 1e-3, Double.POSITIVE_INFINITY}) {
          check("scale " + norm + " to " + maxNorm, 2, backend -> {
            List<Buffer> tensors = list(backend, 2, lengths, Float.POSITIVE_INFINITY);
            backend.clipping().scaleToNorm(new ScaleToNormSpec(maxNorm), reals(backend, norm), tensors);
            return tensors;
          });
        }
      }
    }
  }

  @Test
  void aBufferThatStandsTwiceIsChangedTwice() {
    Backend backend = Agreement.VECTOR.getLast();
    Buffer tensor = reals(backend, 3, -4);
    Buffer norm = empty(backend, 1);
    List<Buffer> twice = List.of(tensor, tensor);
    backend.clipping().norm(new NormSpec(2), twice, norm);
    backend.clipping().scaleToNorm(new ScaleToNormSpec(1), norm, twice);
    float[] read = new float[3];
    backend.read(tensor, 0, read, 0, 2);
    backend.read(norm, 0, read, 2, 1);
    assertArrayEquals(new float[] {0.06f, -0.08f, 7.0710678f}, read, 1e-6f);
    check("a large buffer twice", 4, other -> {
      Buffer large = reals(other, random(1, 400_000));
      other.clipping().scaleToNorm(new ScaleToNormSpec(1), reals(other, 3), List.of(large, large));
      return List.of(large);
    });
  }

  @Test
  void clampingAList() {
    for (int[] lengths : LENGTHS) {
      check("clamp", 0, backend -> {
        List<Buffer> tensors = list(backend, 3, lengths, Float.NaN, Float.NEGATIVE_INFINITY);
        backend.clipping().clamp(new ClampSpec(-0.5, 0.75), tensors);
        return tensors;
      });
    }
  }

  @Test
  void sgd() {
    for (double momentum : new double[] {0, 0.9}) {
      for (boolean nesterov : new boolean[] {false, true}) {
        for (boolean maximize : new boolean[] {false, true}) {
          if (nesterov && momentum == 0) {
            continue;
          }
          double dampening = nesterov ? 0 : 0.3;
          for (int[] lengths : LENGTHS) {
            check("sgd", 6, 1, backend -> {
              List<Buffer> parameters = list(backend, 4, lengths);
              List<Buffer> velocities = new ArrayList<>();
              for (int length : lengths) {
                velocities.add(empty(backend, length));
              }
              for (int step = 0; step < 3; step++) {
                backend.optimizer().sgd(new SgdSpec(0.1, momentum, dampening, 0.01, nesterov, maximize, step == 0),
                    parameters, list(backend, 5 + 10 * step, lengths), momentum == 0 ? null : velocities);
              }
              return momentum == 0 ? parameters : join(parameters, velocities);
            });
          }
        }
      }
    }
  }

  @Test
  void adam() {
    for (boolean decoupled : new boolean[] {false, true}) {
      for (boolean amsgrad : new boolean[] {false, true}) {
        for (int[] lengths : LENGTHS) {
          check("adam", 12, 1, backend -> {
            List<Buffer> parameters = list(backend, 6, lengths);
            List<Buffer> means = zeros(backend, lengths);
            List<Buffer> variances = zeros(backend, lengths);
            List<Buffer> largest = zeros(backend, lengths);
            for (int step = 1; step <= 3; step++) {
              AdamSpec spec = new AdamSpec(0.01, 0.9, 0.999, 1e-8, 0.05, decoupled, amsgrad, step == 2, step);
              backend.optimizer().adam(spec, parameters, list(backend, 10 * step, lengths), means, variances,
                  amsgrad ? largest : null);
            }
            return join(join(parameters, means), amsgrad ? join(variances, largest) : variances);
          });
        }
      }
    }
  }

  private static List<Buffer> zeros(Backend backend, int[] lengths) {
    List<Buffer> buffers = new ArrayList<>();
    for (int length : lengths) {
      buffers.add(reals(backend, new float[length]));
    }
    return buffers;
  }

  private static List<Buffer> join(List<Buffer> first, List<Buffer> second) {
    List<Buffer> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
