package dev.sluice.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.Backends;
import dev.sluice.Tensor;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.Backend;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.testing.Golden;
import dev.sluice.testing.GoldenCase;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values and gradients of operations against libtorch's, on both backends. */
class GoldenOperationTest {
  private static Stream<Arguments> cases(String file) {
    return Stream.of("reference", "vector").flatMap(backend ->
        Golden.load(file).stream().map(golden -> Arguments.of(backend, golden)));
  }

  private static Stream<Arguments> attention() {
    return cases("attention");
  }

  private static Stream<Arguments> layerNorm() {
    return cases("layer_norm");
  }

  private static Stream<Arguments> softmax() {
    return cases("softmax");
  }

  private static Stream<Arguments> losses() {
    return cases("losses");
  }

  private static Stream<Arguments> pointwise() {
    return cases("pointwise");
  }

  @ParameterizedTest
  @MethodSource("attention")
  void attention(String backendId, GoldenCase golden) {
    Compared compared = new Compared(backendId, golden);
    AttentionOptions options = AttentionOptions.NONE.withWeights();
    if (golden.flag("isCausal")) {
      options = options.causal(Causal.TOP_LEFT);
    }
    if (golden.hasOption("scale")) {
      options = options.scale(golden.number("scale"));
    }
    Tensor bias = null;
    switch (golden.text("mask")) {
      case "bool" -> options = options.mask(Tensor.of(compared.backend, golden.tensor("mask").flags(),
          golden.tensor("mask").shape()));
      case "float" -> {
        bias = compared.leaf("mask");
        options = options.bias(bias);
      }
      default -> {}
    }
    Tensor query = compared.leaf("query");
    Tensor key = compared.leaf("key");
    Tensor value = compared.leaf("value");
    AttentionResult result = Attention.scaledDotProductAttention(query, key, value, options);
    compared.value("weights", result.weights());
    compared.valueAndGradients("output", result.output(), List.of("query", "key", "value"), List.of(query, key, value));
    if (bias != null) {
      compared.gradient("mask", bias);
    }
  }

  @ParameterizedTest
  @MethodSource("layerNorm")
  void layerNorm(String backendId, GoldenCase golden) {
    Compared compared = new Compared(backendId, golden);
    Tensor input = compared.leaf("input");
    Tensor weight = golden.has("weight") ? compared.leaf("weight") : null;
    Tensor bias = golden.has("bias") ? compared.leaf("bias") : null;
    int[] normalized = {input.size(-1)};
    Tensor output = Normalization.layerNorm(input, normalized, weight, bias, golden.number("eps"));
    compared.valueAndGradients("output", output, List.of("input"), List.of(input));
    if (weight != null) {
      compared.gradient("weight", weight);
    }
    if (bias != null) {
      compared.gradient("bias", bias);
    }
  }

  @ParameterizedTest
  @MethodSource("softmax")
  void softmax(String backendId, GoldenCase golden) {
    Compared compared = new Compared(backendId, golden);
    Tensor input = compared.leaf("input");
    int dimension = golden.integer("dim");
    Tensor output = golden.text("operation").equals("softmax") ? Softmax.softmax(input, dimension)
        : Softmax.logSoftmax(input, dimension);
    if (golden.has("upstream.output")) {
      compared.valueAndGradients("output", output, List.of("input"), List.of(input));
    } else {
      compared.value("output", output);
    }
  }

  @ParameterizedTest
  @MethodSource("losses")
  void losses(String backendId, GoldenCase golden) {
    Compared compared = new Compared(backendId, golden);
    Reduction reduction = Reduction.valueOf(golden.text("reduction").toUpperCase(Locale.ROOT));
    if (golden.text("operation").equals("mse")) {
      Tensor input = compared.leaf("input");
      Tensor target = compared.leaf("target");
      compared.valueAndGradients("loss", Losses.mseLoss(input, target, reduction), List.of("input", "target"),
          List.of(input, target));
    } else {
      Tensor logits = compared.leaf("logits");
      Tensor labels = Tensor.of(compared.backend, golden.tensor("target").integers(), golden.tensor("target").shape());
      Tensor loss = Losses.crossEntropy(logits, labels, reduction, golden.integer("ignoreIndex"),
          golden.number("labelSmoothing"));
      compared.valueAndGradients("loss", loss, List.of("logits"), List.of(logits));
    }
  }

  @ParameterizedTest
  @MethodSource("pointwise")
  void pointwise(String backendId, GoldenCase golden) {
    Compared compared = new Compared(backendId, golden);
    String operation = golden.text("operation");
    if (golden.has("left")) {
      Tensor left = compared.leaf("left");
      Tensor right = compared.leaf("right");
      Tensor output = operation.equals("maximum") ? Arithmetic.maximum(left, right) : Arithmetic.minimum(left, right);
      compared.valueAndGradients("output", output, List.of("left", "right"), List.of(left, right));
      return;
    }
    Tensor input = compared.leaf("input");
    Tensor output = switch (operation) {
      case "gelu" -> Pointwise.gelu(input);
      case "silu" -> Pointwise.silu(input);
      case "gelu_tanh" -> Pointwise.geluTanh(input);
      case "sigmoid" -> Pointwise.sigmoid(input);
      case "tanh" -> Pointwise.tanh(input);
      case "relu" -> Pointwise.relu(input);
      case "exp" -> Pointwise.exp(input);
      case "log" -> Pointwise.log(input);
      case "sqrt" -> Pointwise.sqrt(input);
      case "abs" -> Pointwise.abs(input);
      case "softplus" -> Pointwise.softplus(input);
      case "pow" -> Arithmetic.pow(input, golden.number("exponent"));
      default -> throw new AssertionError("no operation for golden " + operation);
    };
    compared.valueAndGradients("output", output, List.of("input"), List.of(input));
  }

  /** One golden case on one backend: double to 1e-10, float to some ulp of the largest. */
  private static final class Compared {
    final Backend backend;
    private final GoldenCase golden;
    private final double tolerance;

    Compared(String backendId, GoldenCase golden) {
      this.backend = Backends.get(backendId);
      this.golden = golden;
      this.tolerance = backendId.equals("reference") ? 1e-10 : 2e-5;
    }

    Tensor leaf(String name) {
      return Tensor.of(backend, golden.tensor(name).data(), golden.tensor(name).shape()).requiresGrad(true);
    }

    void valueAndGradients(String output, Tensor actual, List<String> names, List<Tensor> leaves) {
      value(output, actual);
      actual.backward(Tensor.of(backend, golden.upstream(output).data(), actual.shape().toArray()), false);
      for (int i = 0; i < names.size(); i++) {
        gradient(names.get(i), leaves.get(i));
      }
    }

    void value(String name, @Nullable Tensor actual) {
      equal(name, golden.tensor(name), actual);
    }

    void gradient(String name, Tensor leaf) {
      equal("gradient of " + name, golden.gradient(name), leaf.gradient());
    }

    private void equal(String what, GoldenCase.Values expected, @Nullable Tensor actual) {
      double largest = 1;
      double[] values = expected.data().clone();
      for (int i = 0; i < values.length; i++) {
        // What overflows float is infinite there, and right to be.
        values[i] = backend.id().equals("reference") || Math.abs(values[i]) <= Float.MAX_VALUE ? values[i]
            : (float) values[i];
        largest = Double.isFinite(values[i]) ? Math.max(largest, Math.abs(values[i])) : largest;
      }
      assertArrayEquals(values, actual.toDoubles(), tolerance * largest, what);
    }
  }
}
