package dev.sluice.optim;

import static dev.sluice.testing.EveryBackend.assertClose;
import static dev.sluice.testing.EveryBackend.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.Backends;
import dev.sluice.HookHandle;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Arithmetic;
import dev.sluice.backend.referencefloat.FloatReferenceBackend;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.Golden;
import dev.sluice.testing.GoldenCase;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GradientClippingTest {
  private static final Backend REFERENCE = Backends.get("reference");
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  /**
   * The cases in double: norms are summed in double everywhere, so squares do not overflow on a float backend either.
   */
  static Stream<Arguments> golden() {
    return EveryBackend.with(Golden.load("clipping").stream().filter(golden -> golden.text("dtype").equals("float64")));
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("golden")
  void gradientsAndNormAreTorchs(Backend backend, GoldenCase golden) {
    List<Tensor> parameters = parameters(backend, golden);
    if (golden.text("kind").equals("value")) {
      GradientClipping.clipGradValue(parameters, golden.number("clipValue"));
    } else {
      Tensor norm =
          GradientClipping.clipGradNorm(parameters, golden.number("maxNorm"), golden.number("normType"));
      assertSame(backend, norm.backend());
      assertClose("totalNorm", golden.tensor("totalNorm"), norm);
    }
    assertAfter(golden, parameters);
  }

  /** clipGradNorm is the two in sequence. */
  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("golden")
  void normAndScalingApartAreTheSame(Backend backend, GoldenCase golden) {
    if (golden.text("kind").equals("norm")) {
      List<Tensor> parameters = parameters(backend, golden);
      List<Tensor> gradients = parameters.stream().map(Tensor::gradient).toList();
      Tensor norm = GradientClipping.getTotalNorm(gradients, golden.number("normType"), false);
      assertClose("totalNorm", golden.tensor("totalNorm"), norm);
      GradientClipping.clipGradsWithNorm(parameters, golden.number("maxNorm"), norm);
      assertAfter(golden, parameters);
    }
  }

  private static List<Tensor> parameters(Backend backend, GoldenCase golden) {
    List<Tensor> parameters = new ArrayList<>();
    for (GoldenCase.Values before : golden.list("before.")) {
      Tensor parameter = Tensor.full(backend, Shape.of(before.shape()), 0).requiresGrad(true);
      parameter.backward(tensor(backend, before), false);
      parameters.add(parameter);
    }
    return parameters;
  }

  private static void assertAfter(GoldenCase golden, List<Tensor> parameters) {
    for (int i = 0; i < parameters.size(); i++) {
      assertClose("gradient " + i, golden.tensor("after." + i), parameters.get(i).gradient());
    }
  }

  @Test
  void aParameterListedTwiceCountsAndIsScaledTwice() {
    Tensor parameter = withGradient(REFERENCE, 3, -4);
    Tensor norm = GradientClipping.clipGradNorm(List.of(parameter, parameter), 1);
    assertEquals(Math.sqrt(50), norm.item(), 1e-12);
    double once = 1 / (Math.sqrt(50) + 1e-6);
    assertArrayEquals(new double[] {3 * once * once, -4 * once * once}, gradient(parameter), 1e-12);
  }

  @Test
  void withoutGradientsTheNormIsZero() {
    Tensor parameter = Tensor.full(REFERENCE, Shape.of(2), 1).requiresGrad(true);
    Tensor norm = GradientClipping.clipGradNorm(List.of(parameter), 1);
    assertEquals(Shape.SCALAR, norm.shape());
    assertEquals(0, norm.item());
    assertSame(REFERENCE, norm.backend());
    assertEquals(0, GradientClipping.clipGradNorm(List.of(), 1, 2, true).item());
    assertEquals(0, GradientClipping.getTotalNorm(List.of()).item());
    GradientClipping.clipGradValue(List.of(parameter), 1);
    GradientClipping.clipGradsWithNorm(List.of(parameter), 1, norm);
  }

  @Test
  void parametersWithoutGradientAreLeftOut() {
    Tensor with = withGradient(REFERENCE, 3, 4);
    Tensor without = Tensor.full(REFERENCE, Shape.of(2), 1).requiresGrad(true);
    assertEquals(5, GradientClipping.clipGradNorm(List.of(without, with), 10).item(), 1e-12);
    assertArrayEquals(new double[] {3, 4}, gradient(with));
  }

  @Test
  void aNonFiniteNormIsRefusedBeforeAnythingIsScaled() {
    for (double bad : new double[] {INFINITY, -INFINITY, Double.NaN}) {
      Tensor parameter = withGradient(REFERENCE, 3, bad);
      double norm = Double.isNaN(bad) ? Double.NaN : INFINITY;
      NonFiniteNormException refused = assertThrows(NonFiniteNormException.class,
          () -> GradientClipping.clipGradNorm(List.of(parameter), 1, 2, true));
      assertEquals("clipGradNorm: the total norm of order 2.0 is " + norm
          + ", wanted a finite one; no gradient was scaled", refused.getMessage());
      assertEquals(norm, refused.norm());
      assertArrayEquals(new double[] {3, bad}, gradient(parameter));
      assertThrows(NonFiniteNormException.class,
          () -> GradientClipping.getTotalNorm(List.of(parameter.gradient()), INFINITY, true));
    }
    assertEquals(5, GradientClipping.clipGradNorm(List.of(withGradient(REFERENCE, 3, 4)), 1, 2, true).item(), 1e-12);
  }

  @Test
  void theHookClampsEachBackwardBeforeItIsAccumulated() {
    for (Backend backend : EveryBackend.all()) {
      Tensor parameter = Tensor.full(backend, Shape.of(3), 1).requiresGrad(true);
      HookHandle handle = GradientClipping.clipGradHook(parameter, -0.5, 0.25);
      Tensor large = Tensor.of(backend, new double[] {4, -4, 0.125}, 3);
      parameter.backward(large, false);
      assertArrayEquals(new double[] {0.25, -0.5, 0.125}, gradient(parameter));
      parameter.backward(large, false);
      assertArrayEquals(new double[] {0.5, -1, 0.25}, gradient(parameter));
      assertArrayEquals(new double[] {4, -4, 0.125}, large.toDoubles());
      handle.remove();
      parameter.backward(large, false);
      assertArrayEquals(new double[] {4.5, -5, 0.375}, gradient(parameter));
    }
  }

  @Test
  void theHookSeesTheSumOverAllUses() {
    Tensor parameter = Tensor.full(REFERENCE, Shape.SCALAR, 1).requiresGrad(true);
    GradientClipping.clipGradHook(parameter, -4, 4);
    Arithmetic.add(Arithmetic.mul(parameter, 2), Arithmetic.mul(parameter, 3)).backward();
    assertArrayEquals(new double[] {4}, gradient(parameter));
  }

  @Test
  void theHookLeavesNaN() {
    Tensor parameter = Tensor.full(REFERENCE, Shape.of(2), 1).requiresGrad(true);
    GradientClipping.clipGradHook(parameter, -1, 1);
    parameter.backward(Tensor.of(REFERENCE, new double[] {Double.NaN, INFINITY}, 2), false);
    assertArrayEquals(new double[] {Double.NaN, 1}, gradient(parameter));
  }

  @Test
  void badArgumentsAreRefused() {
    Tensor here = withGradient(REFERENCE, 1).named("here");
    Tensor far = withGradient(new FloatReferenceBackend(), 1).named("far");
    String twoBackends = ": far (1) is on reference-float, wanted all on one backend, reference as the first";
    assertRefused("clipGradNorm" + twoBackends, () -> GradientClipping.clipGradNorm(List.of(here, far), 1));
    assertRefused("clipGradValue" + twoBackends, () -> GradientClipping.clipGradValue(List.of(here, far), 1));
    assertRefused("getTotalNorm" + twoBackends, () -> GradientClipping.getTotalNorm(List.of(here, far)));
    assertRefused("clipGradsWithNorm: totalNorm is on reference-float, wanted reference as the parameters",
        () -> GradientClipping.clipGradsWithNorm(List.of(here), 1, far));
    assertRefused("clipGradsWithNorm: totalNorm is REAL (2), wanted one REAL number",
        () -> GradientClipping.clipGradsWithNorm(List.of(here), 1, withGradient(REFERENCE, 1, 2)));
    assertRefused("clipGradValue: clipValue is -1.0, wanted 0 or more",
        () -> GradientClipping.clipGradValue(List.of(here), -1));
    assertRefused("clipGradHook: bounds are 1.0 and -1.0, wanted lower <= upper",
        () -> GradientClipping.clipGradHook(here, 1, -1));
    assertRefused("getTotalNorm: tensor (1) is INT32, wanted REAL",
        () -> GradientClipping.getTotalNorm(List.of(Tensor.of(REFERENCE, new int[] {1}, 1))));
    assertRefused("norm: p is NaN, wanted a number or an infinity",
        () -> GradientClipping.clipGradNorm(List.of(here), 1, Double.NaN));
    assertThrows(IllegalStateException.class,
        () -> GradientClipping.clipGradHook(Tensor.full(REFERENCE, Shape.of(1), 0), -1, 1));
    assertArrayEquals(new double[] {1}, gradient(here));
  }

  private static Tensor withGradient(Backend backend, double... gradient) {
    Tensor parameter = Tensor.full(backend, Shape.of(gradient.length), 0).requiresGrad(true);
    parameter.backward(Tensor.of(backend, gradient, gradient.length), false);
    return parameter;
  }

  private static double[] gradient(Tensor parameter) {
    Tensor gradient = parameter.gradient();
    assertNotNull(gradient);
    return gradient.toDoubles();
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
