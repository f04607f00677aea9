package dev.sluice.nn.recurrent;

import static dev.sluice.testing.EveryBackend.assertClose;
import static dev.sluice.testing.EveryBackend.tensor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.nn.Module;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.GoldenCase;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values and gradients of both IndRNNs against the paper's equation in libtorch's operations. */
class IndRNNGoldenTest {
  static Stream<Arguments> indrnn() {
    return EveryBackend.with("indrnn");
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("indrnn")
  void indrnnIsThePapers(Backend backend, GoldenCase golden) {
    var indrnn = new IndRNN(options(golden), settings(golden), new Generator(1));
    indrnn.to(backend);
    fill(indrnn, golden);
    run(indrnn, backend, golden);
    for (Map.Entry<String, Tensor> entry : indrnn.namedParameters().entrySet()) {
      assertClose("grad." + entry.getKey(), golden.gradient(entry.getKey()), entry.getValue().gradient());
      if (golden.has("bounded." + entry.getKey())) {
        assertClose(entry.getKey(), golden.tensor("bounded." + entry.getKey()), entry.getValue());
      }
    }
    checkStatistics(indrnn, golden);
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("indrnn")
  void indrnnV2IsThePapers(Backend backend, GoldenCase golden) {
    var first = new IndRNN(options(golden), settings(golden), new Generator(1));
    fill(first, golden);
    var indrnn = new IndRNNv2(options(golden), settings(golden), new Generator(1));
    SameWeights.copy(first, indrnn);
    indrnn.to(backend);
    run(indrnn, backend, golden);
    checkStatistics(indrnn, golden);
  }

  private static RecurrentOptions options(GoldenCase golden) {
    return new RecurrentOptions(golden.integer("inputSize"), golden.integer("hiddenSize"), golden.integer("numLayers"),
        golden.flag("bias"), golden.flag("batchFirst"), 0, golden.flag("bidirectional"), golden.integer("projSize"));
  }

  private static IndRNNOptions settings(GoldenCase golden) {
    double maxAbs = golden.number("hiddenMaxAbs");
    return IndRNNOptions.DEFAULT
        .withNonlinearity(Nonlinearity.valueOf(golden.text("nonlinearity").toUpperCase(Locale.ROOT)))
        .withHiddenMaxAbs(maxAbs == 0 ? Double.POSITIVE_INFINITY : maxAbs)
        .withHiddenMinAbs(golden.number("hiddenMinAbs"))
        .withBatchNorm(batchNorm(golden));
  }

  private static RecurrentBatchNorm batchNorm(GoldenCase golden) {
    var over = golden.flag("perStep") ? RecurrentBatchNorm.perStep(5) : RecurrentBatchNorm.overSequence();
    return switch (golden.text("batchNorm")) {
      case "none" -> RecurrentBatchNorm.NONE;
      case "before" -> over.beforeActivation();
      case "after" -> over;
      case String other -> throw new IllegalArgumentException(other);
    };
  }

  private static void fill(Module indrnn, GoldenCase golden) {
    assertEquals(golden.tensors().keySet().stream()
        .filter(key -> key.matches("(cells|cells_bi)\\..*|bns\\..*\\.(weight|bias)")).collect(Collectors.toSet()),
        indrnn.namedParameters().keySet());
    indrnn.namedParameters().forEach((name, parameter) -> {
      EveryBackend.assign(parameter, golden.tensor(name).data());
    });
    indrnn.namedBuffers().forEach((name, buffer) -> {
      if (!name.endsWith("num_batches_tracked")) {
        EveryBackend.assign(buffer, golden.tensor(name).data());
      }
    });
  }

  private static void run(Recurrent indrnn, Backend backend, GoldenCase golden) {
    indrnn.train(golden.flag("training"));
    Tensor input = tensor(backend, golden.tensor("input")).requiresGrad(true);
    Tensor hidden = golden.flag("givenState") ? tensor(backend, golden.tensor("h_0")).requiresGrad(true) : null;
    Tensor lengths = golden.flag("givenLengths") ? Tensor.of(backend, golden.tensor("lengths").integers()) : null;
    Recurrent.Output result = indrnn.forward(input, hidden == null ? null : new State(hidden), lengths);
    assertClose("output", golden.tensor("output"), result.output());
    assertClose("h_n", golden.tensor("h_n"), result.state().hidden());
    assertNull(result.state().cell());
    result.output().backward(tensor(backend, golden.upstream("output")), true);
    result.state().hidden().backward(tensor(backend, golden.upstream("h_n")), true);
    assertClose("grad.input", golden.gradient("input"), input.gradient());
    if (hidden != null) {
      assertClose("grad.h_0", golden.gradient("h_0"), hidden.gradient());
    }
  }

  private static void checkStatistics(Module indrnn, GoldenCase golden) {
    indrnn.namedBuffers().forEach((name, buffer) -> {
      if (golden.has("after." + name)) {
        assertClose(name, golden.tensor("after." + name), buffer);
      }
    });
  }
}
