package dev.sluice.nn;

import static dev.sluice.testing.EveryBackend.assertClose;
import static dev.sluice.testing.EveryBackend.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.GoldenCase;
import dev.sluice.testing.ModuleGradients;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BatchNorm1dTest {
  static Stream<Arguments> golden() {
    return EveryBackend.with("batch_norm");
  }

  /** Output and gradients of a first batch, and the running statistics after it and after two more. */
  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("golden")
  void isTorchs(Backend backend, GoldenCase golden) {
    boolean cumulative = golden.options().get("momentum").equals("none");
    Double momentum = cumulative ? null : Double.valueOf(golden.number("momentum"));
    var norm = new BatchNorm1d(golden.tensor("input").shape()[1], golden.number("eps"), momentum, golden.flag("affine"),
        golden.flag("trackRunningStats"));
    norm.to(backend);
    norm.train(golden.flag("training"));
    norm.namedParameters().forEach((name, parameter) -> EveryBackend.assign(parameter, golden.tensor(name).data()));
    if (golden.has("running_mean")) {
      EveryBackend.assign(norm.runningMean(), golden.tensor("running_mean").data());
      EveryBackend.assign(norm.runningVar(), golden.tensor("running_var").data());
    }
    Tensor input = tensor(backend, golden.tensor("input")).requiresGrad(true);
    Tensor output = norm.forward(input);
    assertClose("output", golden.tensor("output"), output);
    output.backward(tensor(backend, golden.upstream("output")), false);
    assertClose("grad.input", golden.gradient("input"), input.gradient());
    norm.namedParameters()
        .forEach((name, parameter) -> assertClose("grad." + name, golden.gradient(name), parameter.gradient()));
    if (golden.has("after.1.running_mean")) {
      assertStatistics(norm, golden, 1);
      norm.forward(tensor(backend, golden.tensor("input.2")));
      norm.forward(tensor(backend, golden.tensor("input.3")));
      assertStatistics(norm, golden, 3);
    } else if (golden.has("running_mean")) {
      assertClose("running_mean", golden.tensor("running_mean"), norm.runningMean());
      assertClose("running_var", golden.tensor("running_var"), norm.runningVar());
    }
  }

  private static void assertStatistics(BatchNorm1d norm, GoldenCase golden, int batches) {
    assertClose("running_mean", golden.tensor("after." + batches + ".running_mean"), norm.runningMean());
    assertClose("running_var", golden.tensor("after." + batches + ".running_var"), norm.runningVar());
    assertArrayEquals(new int[] {batches}, norm.namedBuffers().get("num_batches_tracked").toInts());
  }

  @Test
  void itsStateIsTorchs() {
    assertEquals(List.of("weight", "bias", "running_mean", "running_var", "num_batches_tracked"),
        List.copyOf(new BatchNorm1d(3).stateDict().tensors().keySet()));
    var bare = new BatchNorm1d(3, 1e-5, 0.1, false, false);
    assertEquals(List.of(), List.copyOf(bare.stateDict().tensors().keySet()));
    assertNull(bare.weight());
    assertNull(bare.bias());
    assertNull(bare.runningMean());
    assertNull(bare.runningVar());
  }

  @Test
  void maskedPositionsTakeNoPart() {
    var masked = new BatchNorm1d(2);
    var plain = new BatchNorm1d(2);
    float nan = Float.NaN;
    Tensor input = Tensor.of(new float[] {1, 2, nan, nan, 3, 5, 8, 1}, 4, 2).requiresGrad(true);
    Tensor output = masked.forward(input, Tensor.of(new boolean[] {true, false, true, true}));
    float[] expected = plain.forward(Tensor.of(new float[] {1, 2, 3, 5, 8, 1}, 3, 2)).toFloats();
    assertArrayEquals(new float[] {expected[0], expected[1], 0, 0, expected[2], expected[3], expected[4], expected[5]},
        output.toFloats(), 1e-6f);
    assertArrayEquals(plain.runningMean().toFloats(), masked.runningMean().toFloats(), 1e-6f);
    assertArrayEquals(plain.runningVar().toFloats(), masked.runningVar().toFloats(), 1e-6f);
    output.backward(Tensor.of(new float[] {1, 2, nan, nan, 3, 4, 5, 6}, 4, 2), false);
    float[] gradient = input.gradient().toFloats();
    assertEquals(0, gradient[2]);
    assertEquals(0, gradient[0] + gradient[4] + gradient[6], 1e-5);
  }

  @Test
  void gradients() {
    var norm = new BatchNorm1d(3);
    Init.normal(norm.weight(), 1, 0.5, new Generator(1));
    ModuleGradients.check(norm, x -> List.of(norm.forward(x[0])), FiniteDifferences.leaf(1, 4, 3));
    Tensor mask = Tensor.of(FiniteDifferences.backend(), new boolean[] {true, true, false, false, true, true}, 2, 3);
    ModuleGradients.check(norm, x -> List.of(norm.forward(x[0], mask)), FiniteDifferences.leaf(1, 2, 3, 3));
    norm.eval();
    ModuleGradients.check(norm, x -> List.of(norm.forward(x[0])), FiniteDifferences.leaf(1, 1, 3));
  }

  @Test
  void badArgumentsAreRefused() {
    var norm = new BatchNorm1d(3);
    assertRefused("batchNorm1d: features is 0, wanted 1 or more", () -> new BatchNorm1d(0));
    assertRefused("batchNorm1d: eps is -1.0, wanted 0 or more", () -> new BatchNorm1d(3, -1, 0.1, true, true));
    assertRefused("batchNorm1d: momentum is 2.0, wanted 0 to 1, or null",
        () -> new BatchNorm1d(3, 1e-5, 2.0, true, true));
    assertRefused("batchNorm1d: input has shape (3), wanted (batch, 3) or (batch, 3, length)",
        () -> norm.forward(Tensor.zeros(3)));
    assertRefused("batchNorm1d: mask is BOOL (3), wanted BOOL (2)",
        () -> norm.forward(Tensor.zeros(2, 3), Tensor.of(new boolean[3])));
    assertRefused("batchNorm1d: positions are 1, wanted 2 or more to take statistics over",
        () -> norm.forward(Tensor.zeros(1, 3)));
    assertRefused("batchNorm1d: positions are 0, wanted 2 or more to take statistics over",
        () -> norm.forward(Tensor.zeros(2, 3), Tensor.of(new boolean[2])));
    assertArrayEquals(new int[] {0}, norm.namedBuffers().get("num_batches_tracked").toInts());
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
