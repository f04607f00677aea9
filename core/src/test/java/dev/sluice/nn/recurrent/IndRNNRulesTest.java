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
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoublePredicate;
import org.junit.jupiter.api.Test;

/** What an IndRNN does to its parameters beside training, and what it refuses. */
class IndRNNRulesTest {
  private static final IndRNNOptions DEFAULT = IndRNNOptions.DEFAULT;

  @Test
  void boundsHoldTheRecurrentWeightsOfBothDirectionsAtEveryForward() {
    double maxAbs = Math.pow(2, 1.0 / 784);
    var settings = DEFAULT.withHiddenMaxAbs(maxAbs).withHiddenMinAbs(0.3);
    double[] wild = {-5, 0.1, 0, 5, -0.1, 0.7, 1e30, -1e-30};
    for (Backend backend : EveryBackend.all()) {
      for (Recurrent indrnn : both(RecurrentOptions.of(2, 8).withNumLayers(2).withBidirectional(true), settings)) {
        indrnn.to(backend);
        for (boolean training : new boolean[] {true, false}) {
          indrnn.train(training);
          Map<String, double[]> before = wildly(indrnn, wild);
          indrnn.forward(Tensor.full(backend, Shape.of(3, 1, 2), 0.1));
          indrnn.namedParameters().forEach((name, parameter) -> {
            double[] after = parameter.toDoubles();
            if (!isRecurrent(name)) {
              assertArrayEquals(before.get(name), after, "only recurrent weights are bounded: " + name);
              return;
            }
            for (int i = 0; i < after.length; i++) {
              double given = wild[i % 8];
              double wanted = Math.signum(given) * Math.clamp(Math.abs(given), 0.3, maxAbs);
              assertEquals(wanted, after[i], 1e-6, name);
              assertTrue(Math.abs(after[i]) <= maxAbs && (given == 0 || Math.abs(after[i]) >= 0.3), name + after[i]);
            }
          });
        }
      }
    }
  }

  private static Map<String, double[]> wildly(Recurrent indrnn, double[] wild) {
    Map<String, double[]> numbers = new HashMap<>();
    indrnn.namedParameters().forEach((name, parameter) -> {
      double[] values = new double[parameter.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = wild[i % 8];
      }
      EveryBackend.assign(parameter, values);
      numbers.put(name, parameter.toDoubles());
    });
    return numbers;
  }

  private static boolean isRecurrent(String name) {
    return name.startsWith("cells_recurrent") || name.endsWith("weight_hh");
  }

  @Test
  void boundsAreHeldFromTheStartAndDoNotDisturbABackward() {
    var settings = DEFAULT.withHiddenMaxAbs(0.1);
    for (Recurrent indrnn : both(RecurrentOptions.of(2, 3), settings)) {
      indrnn.namedParameters().forEach((name, parameter) -> assertAll(parameter,
          number -> !isRecurrent(name) || number <= 0.1 && number > 0.0999));
      Tensor first = indrnn.forward(Tensor.ones(3, 2)).output();
      Tensor second = indrnn.forward(Tensor.ones(3, 2)).output();
      Reductions.sum(Arithmetic.add(first, second)).backward();
    }
  }

