package dev.sluice.nn;

import static dev.sluice.testing.EveryBackend.assertClose;
import static dev.sluice.testing.EveryBackend.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.AvgPoolOptions;
import dev.sluice.autograd.MaxPoolOptions;
import dev.sluice.autograd.Pooling;
import dev.sluice.autograd.Size2;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.GoldenCase;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PoolingTest {
  static Stream<Arguments> golden() {
    return EveryBackend.with("pooling");
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("golden")
  void isTorchs(Backend backend, GoldenCase golden) {
    Tensor input = tensor(backend, golden.tensor("input")).requiresGrad(true);
    Tensor output = layer(golden).forward(input);
    assertClose("output", golden.tensor("output"), output);
    output.backward(tensor(backend, golden.upstream("output")), false);
    assertClose("grad.input", golden.gradient("input"), input.gradient());
  }

  private static Layer layer(GoldenCase golden) {
    boolean planes = golden.flag("planes");
    Size2 kernel = pair(golden, "kernel");
    return switch (golden.text("op")) {
      case "max" -> {
        MaxPoolOptions options = MaxPoolOptions.of(kernel).withStride(pair(golden, "stride"))
            .withPadding(pair(golden, "padding")).withDilation(golden.integer("dilation"))
            .withCeilMode(golden.flag("ceilMode"));
        yield planes ? new MaxPool2d(options) : new MaxPool1d(options);
      }
      case "avg" -> {
        AvgPoolOptions options = AvgPoolOptions.of(kernel).withStride(pair(golden, "stride"))
            .withPadding(pair(golden, "padding")).withCeilMode(golden.flag("ceilMode"))
            .withCountIncludePad(golden.flag("countIncludePad"));
        int divisor = golden.integer("divisor");
        options = divisor == 0 ? options : options.withDivisorOverride(divisor);
        yield planes ? new AvgPool2d(options) : new AvgPool1d(options);
      }
      case "adaptive" -> x -> planes ? Pooling.adaptiveAvgPool2d(x, kernel)
          : Pooling.adaptiveAvgPool1d(x, kernel.width());
      default -> throw new AssertionError("no layer for golden " + golden);
    };
  }

  private static Size2 pair(GoldenCase golden, String name) {
    return new Size2(golden.integer(name), golden.integer(name + "Width"));
  }

  @Test
  void windowsStandSideBySideByDefault() {
    Tensor plane = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 4);
    assertArrayEquals(new float[] {6, 8}, new MaxPool2d(2).forward(plane).toFloats());
    assertArrayEquals(new float[] {3.5f, 5.5f}, new AvgPool2d(2).forward(plane).toFloats());
    Tensor sequences = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 4);
    assertArrayEquals(new float[] {2, 4, 6, 8}, new MaxPool1d(2).forward(sequences).toFloats());
    assertArrayEquals(new float[] {1.5f, 3.5f, 5.5f, 7.5f}, new AvgPool1d(2).forward(sequences).toFloats());
  }

  @Test
  void nothingIsPooledToNothing() {
    assertEquals(Shape.of(0, 3, 2, 2), new MaxPool2d(2).forward(Tensor.zeros(0, 3, 4, 4)).shape());
    assertEquals(Shape.of(2, 0, 2), new AvgPool1d(2).forward(Tensor.zeros(2, 0, 4)).shape());
  }

  @Test
  void badArgumentsAreRefused() {
    refused("maxPool: kernelSize is 0, wanted 1 or more", () -> new MaxPool2d(0));
    refused("maxPool: padding is 2, wanted at most half of what a window reaches over: 1",
        () -> MaxPoolOptions.of(3).withPadding(2));
    refused("maxPool: dilation is 0, wanted 1 or more", () -> MaxPoolOptions.of(3).withDilation(0));
    refused("avgPool: padding is (2, 1), wanted at most half of the kernel's size: 1",
        () -> AvgPoolOptions.of(3).withPadding(new Size2(2, 1)));
    refused("avgPool: stride is -1, wanted 1 or more", () -> AvgPoolOptions.of(3).withStride(-1));
    refused("avgPool: divisorOverride is 0, wanted 1 or more, or null",
        () -> AvgPoolOptions.of(3).withDivisorOverride(0));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
