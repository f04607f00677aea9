package dev.sluice.nn;

import static dev.sluice.testing.EveryBackend.assertClose;
import static dev.sluice.testing.EveryBackend.tensor;
import static dev.sluice.testing.FiniteDifferences.leaf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Size2;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.GoldenCase;
import dev.sluice.testing.ModuleGradients;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConvolutionTest {
  static Stream<Arguments> golden() {
    return EveryBackend.with("convolution");
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("golden")
  void isTorchs(Backend backend, GoldenCase golden) {
    boolean planes = golden.flag("planes");
    int[] weight = golden.tensor("weight").shape();
    int groups = golden.integer("groups");
    Size2 kernel = new Size2(planes ? weight[2] : 1, weight[weight.length - 1]);
    ConvOptions options = ConvOptions.of(weight[1] * groups, weight[0], kernel)
        .withStride(pair(golden, "stride")).withPadding(pair(golden, "padding")).withDilation(pair(golden, "dilation"))
        .withGroups(groups).withBias(golden.flag("bias"));
    if (planes) {
      check(backend, golden, new Conv2d(options, new Generator(1)));
    } else {
      check(backend, golden, new Conv1d(options, new Generator(1)));
    }
  }

  private static <M extends Module & Layer> void check(Backend backend, GoldenCase golden, M layer) {
    layer.to(backend);
    layer.namedParameters().forEach((name, parameter) -> EveryBackend.assign(parameter, golden.tensor(name).data()));
    Tensor input = tensor(backend, golden.tensor("input")).requiresGrad(true);
    Tensor output = layer.forward(input);
    assertClose("output", golden.tensor("output"), output);
    output.backward(tensor(backend, golden.upstream("output")), false);
    assertClose("grad.input", golden.gradient("input"), input.gradient());
    layer.namedParameters()
        .forEach((name, parameter) -> assertClose("grad." + name, golden.gradient(name), parameter.gradient()));
  }

  private static Size2 pair(GoldenCase golden, String name) {
    return new Size2(golden.integer(name), golden.integer(name + "Width"));
  }

  @Test
  void startAsTorchs() {
    var planes = new Conv2d(ConvOptions.of(8, 200, 3).withGroups(2), new Generator(3));
    assertEquals(Shape.of(200, 4, 3, 3), planes.weight().shape());
    assertUniform(planes.weight(), 1.0 / 6);
    assertUniform(planes.bias(), 1.0 / 6);
    var sequences = new Conv1d(5, 100, 5, new Generator(3));
    assertEquals(Shape.of(100, 5, 5), sequences.weight().shape());
    assertUniform(sequences.weight(), 0.2);
    assertUniform(sequences.bias(), 0.2);
    var bare = new Conv2d(ConvOptions.of(1, 2, 3).withBias(false), new Generator(1));
    assertNull(bare.bias());
    assertEquals(List.of("weight"), List.copyOf(bare.namedParameters().keySet()));
  }

  private static void assertUniform(Tensor values, double bound) {
    double largest = 0;
    for (double value : values.toDoubles()) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest <= bound && largest > 0.9 * bound, "largest is " + largest + ", bound " + bound);
  }

  @Test
  void gradients() {
    var planes = new Conv2d(
        ConvOptions.of(4, 6, new Size2(3, 2)).withStride(2).withPadding(new Size2(2, 1)).withGroups(2),
        new Generator(1));
    ModuleGradients.check(planes, x -> List.of(planes.forward(x[0])), leaf(1, 2, 4, 5, 6));
    var sequences = new Conv1d(ConvOptions.of(3, 2, 3).withDilation(2).withPadding(2).withBias(false),
        new Generator(1));
    ModuleGradients.check(sequences, x -> List.of(sequences.forward(x[0])), leaf(1, 2, 3, 7));
  }

  @Test
  void badArgumentsAreRefused() {
    refused("conv: inChannels is 0, wanted 1 or more", () -> ConvOptions.of(0, 1, 3));
    refused("conv: kernelSize is 0, wanted 1 or more", () -> ConvOptions.of(1, 1, 0));
    refused("conv: stride is (1, 0), wanted 1 or more", () -> ConvOptions.of(1, 1, 3).withStride(new Size2(1, 0)));
    refused("conv: padding is -1, wanted 0 or more", () -> ConvOptions.of(1, 1, 3).withPadding(-1));
    refused("conv: dilation is 0, wanted 1 or more", () -> ConvOptions.of(1, 1, 3).withDilation(0));
    refused("conv: groups is 3 for 6 and 4 channels, wanted a divisor of both",
        () -> ConvOptions.of(6, 4, 3).withGroups(3));
    refused("conv2d: input has 2 channels, wanted 3, as the weight and 1 groups have",
        () -> new Conv2d(3, 4, 3, new Generator(1)).forward(Tensor.zeros(1, 2, 5, 5)));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
