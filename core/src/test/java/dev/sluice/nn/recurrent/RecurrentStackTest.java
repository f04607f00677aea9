package dev.sluice.nn.recurrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Arithmetic;
import dev.sluice.autograd.Reductions;
import dev.sluice.autograd.Shaping;
import dev.sluice.spi.Backend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecurrentStackTest {
  private static final Backend REFERENCE = FiniteDifferences.backend();

  @Test
  void residualAddsWhatCameIn() {
    var lower = new GRU(2, 2, new Generator(1));
    var upper = new IndRNN(RecurrentOptions.of(2, 1).withBidirectional(true), new Generator(2));
    var stack = new Residual(lower, upper);
    stack.to(REFERENCE);
    Tensor input = FiniteDifferences.constant(1, 4, 3, 2);
    Tensor middle = Arithmetic.add(input, lower.forward(input).output());
    Recurrent.Output last = upper.forward(middle);
    RecurrentStack.Output result = stack.forward(input);
    assertArrayEquals(Arithmetic.add(middle, last.output()).toDoubles(), result.output().toDoubles());
    assertArrayEquals(last.state().hidden().toDoubles(), result.states().get(1).hidden().toDoubles());
    assertEquals(List.of("0.weight_ih_l0", "0.weight_hh_l0", "0.bias_ih_l0", "0.bias_hh_l0", "1.cells.0.weight_ih",
        "1.cells.0.weight_hh", "1.cells.0.bias_ih", "1.cells_bi.0.weight_ih", "1.cells_bi.0.weight_hh",
        "1.cells_bi.0.bias_ih"), List.copyOf(stack.namedParameters().keySet()));
  }

  @Test
  void denseKeepsAllThatCameBefore() {
    var lower = new LSTM(2, 3, new Generator(1));
    var upper = new JANET(5, 4, new Generator(2));
    var stack = new Dense(lower, upper);
    stack.to(REFERENCE);
    assertEquals(9, stack.outputWidth());
    Tensor input = FiniteDifferences.constant(1, 4, 2);
    Tensor middle = Shaping.cat(List.of(input, lower.forward(input).output()), 1);
    Tensor expected = Shaping.cat(List.of(middle, upper.forward(middle).output()), 1);
    assertArrayEquals(expected.toDoubles(), stack.forward(input).output().toDoubles());
  }

  @Test
  void finalStatesFeedTheNextCall() {
    for (RecurrentStack stack : stacks(RecurrentOptions.of(2, 2))) {
      stack.to(REFERENCE);
      Tensor input = FiniteDifferences.constant(1, 6, 3, 2);
      RecurrentStack.Output whole = stack.forward(input);
      RecurrentStack.Output first = stack.forward(Shaping.narrow(input, 0, 0, 4));
      RecurrentStack.Output second = stack.forward(Shaping.narrow(input, 0, 4, 2), first.states());
      assertArrayEquals(Shaping.narrow(whole.output(), 0, 4, 2).toDoubles(), second.output().toDoubles(), 1e-12);
    }
  }

  @Test
  void gradients() {
    Tensor lengths = Tensor.of(REFERENCE, new int[] {4, 2});
    for (RecurrentStack stack : stacks(RecurrentOptions.of(2, 2))) {
      ModuleGradients.check(stack, x -> {
        RecurrentStack.Output result = stack.forward(x[0], null, lengths);
        List<Tensor> outputs = new ArrayList<>(List.of(result.output()));
        result.states().forEach(state -> outputs.add(state.hidden()));
        return outputs;
      }, FiniteDifferences.leaf(1, 4, 2, 2));
    }
  }

  @Test
  void paddingIsNotPassedOn() {
    for (RecurrentStack stack : stacks(RecurrentOptions.of(2, 2).withBatchFirst(true))) {
      stack.to(REFERENCE);
      double[] numbers = FiniteDifferences.constant(1, 2, 3, 2).toDoubles();
      Arrays.fill(numbers, 8, 12, Double.NaN);
      Tensor output = stack.forward(Tensor.of(REFERENCE, numbers, 2, 3, 2), null,
          Tensor.of(REFERENCE, new int[] {3, 1})).output();
      Tensor padded = Shaping.narrow(Shaping.select(output, 0, 1), 0, 1, 2);
      assertArrayEquals(new double[padded.elements()], padded.toDoubles());
      Reductions.sum(output).backward();
      for (Tensor parameter : stack.parameters()) {
        assertTrue(Arrays.stream(parameter.gradient().toDoubles()).allMatch(Double::isFinite), parameter.describe());
      }
    }
  }

  private static List<RecurrentStack> stacks(RecurrentOptions options) {
    var wide = new RecurrentOptions(4, 3, 1, true, options.batchFirst(), 0, false, 0);
    var tanh = IndRNNOptions.DEFAULT.withNonlinearity(Nonlinearity.TANH);
    return List.of(
        new Residual(new IndRNN(options, tanh, new Generator(1)), new LSTM(options, new Generator(2))),
        new Dense(new IndRNN(options, tanh, new Generator(1)), new LSTM(wide, new Generator(2))));
  }

  @Test
  void blocksThatDoNotFitAreRefused() {
    var narrow = new GRU(2, 3, new Generator(1));
    var wide = new GRU(3, 3, new Generator(1));
    assertRefused("residual: there is no block, wanted one or more", Residual::new);
    assertRefused("residual: output width of block 0 is 3, wanted 2, that of its input", () -> new Residual(narrow));
    assertRefused("residual: inputSize of block 1 is 2, wanted 3, the width of what comes before",
        () -> new Residual(wide, narrow));
    assertRefused("dense: inputSize of block 1 is 3, wanted 5, the width of what comes before",
        () -> new Dense(narrow, wide));
    assertRefused("dense: batchFirst of block 1 is true, wanted false as of block 0",
        () -> new Dense(narrow, new GRU(RecurrentOptions.of(5, 3).withBatchFirst(true), new Generator(1))));
    var stack = new Residual(wide, another());
    assertRefused("residual: states are 1, wanted 2, one for each block",
        () -> stack.forward(Tensor.zeros(4, 5, 3), List.of(wide.zeroState(5))));
    assertRefused("residual: lengths is INT32 (4), wanted INT32 (5)",
        () -> stack.forward(Tensor.zeros(4, 5, 3), null, Tensor.of(new int[4])));
    assertRefused("residual: lengths[0] is 9, wanted 0 to 4",
        () -> stack.forward(Tensor.zeros(4, 1, 3), null, Tensor.of(new int[] {9}, 1)));
    assertRefused("gru: input has shape (4, 5, 2), wanted (steps, batch, 3) or (steps, 3)",
        () -> stack.forward(Tensor.zeros(4, 5, 2)));
    assertEquals(Shape.of(4, 5, 3), stack.forward(Tensor.zeros(4, 5, 3)).output().shape());
  }

  private static Recurrent another() {
    return new GRU(3, 3, new Generator(2));
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
