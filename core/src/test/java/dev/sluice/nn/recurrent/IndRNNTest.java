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
import dev.sluice.nn.Initializer;
import dev.sluice.nn.Module;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IndRNNTest {
  private static final Backend REFERENCE = FiniteDifferences.backend();
  private static final RecurrentOptions BOTH =
      RecurrentOptions.of(2, 3).withNumLayers(2).withBidirectional(true);
  private static final IndRNNOptions DEFAULT = IndRNNOptions.DEFAULT;

  // ---------------------------------------------------------------- parameters

  @Test
  void parametersHaveTheCirculatingNamesAndShapes() {
    var first = new IndRNN(BOTH, DEFAULT.withBatchNorm(RecurrentBatchNorm.overSequence()), new Generator(1));
    assertEquals(List.of("cells.0.weight_ih (3, 2)", "cells.0.weight_hh (3)", "cells.0.bias_ih (3)",
        "cells.1.weight_ih (3, 6)", "cells.1.weight_hh (3)", "cells.1.bias_ih (3)", "cells_bi.0.weight_ih (3, 2)",
        "cells_bi.0.weight_hh (3)", "cells_bi.0.bias_ih (3)", "cells_bi.1.weight_ih (3, 6)", "cells_bi.1.weight_hh (3)",
        "cells_bi.1.bias_ih (3)", "bns.0.weight (6)", "bns.0.bias (6)", "bns.1.weight (6)", "bns.1.bias (6)"),
        described(first));
    assertEquals(List.of("bns.0.running_mean", "bns.0.running_var", "bns.0.num_batches_tracked", "bns.1.running_mean",
        "bns.1.running_var", "bns.1.num_batches_tracked"), List.copyOf(first.namedBuffers().keySet()));
    assertEquals(List.of("cells_recurrent.0 (6)", "cells_recurrent.1 (6)", "cells_hidden.0.weight (6, 2, 1)",
        "cells_hidden.0.bias (6)", "cells_hidden.1.weight (6, 6, 1)", "cells_hidden.1.bias (6)"),
        described(new IndRNNv2(BOTH, new Generator(1))));
    assertEquals(List.of("cells.0.weight_ih (3, 2)", "cells.0.weight_hh (3)"),
        described(new IndRNN(RecurrentOptions.of(2, 3).withBias(false), new Generator(1))));
    assertEquals(List.of("cells_recurrent.0 (3)", "cells_hidden.0.weight (3, 2, 1)"),
        described(new IndRNNv2(RecurrentOptions.of(2, 3).withBias(false), new Generator(1))));
    var steps = new IndRNN(BOTH, DEFAULT.withBatchNorm(RecurrentBatchNorm.perStep(7)), new Generator(1));
    assertEquals(Shape.of(7, 6), steps.namedBuffers().get("bns.1.running_mean").shape());
  }

  private static List<String> described(Module module) {
    return module.parameters().stream().map(Tensor::describe).toList();
  }

  @Test
  void theyStartAsInTheCirculatingCode() {
    for (Module indrnn : both(RecurrentOptions.of(50, 200).withNumLayers(2), DEFAULT)) {
      indrnn.namedParameters().forEach((name, parameter) -> {
        double[] numbers = parameter.toDoubles();
        if (name.matches("cells_recurrent.*|.*weight_hh")) {
          assertAll(parameter, number -> number == 1);
        } else if (name.contains("bias")) {
          assertAll(parameter, number -> number == 0);
        } else {
          assertEquals(0, Arrays.stream(numbers).average().orElseThrow(), 3e-4, name);
          double spread = Math.sqrt(Arrays.stream(numbers).map(x -> x * x).average().orElseThrow());
          assertEquals(0.01, spread, 4e-4, name);
        }
      });
    }
  }

  @Test
  void theRecipeSpreadsRecurrentWeightsByTheSequenceLength() {
    double bound = Math.pow(2, 1.0 / 28);
    var settings = IndRNNOptions.recipe(28, 2);
    assertEquals(1.025064, settings.hiddenMaxAbs(), 1e-6);
    for (Recurrent indrnn : both(RecurrentOptions.of(2, 500).withNumLayers(3).withBidirectional(true), settings)) {
      indrnn.namedParameters().forEach((name, parameter) -> {
        if (name.matches("cells_recurrent.2|cells.*2.weight_hh")) {
          assertAll(parameter, u -> u >= 1 / bound - 1e-7 && u <= bound);
          assertEquals(1, Arrays.stream(parameter.toDoubles()).average().orElseThrow(), 0.003, name);
        } else if (name.matches("cells_recurrent.*|.*weight_hh")) {
          assertAll(parameter, u -> u >= 0 && u <= bound);
          assertEquals(bound / 2, Arrays.stream(parameter.toDoubles()).average().orElseThrow(), 0.05, name);
        }
      });
    }
  }

  @Test
  void eachLayerHasAnInitializerOfItsOwn() {
    List<Initializer> hidden = List.of(Initializer.constant(0.25), Initializer.constant(0.5));
    List<Initializer> recurrent = List.of(Initializer.constant(0.75), Initializer.uniform(2, 3));
    var first = new IndRNN(2, 3, 2, true, true, false, hidden, recurrent, new Generator(1));
    assertTrue(first.options().batchFirst());
    assertEquals(RecurrentBatchNorm.overSequence(), first.settings().batchNorm());
    assertAll(first.namedParameters().get("cells.0.weight_ih"), x -> x == 0.25);
    assertAll(first.namedParameters().get("cells.1.weight_ih"), x -> x == 0.5);
    assertAll(first.namedParameters().get("cells.0.weight_hh"), x -> x == 0.75);
    assertAll(first.namedParameters().get("cells.1.weight_hh"), x -> x >= 2 && x <= 3);
    var second = new IndRNNv2(2, 3, 2, false, false, true, false, hidden, recurrent, Nonlinearity.TANH, 0.1, 2.5,
        GradientClip.of(5), new Generator(1));
    assertEquals(Nonlinearity.TANH, second.settings().nonlinearity());
    assertEquals(new GradientClip(-5, 5), second.settings().gradientClip());
    assertAll(second.namedParameters().get("cells_hidden.1.weight"), x -> x == 0.5);
    assertAll(second.namedParameters().get("cells_recurrent.1"), x -> x >= 2 && x <= 2.5);
    new IndRNN(2, 3, 2, false, false, false, null, null, new Generator(1));
    assertRefused("indrnn: initializers are 2, wanted 1, one a layer",
        () -> new IndRNN(2, 3, 1, false, false, false, hidden, null, new Generator(1)));
  }

  @Test
  void aStateDictionaryHoldsWeightsAndStatistics() {
    Tensor input = Tensor.of(FiniteDifferences.constant(1, 4, 3, 2).toDoubles(), 4, 3, 2);
    for (var batchNorm : List.of(RecurrentBatchNorm.overSequence(), RecurrentBatchNorm.perStep(4))) {
      var settings = DEFAULT.withBatchNorm(batchNorm);
      List<Recurrent> trained = both(BOTH, settings);
      List<Recurrent> loaded = List.of(new IndRNN(BOTH, settings, new Generator(2)),
          new IndRNNv2(BOTH, settings, new Generator(2)));
      for (int i = 0; i < 2; i++) {
        trained.get(i).forward(input);
        trained.get(i).eval();
        loaded.get(i).eval();
        loaded.get(i).loadStateDict(trained.get(i).stateDict(), true);
        assertArrayEquals(trained.get(i).forward(input).output().toDoubles(),
            loaded.get(i).forward(input).output().toDoubles());
      }
    }
  }

  // ---------------------------------------------------------------- computing

  @Test
  void theCellGivesThePublishedNumbers() {
    var settings = DEFAULT.withHiddenMaxAbs(3).withHiddenMinAbs(1).withHiddenInit(LayerInitializer.all(
        Initializer.constant(1)));
    var cell = new IndRNNCell(4, 4, true, settings, new Generator(1));
    cell.to(REFERENCE);
    EveryBackend.assign(cell.namedParameters().get("weight_hh"), new double[] {-5, -2, 0.1, 5});
    Tensor ones = Tensor.full(REFERENCE, Shape.of(1, 4), 1);
    State next = cell.forward(ones, new State(Tensor.full(REFERENCE, Shape.of(1, 4), 2)));
    assertArrayEquals(new double[] {0, 0, 6, 10}, next.hidden().toDoubles());
    assertArrayEquals(new double[] {-3, -2, 1, 3}, cell.namedParameters().get("weight_hh").toDoubles());
  }

  /** Written out by hand: outputs of both directions stand at the step that they have read up to. */
  @Test
  void reverseOutputsAreAlignedInTime() {
    var settings = DEFAULT.withHiddenInit(LayerInitializer.all(Initializer.constant(1)))
        .withRecurrentInit(LayerInitializer.all(Initializer.constant(0.5)));
    for (Recurrent indrnn : both(RecurrentOptions.of(1, 1).withBidirectional(true), settings)) {
      Recurrent.Output result = indrnn.forward(Tensor.of(new float[] {1, 2, 4}, 3, 1),
          new State(Tensor.of(new float[] {8, 16}, 2, 1)));
      assertArrayEquals(new float[] {5, 5, 4.5f, 8, 6.25f, 12}, result.output().toFloats());
      assertArrayEquals(new float[] {6.25f, 5}, result.state().hidden().toFloats());
      assertEquals(Shape.of(2, 1), result.state().hidden().shape());
    }
  }

  static Stream<IndRNNOptions> variants() {
    var steps = RecurrentBatchNorm.perStep(6);
    var sequence = RecurrentBatchNorm.overSequence();
    return Stream.of(DEFAULT, DEFAULT.withNonlinearity(Nonlinearity.TANH), DEFAULT.withHiddenMaxAbs(0.5),
        IndRNNOptions.recipe(5, 2).withGradientClip(new GradientClip(-0.01, 0.02)),
        DEFAULT.withBatchNorm(sequence), DEFAULT.withBatchNorm(sequence.beforeActivation()),
        DEFAULT.withBatchNorm(steps), DEFAULT.withBatchNorm(steps.beforeActivation()));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void bothVersionsGiveTheSameBits(IndRNNOptions settings) {
    for (Backend backend : EveryBackend.all()) {
      for (RecurrentOptions options : List.of(RecurrentOptions.of(2, 3), BOTH, BOTH.withBias(false),
          BOTH.withBatchFirst(true).withDropout(0.3), BOTH.withDropout(0.4).withDropoutOverTime(true))) {
        var firstDraws = new Generator(1);
        var first = new IndRNN(options, settings, firstDraws);
        first.parameters().forEach(parameter -> EveryBackend.assign(parameter,
            FiniteDifferences.constant(parameter.elements(), parameter.elements()).toDoubles()));
        // Dropout is to be the same: after its own initial weights the second's stream stands where the first's does.
        var probe = new Generator(1);
        new IndRNNv2(options, settings, probe);
        var second = new IndRNNv2(options, settings, new Generator(1, firstDraws.offset() - probe.offset()));
        SameWeights.copy(first, second);
        compare(options, backend, first, second);
      }
    }
  }

  private static void compare(RecurrentOptions options, Backend backend, IndRNN first, IndRNNv2 second) {
    first.to(backend);
    second.to(backend);
    Tensor lengths = Tensor.of(backend, options.batchFirst() ? new int[] {5, 2, 4, 3} : new int[] {3, 4, 1, 4, 2});
    int rows = options.numLayers() * options.directions();
    Tensor[] gradients = new Tensor[2];
    double[][] outputs = new double[2][];
    double[][] states = new double[2][];
    List<Recurrent> versions = List.of(first, second);
    for (int i = 0; i < 2; i++) {
      Tensor input = Tensor.of(backend, FiniteDifferences.constant(1, 4, 5, 2).toDoubles(), 4, 5, 2).requiresGrad(true);
      int batch = options.batchFirst() ? 4 : 5;
      Tensor hidden = Tensor.of(backend, FiniteDifferences.constant(2, rows, batch, 3).toDoubles(), rows, batch, 3);
      Recurrent.Output result = versions.get(i).forward(input, new State(hidden), lengths);
      Tensor loss = Reductions.sum(Arithmetic.mul(result.output(),
          Tensor.of(backend, FiniteDifferences.constant(3, result.output().elements()).toDoubles(),
              result.output().shape().toArray())));
      loss.backward();
      outputs[i] = result.output().toDoubles();
      states[i] = result.state().hidden().toDoubles();
      gradients[i] = input.gradient();
    }
    assertArrayEquals(outputs[0], outputs[1]);
    assertArrayEquals(states[0], states[1]);
    assertArrayEquals(gradients[0].toDoubles(), gradients[1].toDoubles());
    assertTrue(Arrays.stream(outputs[0]).anyMatch(number -> number != 0));
    second.namedParameters().forEach((name, parameter) -> assertArrayEquals(
        SameWeights.numbers(first, name, each -> each.gradient().toDoubles()), parameter.gradient().toDoubles(), name));
    Map<String, Tensor> statistics = first.namedBuffers();
    second.namedBuffers().forEach((name, buffer) -> {
      if (!name.endsWith("num_batches_tracked")) {
        assertArrayEquals(statistics.get(name).toDoubles(), buffer.toDoubles(), name);
      }
    });
  }

  @ParameterizedTest
  @MethodSource("variants")
  void gradients(IndRNNOptions settings) {
    var smooth = settings.withHiddenMaxAbs(Double.POSITIVE_INFINITY).withGradientClip(null)
        .withHiddenInit(LayerInitializer.all(Initializer.normal(0, 0.7)))
        .withRecurrentInit(LayerInitializer.all(Initializer.normal(0, 0.7)));
    Tensor lengths = Tensor.of(REFERENCE, new int[] {4, 2, 4});
    for (Recurrent indrnn : both(BOTH, smooth)) {
      // A bias of 0 would put neurons that see nothing at the kink of the ReLU.
      indrnn.namedParameters().forEach((name, parameter) -> {
        if (name.contains("bias")) {
          EveryBackend.assign(parameter, FiniteDifferences.constant(7, parameter.elements()).toDoubles());
        }
      });
      ModuleGradients.check(indrnn, x -> {
        Recurrent.Output result = indrnn.forward(x[0], new State(x[1]), lengths);
        return List.of(result.output(), result.state().hidden());
      }, FiniteDifferences.leaf(11, 4, 3, 2), FiniteDifferences.leaf(12, 4, 3, 3));
      ModuleGradients.check(indrnn, x -> List.of(indrnn.forward(x[0]).output()), FiniteDifferences.leaf(13, 4, 3, 2));
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void paddingIsNotReadByAnyNormalisation(IndRNNOptions settings) {
    for (Backend backend : EveryBackend.all()) {
      double[] numbers = FiniteDifferences.constant(1, 5, 3, 2).toDoubles();
      double[][] outputs = new double[2][];
      for (int i = 0; i < 2; i++) {
        double padding = i == 0 ? Double.NaN : 7;
        double[] padded = numbers.clone();
        Arrays.fill(padded, 4 * 6, 4 * 6 + 4, padding);
        Arrays.fill(padded, 3 * 6, 3 * 6 + 2, padding);
        var indrnn = new IndRNN(BOTH, settings, new Generator(1));
        indrnn.to(backend);
        Tensor output = indrnn.forward(Tensor.of(backend, padded, 5, 3, 2), null,
            Tensor.of(backend, new int[] {3, 4, 5})).output();
        outputs[i] = output.toDoubles();
        Reductions.sum(output).backward();
        for (Tensor tensor : indrnn.parameters()) {
          assertTrue(Arrays.stream(tensor.gradient().toDoubles()).allMatch(Double::isFinite), tensor.describe());
        }
        indrnn.namedBuffers().forEach((name, buffer) -> assertTrue(name.endsWith("tracked")
            || Arrays.stream(buffer.toDoubles()).allMatch(Double::isFinite), name));
        assertArrayEquals(new double[6], Shaping.select(Shaping.select(output, 0, 4), 0, 1).toDoubles());
      }
      assertArrayEquals(outputs[1], outputs[0]);
    }
  }

  // ---------------------------------------------------------------- normalisation

  @Test
  void aStepThatFewRowsHaveIsNormalisedByItsRunningStatistics() {
    var indrnn = new IndRNN(RecurrentOptions.of(2, 3), DEFAULT.withBatchNorm(RecurrentBatchNorm.perStep(5)),
        new Generator(1));
    indrnn.to(REFERENCE);
    Tensor mean = indrnn.namedBuffers().get("bns.0.running_mean");
    indrnn.forward(FiniteDifferences.constant(1, 4, 3, 2), null, Tensor.of(REFERENCE, new int[] {4, 2, 1}));
    double[] rows = mean.toDoubles();
    assertTrue(rows[0] != 0 || rows[1] != 0 || rows[2] != 0, "step 0 has three rows");
    assertTrue(rows[3] != 0 || rows[4] != 0 || rows[5] != 0, "step 1 has two rows");
    assertArrayEquals(new double[9], Arrays.copyOfRange(rows, 6, 15), "steps 2 and 3 have one, step 4 is not there");
  }

  @Test
  void evaluationUsesTheRunningStatisticsAndLeavesThem() {
    for (var batchNorm : List.of(RecurrentBatchNorm.overSequence(), RecurrentBatchNorm.perStep(4))) {
      var indrnn = new IndRNN(RecurrentOptions.of(2, 3), DEFAULT.withBatchNorm(batchNorm), new Generator(1));
      indrnn.to(REFERENCE);
      indrnn.eval();
      Tensor input = FiniteDifferences.constant(1, 4, 1, 2);
      var plain = new IndRNN(RecurrentOptions.of(2, 3), new Generator(1));
      plain.to(REFERENCE);
      double[] expected = plain.forward(input).output().toDoubles();
      for (int i = 0; i < expected.length; i++) {
        expected[i] /= Math.sqrt(1 + 1e-5);
      }
      assertArrayEquals(expected, indrnn.forward(input).output().toDoubles(), 1e-12);
      assertAll(indrnn.namedBuffers().get("bns.0.running_var"), x -> x == 1);
    }
  }

  private static List<Recurrent> both(RecurrentOptions options, IndRNNOptions settings) {
    return List.of(new IndRNN(options, settings, new Generator(1)), new IndRNNv2(options, settings, new Generator(1)));
  }

  private static void assertAll(Tensor tensor, DoublePredicate predicate) {
    for (double number : tensor.toDoubles()) {
      assertTrue(predicate.test(number), tensor.describe() + ": " + number);
    }
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