  @Test
  void gradientsAreClippedByHookOnEveryBackend() {
    var settings = DEFAULT.withGradientClip(new GradientClip(-0.5, 0.01));
    var loose = new IndRNN(RecurrentOptions.of(2, 3), new Generator(1));
    for (Recurrent indrnn : both(RecurrentOptions.of(2, 3), settings)) {
      for (Backend backend : EveryBackend.all()) {
        indrnn.to(backend);
        loose.to(backend);
        indrnn.parameters().forEach(Tensor::clearGradient);
        for (int backward = 1; backward <= 2; backward++) {
          Tensor input = Tensor.full(backend, Shape.of(4, 2), -1);
          indrnn.forward(input, new State(Tensor.full(backend, Shape.of(1, 3), 5))).output()
              .backward(Tensor.full(backend, Shape.of(4, 3), 1), false);
          for (Tensor parameter : indrnn.parameters()) {
            double limit = backward;
            assertAll(parameter.gradient(), x -> x >= -0.5 * limit && x <= 0.01 * limit * (1 + 1e-6));
          }
          Tensor bias = indrnn.parameters().getLast();
          assertEquals(0.01 * backward, bias.gradient().toDoubles()[0], 1e-6, "each backward is clipped by itself");
        }
      }
      Tensor far = indrnn.parameters().getFirst();
      far.requiresGrad(false);
      indrnn.forward(Tensor.full(far.backend(), Shape.of(4, 2), -1));
    }
  }

  // ---------------------------------------------------------------- refusals

  @Test
  void badSettingsAreRefused() {
    assertRefused("indrnn: hiddenMaxAbs is 0.0, wanted more than 0", () -> DEFAULT.withHiddenMaxAbs(0));
    assertRefused("indrnn: hiddenMinAbs is 3.0, wanted 0 to hiddenMaxAbs 2.0",
        () -> DEFAULT.withHiddenMaxAbs(2).withHiddenMinAbs(3));
    assertRefused("indrnn: hiddenMinAbs is NaN, wanted 0 to hiddenMaxAbs Infinity",
        () -> DEFAULT.withHiddenMinAbs(Double.NaN));
    assertRefused("indrnn: sequenceLength is 0, wanted 1 or more", () -> IndRNNOptions.recipe(0, 2));
    assertRefused("indrnn: mag is 0.5, wanted 1 or more", () -> IndRNNOptions.recipe(10, 0.5));
    assertRefused("gradientClip: limit is 0.0, wanted more than 0", () -> GradientClip.of(0));
    assertRefused("gradientClip: bounds are 1.0 and 0.0, wanted min <= max", () -> new GradientClip(1, 0));
    assertRefused("batchNorm: maxSteps is 0, wanted 1 or more", () -> RecurrentBatchNorm.perStep(0));
    assertRefused("indrnnCell: batchNorm is over SEQUENCE, wanted NONE: a step has no sequence to normalise",
        () -> new IndRNNCell(2, 3, true, DEFAULT.withBatchNorm(RecurrentBatchNorm.overSequence()), new Generator(1)));
  }

  @Test
  void badInputsAreRefused() {
    var indrnn = new IndRNN(RecurrentOptions.of(2, 3), DEFAULT.withBatchNorm(RecurrentBatchNorm.perStep(4)),
        new Generator(1));
    assertRefused("indrnn: input has shape (4, 5, 3), wanted (steps, batch, 2) or (steps, 2)",
        () -> indrnn.forward(Tensor.zeros(4, 5, 3)));
    assertRefused("indrnn: state has a cell, wanted none: this recurrence has a hidden state alone",
        () -> indrnn.forward(Tensor.zeros(4, 5, 2), new State(Tensor.zeros(1, 5, 3), Tensor.zeros(1, 5, 3))));
    assertRefused("indrnn: steps are 5, wanted at most 4, for which statistics are kept",
        () -> indrnn.forward(Tensor.zeros(5, 5, 2)));
    assertRefused("indrnn: batch is 1, wanted 2 or more, to take statistics of each step over",
        () -> indrnn.forward(Tensor.zeros(4, 2)));
    assertRefused("indrnnv2: lengths[1] is 5, wanted 0 to 4",
        () -> new IndRNNv2(2, 3, new Generator(1)).forward(Tensor.zeros(4, 2, 2), null, Tensor.of(new int[] {4, 5})));
    assertRefused("indrnnCell: hidden has shape (3), wanted (5, 3)",
        () -> new IndRNNCell(2, 3, new Generator(1)).forward(Tensor.zeros(5, 2), new State(Tensor.zeros(3))));
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
