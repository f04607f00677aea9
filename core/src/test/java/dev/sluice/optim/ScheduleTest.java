package dev.sluice.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.Tensor;
import dev.sluice.optim.PlateauOptions.Mode;
import dev.sluice.optim.PlateauOptions.ThresholdMode;
import dev.sluice.testing.Golden;
import dev.sluice.testing.GoldenCase;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {
  static List<GoldenCase> golden() {
    return Golden.load("schedules");
  }

  @ParameterizedTest
  @MethodSource("golden")
  void ratesAreTorchs(GoldenCase golden) {
    Optimizer optimizer = optimizer(golden.number("lr"));
    IntConsumer schedule = schedule(golden, optimizer);
    double[] rates = golden.tensor("rates").data();
    assertEquals(rates[0], optimizer.learningRate());
    for (int step = 1; step < rates.length; step++) {
      schedule.accept(step);
      assertEquals(rates[step], optimizer.learningRate(), 1e-12, "after step " + step);
    }
  }

  private static IntConsumer schedule(GoldenCase golden, Optimizer optimizer) {
    return switch (golden.text("schedule")) {
      case "step" -> {
        var schedule = new StepLR(optimizer, golden.integer("stepSize"), golden.number("gamma"));
        yield _ -> schedule.step();
      }
      case "cosine" -> {
        var schedule = new CosineAnnealingLR(optimizer, golden.integer("tMax"), golden.number("etaMin"));
        yield _ -> schedule.step();
      }
      case "plateau" -> {
        var schedule = new ReduceLROnPlateau(optimizer, new PlateauOptions(
            Mode.valueOf(golden.text("mode").toUpperCase(Locale.ROOT)), golden.number("factor"),
            golden.integer("patience"), golden.number("threshold"),
            ThresholdMode.valueOf(golden.text("thresholdMode").toUpperCase(Locale.ROOT)),
            golden.integer("cooldown"), golden.number("minLr"), golden.number("eps")));
        double[] metrics = golden.tensor("metrics").data();
        yield step -> schedule.step(metrics[step - 1]);
      }
      case String other -> throw new AssertionError("unknown schedule " + other);
    };
  }

  @Test
  void defaultsAreTorchs() {
    assertEquals(new PlateauOptions(Mode.MIN, 0.1, 10, 1e-4, ThresholdMode.REL, 0, 0, 1e-8), PlateauOptions.defaults());
    Optimizer optimizer = optimizer(1);
    var schedule = new StepLR(optimizer, 1);
    schedule.step();
    assertEquals(0.1, optimizer.learningRate());
    assertEquals(1, schedule.epoch());
    assertEquals(1, schedule.baseRate());
  }

  /** PyTorch adds an absolute threshold to the best value, also for a maximum, where libtorch multiplies. */
  @Test
  void aMaximumWithAnAbsoluteThresholdWantsThatMuchMore() {
    Optimizer optimizer = optimizer(1);
    var schedule = new ReduceLROnPlateau(optimizer, PlateauOptions.defaults().withMode(Mode.MAX).withFactor(0.5)
        .withPatience(0).withThreshold(0.5, ThresholdMode.ABS));
    schedule.step(1);
    schedule.step(1.75);
    assertEquals(1, optimizer.learningRate());
    schedule.step(2.25);
    assertEquals(0.5, optimizer.learningRate());
    assertEquals(1.75, schedule.best());
  }

  @Test
  void nanIsNoImprovement() {
    Optimizer optimizer = optimizer(1);
    var schedule = new ReduceLROnPlateau(optimizer, PlateauOptions.defaults().withPatience(1).withFactor(0.5));
    schedule.step(1);
    schedule.step(Double.NaN);
    assertEquals(1, optimizer.learningRate());
    schedule.step(Double.NaN);
    assertEquals(0.5, optimizer.learningRate());
    assertEquals(1, schedule.best());
  }

  @Test
  void aRateSetByHandInBetweenIsRespected() {
    Optimizer optimizer = optimizer(1);
    var schedule = new StepLR(optimizer, 2, 0.5);
    schedule.step();
    optimizer.learningRate(0.25);
    schedule.step();
    assertEquals(0.125, optimizer.learningRate());
  }

  @Test
  void badArgumentsAreRefused() {
    Optimizer optimizer = optimizer(1);
    assertRefused("stepLR: stepSize is 0, wanted 1 or more", () -> new StepLR(optimizer, 0));
    assertRefused("stepLR: gamma is -0.5, wanted 0 or more", () -> new StepLR(optimizer, 1, -0.5));
    assertRefused("cosineAnnealingLR: tMax is 0, wanted 1 or more", () -> new CosineAnnealingLR(optimizer, 0));
    assertRefused("cosineAnnealingLR: etaMin is -1.0, wanted 0 or more", () -> new CosineAnnealingLR(optimizer, 1, -1));
    assertRefused("reduceLROnPlateau: factor is 1.0, wanted 0 to below 1",
        () -> PlateauOptions.defaults().withFactor(1));
    assertRefused("reduceLROnPlateau: patience is -1, wanted 0 or more",
        () -> PlateauOptions.defaults().withPatience(-1));
  }

  private static Optimizer optimizer(double rate) {
    return new SGD(List.of(Tensor.zeros(1)), rate);
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
