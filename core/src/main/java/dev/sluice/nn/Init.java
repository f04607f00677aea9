package dev.sluice.nn;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;

/**
 * Initial values, as torch.nn.init: each function overwrites a tensor in place and returns it. Values are drawn on the
 * host, rounded to float; nothing is recorded. Of a weight (out, in, ...), fan-in is in times what follows, fan-out is
 * out times what follows.
 */
public final class Init {
  private Init() {}

  /** Every element the same number. */
  public static Tensor constant(Tensor tensor, double value) {
    return tensor.fill(value);
  }

  /** Uniform in [lower, upper). */
  public static Tensor uniform(Tensor tensor, double lower, double upper, Generator generator) {
    return write(tensor, generator.uniform(tensor.elements(), lower, upper));
  }

  /** Normal. */
  public static Tensor normal(Tensor tensor, double mean, double standardDeviation, Generator generator) {
    Arguments.require(standardDeviation >= 0, "normal", "standardDeviation is " + standardDeviation, "0 or more");
    return write(tensor, generator.normal(tensor.elements(), mean, standardDeviation));
  }

  /**
   * Uniform between -b and b, {@code b = gain * sqrt(6 / (fanIn + fanOut))} (Glorot and Bengio 2010).
   *
   * @param tensor of two dimensions or more
   * @param gain 1 for a linear or sigmoid layer, 5/3 for tanh
   */
  public static Tensor xavierUniform(Tensor tensor, double gain, Generator generator) {
    double bound = gain * Math.sqrt(6.0 / (fan("xavierUniform", tensor, 1) + fan("xavierUniform", tensor, 0)));
    return uniform(tensor, -bound, bound, generator);
  }

  /**
   * Normal of mean 0 and standard deviation {@code gain * sqrt(2 / (fanIn + fanOut))} (Glorot and Bengio 2010).
   *
   * @param tensor of two dimensions or more
   * @param gain 1 for a linear or sigmoid layer, 5/3 for tanh
   */
  public static Tensor xavierNormal(Tensor tensor, double gain, Generator generator) {
    double fans = fan("xavierNormal", tensor, 1) + fan("xavierNormal", tensor, 0);
    return normal(tensor, 0, gain * Math.sqrt(2 / fans), generator);
  }

  /**
   * Uniform between -b and b, {@code b = sqrt(6 / ((1 + a^2) fanIn))}, for a leaky ReLU of slope a (He et al., arXiv
   * 1502.01852): a = 0 for ReLU; a = sqrt(5) gives torch.nn.Linear's 1/sqrt(fanIn).
   *
   * @param tensor of two dimensions or more
   */
  public static Tensor kaimingUniform(Tensor tensor, double a, Generator generator) {
    double bound = Math.sqrt(6.0 / ((1 + a * a) * fan("kaimingUniform", tensor, 1)));
    return uniform(tensor, -bound, bound, generator);
  }

  /**
   * Orthonormal rows, or columns if there are more rows than columns, times gain (Saxe, McClelland and Ganguli, arXiv
   * 1312.6120): normal rows made orthogonal one after the other, which is the Q of a QR factorisation whose R has a
   * positive diagonal.
   *
   * @param tensor (rows, ...), what follows the rows taken together as columns
   */
  public static Tensor orthogonal(Tensor tensor, double gain, Generator generator) {
    requireMatrix("orthogonal", tensor);
    int rows = tensor.size(0);
    int columns = tensor.elements() / Math.max(rows, 1);
    int count = Math.min(rows, columns);
    double[][] vectors = new double[count][];
    float[] drawn = generator.normal(tensor.elements(), 0, 1);
    for (int i = 0; i < count; i++) {
      vectors[i] = new double[Math.max(rows, columns)];
      for (int j = 0; j < vectors[i].length; j++) {
        vectors[i][j] = drawn[i * vectors[i].length + j];
      }
      // The second pass takes away what rounding left of the first.
      orthogonalize(vectors, i);
      orthogonalize(vectors, i);
    }
    float[] values = new float[tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      int row = i / columns;
      int column = i % columns;
      values[i] = (float) (gain * (rows <= columns ? vectors[row][column] : vectors[column][row]));
    }
    return write(tensor, values);
  }

  /** Makes vector i orthogonal to those before it, and of length 1. */
  private static void orthogonalize(double[][] vectors, int i) {
    double[] vector = vectors[i];
    for (int k = 0; k < i; k++) {
      double projection = dot(vector, vectors[k]);
      for (int j = 0; j < vector.length; j++) {
        vector[j] -= projection * vectors[k][j];
      }
    }
    double length = Math.sqrt(dot(vector, vector));
    for (int j = 0; j < vector.length; j++) {
      vector[j] /= length;
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static long fan(String operation, Tensor tensor, int dimension) {
    requireMatrix(operation, tensor);
    Shape shape = tensor.shape();
    return (long) shape.size(dimension) * shape.elements(2, shape.rank());
  }

  private static void requireMatrix(String operation, Tensor tensor) {
    Arguments.require(tensor.rank() >= 2, operation, "tensor has shape " + tensor.shape(), "two dimensions or more");
  }

  private static Tensor write(Tensor tensor, float[] values) {
    tensor.backend().write(values, 0, tensor.buffer(), 0, values.length);
    tensor.markModified();
    return tensor;
  }
}
