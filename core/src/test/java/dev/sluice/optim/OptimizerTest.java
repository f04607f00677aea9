package dev.sluice.optim;

import static dev.sluice.testing.EveryBackend.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.Scope;
import dev.sluice.Tensor;
import dev.sluice.autograd.Arithmetic;
import dev.sluice.autograd.Reductions;
import dev.sluice.backend.referencefloat.FloatReferenceBackend;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.GoldenCase;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {
  private static final Backend REFERENCE = Backends.get("reference");

  static Stream<Arguments> golden() {
    return EveryBackend.with("optimizers");
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("golden")
  void twentyStepsAreTorchs(Backend backend, GoldenCase golden) {
    List<Tensor> parameters = List.of(leaf(backend, golden.tensor("param.0").data(), 2, 3),
        leaf(backend, golden.tensor("param.1").data(), 4));
    Optimizer optimizer = optimizer(golden, parameters);
    for (int step = 1; step <= 20; step++) {
      optimizer.zeroGrad();
      for (int i = 0; i < 2; i++) {
        int size = parameters.get(i).elements();
        double[] all = golden.tensor("gradients." + i).data();
        give(parameters.get(i), Arrays.copyOfRange(all, (step - 1) * size, step * size));
      }
      optimizer.step();
      for (int i = 0; i < 2; i++) {
        String stored = "step." + step + ".param." + i;
        if (golden.has(stored)) {
          assertClose(stored, golden.tensor(stored), parameters.get(i));
        }
      }
    }
  }

  private static Optimizer optimizer(GoldenCase golden, List<Tensor> parameters) {
    if (golden.text("optimizer").equals("sgd")) {
      return new SGD(parameters, SGDOptions.defaults().withLr(golden.number("lr"))
          .withMomentum(golden.number("momentum")).withDampening(golden.number("dampening"))
          .withWeightDecay(golden.number("weightDecay"))
          .withNesterov(golden.flag("nesterov")));
    }
    AdamOptions options = AdamOptions.adam().withLr(golden.number("lr"))
        .withBetas(golden.number("beta1"), golden.number("beta2")).withEps(golden.number("eps"))
        .withWeightDecay(golden.number("weightDecay")).withAmsgrad(golden.flag("amsgrad"));
    return golden.text("optimizer").equals("adam") ? new Adam(parameters, options) : new AdamW(parameters, options);
  }

  @Test
  void defaultsAreTorchs() {
    assertEquals(new SGDOptions(1e-3, 0, 0, 0, false, false), SGDOptions.defaults());
    assertEquals(new AdamOptions(1e-3, 0.9, 0.999, 1e-8, 0, false, false), AdamOptions.adam());
    assertEquals(new AdamOptions(1e-3, 0.9, 0.999, 1e-8, 0.01, false, false), AdamOptions.adamW());
    Tensor parameter = leaf(REFERENCE, new double[] {1}, 1);
    assertEquals(0.01, new AdamW(List.of(parameter), 0.5).options().weightDecay());
    assertEquals(0, new Adam(List.of(parameter), 0.5).options().weightDecay());
  }

  static List<Function<List<Tensor>, Optimizer>> optimizers() {
    return List.of(
        parameters -> new SGD(parameters, SGDOptions.defaults().withLr(0.1).withMomentum(0.9).withDampening(0.5)),
        parameters -> new Adam(parameters, 0.1),
        parameters -> new AdamW(parameters, AdamOptions.adamW().withLr(0.1).withAmsgrad(true)));
  }

  /** Two parameters, of which one gets its first gradient two steps late, end like two optimizers of one each. */
  @ParameterizedTest
  @MethodSource("optimizers")
  void aLateParameterMakesItsFirstStepThen(Function<List<Tensor>, Optimizer> make) {
    Tensor early = leaf(REFERENCE, new double[] {1, 2}, 2);
    Tensor late = leaf(REFERENCE, new double[] {3}, 1);
    Tensor earlyAlone = leaf(REFERENCE, new double[] {1, 2}, 2);
    Tensor lateAlone = leaf(REFERENCE, new double[] {3}, 1);
    Optimizer both = make.apply(List.of(early, late));
    Optimizer first = make.apply(List.of(earlyAlone));
    Optimizer second = make.apply(List.of(lateAlone));
    for (int step = 0; step < 5; step++) {
      for (Optimizer optimizer : List.of(both, first, second)) {
        optimizer.zeroGrad();
      }
      for (Tensor parameter : List.of(early, earlyAlone)) {
        give(parameter, 0.5 - step, 1 + step);
      }
      if (step >= 2) {
        for (Tensor parameter : List.of(late, lateAlone)) {
          give(parameter, 2 - step);
        }
      }
      both.step();
      first.step();
      second.step();
      assertArrayEquals(earlyAlone.toDoubles(), early.toDoubles());
      assertArrayEquals(lateAlone.toDoubles(), late.toDoubles());
    }
    assertEquals(5, both.steps(early));
    assertEquals(3, both.steps(late));
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void aParameterWithoutGradientIsLeftAlone(Function<List<Tensor>, Optimizer> make) {
    Tensor parameter = leaf(REFERENCE, new double[] {1}, 1);
    Tensor untouched = leaf(REFERENCE, new double[] {2}, 1);
    Optimizer optimizer = make.apply(List.of(parameter, untouched));
    give(parameter, 1);
    optimizer.step();
    assertArrayEquals(new double[] {2}, untouched.toDoubles());
    assertTrue(optimizer.state(untouched).isEmpty());
    assertEquals(0, optimizer.steps(untouched));
    assertTrue(parameter.item() < 1);
    optimizer.zeroGrad();
    assertNull(parameter.gradient());
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void aStepIsNotRecordedAndMarksWhatItChanged(Function<List<Tensor>, Optimizer> make) {
    Tensor parameter = leaf(REFERENCE, new double[] {2}, 1);
    Optimizer optimizer = make.apply(List.of(parameter));
    Tensor loss = Reductions.sum(Arithmetic.mul(parameter, parameter));
    loss.backward(null, true);
    optimizer.step();
    assertTrue(parameter.isLeaf());
    IllegalStateException refused = assertThrows(IllegalStateException.class, loss::backward);
    assertTrue(refused.getMessage().contains("changed in place"), refused.getMessage());
  }

  @Test
  void stateOutlivesTheScopeOfTheStepThatMadeIt() {
    Tensor parameter = leaf(REFERENCE, new double[] {2}, 1);
    Optimizer optimizer = new Adam(List.of(parameter), 0.1);
    for (int step = 0; step < 2; step++) {
      try (Scope _ = Scope.open()) {
        optimizer.zeroGrad();
        give(parameter, 1);
        optimizer.step();
      }
    }
    assertEquals(List.of("exp_avg", "exp_avg_sq"), List.copyOf(optimizer.state(parameter).keySet()));
    assertEquals(0.19, optimizer.state(parameter).get("exp_avg").item(), 1e-12);
  }

  @Test
  void maximizeClimbsAsFarAsDescentFalls() {
    Tensor down = leaf(REFERENCE, new double[] {0}, 1);
    Tensor up = leaf(REFERENCE, new double[] {0}, 1);
    give(down, 3);
    give(up, 3);
    new SGD(List.of(down), SGDOptions.defaults().withLr(0.1)).step();
    new SGD(List.of(up), SGDOptions.defaults().withLr(0.1).withMaximize(true)).step();
    assertEquals(-down.item(), up.item());
    assertEquals(0.3, up.item(), 1e-12);
  }

  @Test
  void badArgumentsAreRefused() {
    Tensor parameter = leaf(REFERENCE, new double[] {1, 2}, 2).named("weight");
    Tensor elsewhere = leaf(new FloatReferenceBackend(), new double[] {1}, 1).named("far");
    assertRefused("sgd: parameters is an empty list, wanted at least one parameter", () -> new SGD(List.of(), 0.1));
    assertRefused("sgd: parameter weight (2) is listed twice, wanted each parameter once",
        () -> new SGD(List.of(parameter, parameter), 0.1));
    assertRefused("adam: parameter result of mul (2) is not a leaf, wanted leaves",
        () -> new Adam(List.of(Arithmetic.mul(parameter, 2)), 0.1));
    assertRefused("adamW: far (1) is on reference-float, wanted all on one backend, reference as the first",
        () -> new AdamW(List.of(parameter, elsewhere), 0.1));
    assertRefused("sgd: lr is -1.0, wanted 0 or more", () -> new SGD(List.of(parameter), -1));
    assertRefused("sgd: lr is NaN, wanted 0 or more", () -> new SGD(List.of(parameter), 0.1).learningRate(Double.NaN));
    assertRefused("sgd: nesterov with momentum 0.0 and dampening 0.0, wanted momentum above 0 and dampening 0",
        () -> SGDOptions.defaults().withNesterov(true));
    assertRefused("adam: beta1 is 1.0, wanted 0 to below 1", () -> AdamOptions.adam().withBetas(1, 0.9));
    assertRefused("adam: eps is -1.0E-8, wanted 0 or more", () -> AdamOptions.adam().withEps(-1e-8));
    assertRefused("sgd: far (1) is not a parameter, wanted one of [weight (2)]",
        () -> new SGD(List.of(parameter), 0.1).steps(elsewhere));
  }

  private static Tensor leaf(Backend backend, double[] values, int... sizes) {
    return Tensor.of(backend, values, sizes).requiresGrad(true);
  }

  private static void give(Tensor parameter, double... gradient) {
    parameter.backward(Tensor.of(parameter.backend(), gradient, parameter.shape().toArray()), false);
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
