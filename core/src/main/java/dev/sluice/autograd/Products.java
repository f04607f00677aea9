package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.GemmSpec.Matrix;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Matrix products. */
public final class Products {
  private Products() {}

  /**
   * torch.matmul: the product of matrices (..., m, k) and (..., k, n), leading dimensions broadcast, to (..., m, n). A
   * vector on the left is a row, on the right a column, and its dimension is gone from the result.
   */
  public static Tensor matmul(Tensor a, Tensor b) {
    return matmul(a, false, b, false);
  }

  /**
   * {@link #matmul} of matrices of which either may be stored transposed: a (..., k, m) with transposeA, b (..., n, k)
   * with transposeB. Saves the copy that transposing beforehand would make.
   */
  public static Tensor matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB) {
    Checks.backend("matmul", a, b);
    Checks.real("matmul", "first argument", a);
    Checks.real("matmul", "second argument", b);
    Checks.shape(a.rank() >= (transposeA ? 2 : 1), "matmul", "first argument", a,
        "one dimension or more, two to transpose");
    Checks.shape(b.rank() >= (transposeB ? 2 : 1), "matmul", "second argument", b,
        "one dimension or more, two to transpose");
    Tensor left = a.rank() == 1 ? Shaping.unsqueeze(a, 0) : a;
    Tensor right = b.rank() == 1 ? Shaping.unsqueeze(b, 1) : b;
    int inner = left.size(transposeA ? -2 : -1);
    Supplier<String> given = () -> "shapes are " + a.shape() + " and " + b.shape()
        + (transposeA ? ", first transposed" : "") + (transposeB ? ", second transposed" : "");
    if (inner != right.size(transposeB ? -1 : -2)) {
      throw Checks.refusal("matmul", given.get(), "equal inner sizes");
    }
    Shape batch = Broadcasting.shape("matmul", left.shape().slice(0, left.rank() - 2),
        right.shape().slice(0, right.rank() - 2), given);
    Tensor y;
    if (!transposeA && right.rank() == 2 && left.rank() > 2) {
      // One right matrix for all: the batch is more rows of one product, and the right's gradient needs no sum.
      int rows = left.shape().elements(0, left.rank() - 1);
      Tensor product = batched(Shaping.reshape(left, rows, inner), false, right, transposeB, Shape.SCALAR);
      y = Shaping.reshape(product, left.shape().with(-1, product.size(-1)).toArray());
    } else {
      y = batched(spread(left, batch), transposeA, spread(right, batch), transposeB, batch);
    }
    if (a.rank() == 1) {
      y = Shaping.squeeze(y, -2);
    }
    return b.rank() == 1 ? Shaping.squeeze(y, -1) : y;
  }

  /**
   * {@code input weight^T + bias}.
   *
   * @param input (..., inFeatures)
   * @param weight (outFeatures, inFeatures)
   * @param bias (outFeatures), or null
   * @return (..., outFeatures)
   */
  public static Tensor linear(Tensor input, Tensor weight, @Nullable Tensor bias) {
    Backend backend = Checks.backend("linear", input, weight, bias);
    Checks.real("linear", "input", input);
    Checks.real("linear", "weight", weight);
    Checks.real("linear", "bias", bias);
    Checks.shape(weight.rank() == 2, "linear", "weight", weight, "(outFeatures, inFeatures)");
    int n = weight.size(0);
    int k = weight.size(1);
    Checks.shape(input.rank() >= 1 && input.size(-1) == k, "linear", "input", input, "(..., " + k + ")");
    Checks.shape("linear", "bias", bias, Shape.of(n));
    Shape leading = input.shape().slice(0, input.rank() - 1);
    int m = leading.elements();

    Tensor y = Checks.real(backend, leading.plus(n));
    GemmSpec spec = GemmSpec.of(m, n, k, false, true);
    backend.gemm().multiply(bias == null ? spec : spec.withBias(), input.buffer(), weight.buffer(), Checks.buffer(bias),
        y.buffer());

    List<Tensor> inputs = bias == null ? List.of(input, weight) : List.of(input, weight, bias);
    Tape.record("linear", inputs, List.of(input, weight), List.of(y), gradients -> {
      Buffer gradY = gradients[0].buffer();
      Tensor gradInput = Checks.gradientOf(input);
      if (gradInput != null) {
        backend.gemm().multiply(GemmSpec.of(m, k, n, false, false), gradY, weight.buffer(), null, gradInput.buffer());
      }
      Tensor gradWeight = Checks.gradientOf(weight);
      if (gradWeight != null) {
        backend.gemm().multiply(GemmSpec.of(n, k, m, true, false), gradY, input.buffer(), null, gradWeight.buffer());
      }
      if (bias == null) {
        return new Tensor[] {gradInput, gradWeight};
      }
      Tensor gradBias = Checks.gradientOf(bias);
      if (gradBias != null) {
        backend.reduction().reduce(new ReductionSpec(ReductionOp.SUM, 1, m, n), gradY, gradBias.buffer());
      }
      return new Tensor[] {gradInput, gradWeight, gradBias};
    });
    return y;
  }

  /**
   * {@code y_i = input_i weight_i^T + bias_i} with weights that lie one below the other in one matrix, as
   * torch.nn.MultiheadAttention keeps those of query, key and value; none is copied out.
   *
   * @param inputs (..., inFeatures) each, one or more; the same tensor may come several times
   * @param weight (parts * outFeatures, inFeatures)
   * @param biases (outFeatures) each, one per input; empty for none
   * @param outFeatures rows of a part
   * @param first the part of the first input, from 0; the others' follow
   * @return (..., outFeatures) each
   */
  public static List<Tensor> packedLinear(List<Tensor> inputs, Tensor weight, List<Tensor> biases, int outFeatures,
      int first) {
    List<Tensor> all = new ArrayList<>(inputs);
    all.add(weight);
    all.addAll(biases);
    Backend backend = Checks.backend("packedLinear", all.toArray(Tensor[]::new));
    Checks.real("packedLinear", "weight", weight);
    Checks.require(weight.rank() == 2 && outFeatures >= 1 && weight.size(0) % outFeatures == 0 && first >= 0
        && first + inputs.size() <= weight.size(0) / outFeatures, "packedLinear", "weight has shape " + weight.shape()
            + " for " + inputs.size() + " inputs from part " + first + " on",
        "(parts * " + outFeatures + ", inFeatures) with a part for each");
    Checks.require(biases.isEmpty() || biases.size() == inputs.size(), "packedLinear", biases.size() + " biases for "
        + inputs.size() + " inputs", "one each, or none");
    int k = weight.size(1);
    for (Tensor input : inputs) {
      Checks.real("packedLinear", "input", input);
      Checks.shape(input.rank() >= 1 && input.size(-1) == k, "packedLinear", "input", input, "(..., " + k + ")");
    }
    for (Tensor bias : biases) {
      Checks.real("packedLinear", "bias", bias);
      Checks.shape("packedLinear", "bias", bias, Shape.of(outFeatures));
    }
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor input = inputs.get(i);
      Tensor y = Checks.real(backend, input.shape().with(-1, outFeatures));
      int m = input.shape().elements(0, input.rank() - 1);
      GemmSpec spec = new GemmSpec(1, m, outFeatures, k, Matrix.dense(m, k, false),
          part(first + i, outFeatures, k, true), Matrix.dense(m, outFeatures, false), 1, 0, !biases.isEmpty());
      backend.gemm().multiply(spec, input.buffer(), weight.buffer(),
          biases.isEmpty() ? null : biases.get(i).buffer(), y.buffer());
      outputs.add(y);
    }
    List<Tensor> given = List.copyOf(inputs);
    List<Tensor> saved = new ArrayList<>(given);
    saved.add(weight);
    Tape.record("packedLinear", all, saved, outputs,
        gradients -> packedBackward(given, weight, List.copyOf(biases), outFeatures, first, gradients));
    return List.copyOf(outputs);
  }

  private static @Nullable Tensor[] packedBackward(List<Tensor> inputs, Tensor weight, List<Tensor> biases, int n,
      int first, @Nullable Tensor[] gradients) {
    Backend backend = weight.backend();
    int k = weight.size(1);
    @Nullable Tensor[] result = new Tensor[inputs.size() + 1 + biases.size()];
    Tensor gradWeight = weight.requiresGrad() ? Tensor.full(backend, weight.shape(), 0) : null;
    result[inputs.size()] = gradWeight;
    for (int i = 0; i < inputs.size(); i++) {
      Tensor gradY = gradients[i];
      if (gradY == null) {
        continue;
      }
      Tensor input = inputs.get(i);
      int m = input.shape().elements(0, input.rank() - 1);
      if (input.requiresGrad()) {
        // A tensor that came before takes this product on top of its own.
        int place = inputs.indexOf(input);
        Tensor known = result[place];
        Tensor gradInput = known == null ? Checks.real(backend, input.shape()) : known;
        backend.gemm().multiply(new GemmSpec(1, m, k, n, Matrix.dense(m, n, false), part(first + i, n, k, false),
            Matrix.dense(m, k, false), 1, known == null ? 0 : 1, false), gradY.buffer(), weight.buffer(), null,
            gradInput.buffer());
        result[place] = gradInput;
      }
      if (gradWeight != null) {
        backend.gemm().multiply(new GemmSpec(1, n, k, m, Matrix.dense(m, n, true), Matrix.dense(m, k, false),
            part(first + i, n, k, false), 1, 0, false), gradY.buffer(), input.buffer(), null, gradWeight.buffer());
      }
      Tensor gradBias = biases.isEmpty() ? null : Checks.gradientOf(biases.get(i));
      if (gradBias != null) {
        backend.reduction().reduce(new ReductionSpec(ReductionOp.SUM, 1, m, n), gradY.buffer(), gradBias.buffer());
        result[inputs.size() + 1 + i] = gradBias;
      }
    }
    return result;
  }

  /** One of the matrices of (n, k) that lie one below the other. */
  private static Matrix part(int index, int n, int k, boolean transposed) {
    return new Matrix(index * n * k, k, n * k, transposed);
  }

  /** Either the batch's leading dimensions, or none but ones; what is in between is copied out. */
  private static Tensor spread(Tensor x, Shape batch) {
    Shape leading = x.shape().slice(0, x.rank() - 2);
    boolean whole = leading.equals(batch) || leading.elements() == 1;
    return whole ? x : Shaping.expand(x, batch.plus(x.size(-2), x.size(-1)).toArray());
  }

  private static Tensor batched(Tensor a, boolean transposeA, Tensor b, boolean transposeB, Shape batchShape) {
    Backend backend = a.backend();
    int m = a.size(transposeA ? -1 : -2);
    int k = a.size(transposeA ? -2 : -1);
    int n = b.size(transposeB ? -2 : -1);
    int batch = batchShape.elements();
    boolean oneA = batch != 1 && matrices(a) == 1;
    boolean oneB = batch != 1 && matrices(b) == 1;
    Tensor y = Checks.real(backend, batchShape.plus(m, n));
    Matrix matrixA = matrix(a, transposeA, oneA);
    Matrix matrixB = matrix(b, transposeB, oneB);
    multiply(backend, batch, m, n, k, matrixA, a, matrixB, b, y);

    Tape.record("matmul", List.of(a, b), List.of(a, b), List.of(y), gradients -> {
      Tensor gradY = gradients[0];
      Matrix dense = Matrix.dense(m, n, false);
      Matrix turned = Matrix.dense(m, n, true);
      Tensor gradA = null;
      if (a.requiresGrad()) {
        // A = op(a): dA = dY B^T, stored the way a is.
        Tensor each = Checks.real(backend, batchShape.plus(a.size(-2), a.size(-1)));
        Matrix flippedB = transposed(matrixB);
        if (transposeA) {
          multiply(backend, batch, k, m, n, matrixB, b, turned, gradY, each);
        } else {
          multiply(backend, batch, m, k, n, dense, gradY, flippedB, b, each);
        }
        gradA = gather(each, a, oneA);
      }
      Tensor gradB = null;
      if (b.requiresGrad()) {
        Tensor each = Checks.real(backend, batchShape.plus(b.size(-2), b.size(-1)));
        if (transposeB) {
          multiply(backend, batch, n, k, m, turned, gradY, matrixA, a, each);
        } else {
          multiply(backend, batch, k, n, m, transposed(matrixA), a, dense, gradY, each);
        }
        gradB = gather(each, b, oneB);
      }
      return new Tensor[] {gradA, gradB};
    });
    return y;
  }

  private static void multiply(Backend backend, int batch, int m, int n, int k, Matrix matrixA, Tensor a,
      Matrix matrixB, Tensor b, Tensor c) {
    GemmSpec spec = new GemmSpec(batch, m, n, k, matrixA, matrixB, Matrix.dense(m, n, false), 1, 0, false);
    backend.gemm().multiply(spec, a.buffer(), b.buffer(), null, c.buffer());
  }

  /** The gradient of a matrix that the whole batch shares is the sum over the batch. */
  private static Tensor gather(Tensor each, Tensor like, boolean shared) {
    if (!shared) {
      return each.alias(like.shape());
    }
    Tensor sum = Checks.real(like.backend(), like.shape());
    int size = like.elements();
    int batch = each.shape().elements(0, each.rank() - 2);
    like.backend().reduction().reduce(new ReductionSpec(ReductionOp.SUM, 1, batch, size), each.buffer(), sum.buffer());
    return sum;
  }

  private static Matrix matrix(Tensor x, boolean transposed, boolean shared) {
    Matrix matrix = Matrix.dense(x.size(-2), x.size(-1), transposed);
    return shared ? matrix.shared() : matrix;
  }

  private static Matrix transposed(Matrix matrix) {
    return new Matrix(matrix.offset(), matrix.rowStride(), matrix.batchStride(), !matrix.transposed());
  }

  private static int matrices(Tensor x) {
    return x.shape().elements(0, x.rank() - 2);
  }
}
