package dev.sluice.golden;

import java.util.function.IntToDoubleFunction;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.ReduceLROnPlateauScheduler;
import org.bytedeco.pytorch.ReduceLROnPlateauScheduler.SchedulerMode;
import org.bytedeco.pytorch.ReduceLROnPlateauScheduler.ThresholdMode;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.StepLR;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** Learning rates of schedules: rates (21) holds the rate before the first step and after each of 20 steps. */
final class ScheduleSheet {
  private static final int STEPS = 20;
  private static final double[] FALLING_THEN_FLAT = {
    8, 6, 5, 4.5, 4.25, 4.25, 4.25, 4.5, 4.25, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4
  };
  private static final double[] SLOWLY_FALLING = {
    8, 7.875, 7.75, 7.625, 7.5, 7.375, 7.25, 7.125, 7, 6.875,
    6.75, 6.625, 6.5, 6.375, 6.25, 6.125, 6, 5.875, 5.75, 5.625
  };

  private final Sheet sheet = new Sheet("schedules");

  private ScheduleSheet() {}

  static Sheet make() {
    var cases = new ScheduleSheet();
    cases.step("step_1", 0.5, 1, 0.75);
    cases.step("step_3", 0.1, 3, 0.5);
    cases.step("step_7", 0.1, 7, 0.1);
    cases.step("step_30", 0.1, 30, 0.1);
    cases.cosine("cosine", 0.1, 20, 0);
    cases.cosine("cosine_floor", 0.5, 20, 0.125);
    cases.cosine("cosine_past_its_end", 0.1, 7, 0.01);
    var plateau = new Plateau(SchedulerMode.min, 0.5, 2, 1e-4, ThresholdMode.rel, 0, 0);
    cases.plateau("plateau", plateau, FALLING_THEN_FLAT);
    cases.plateau("plateau_no_patience", plateau.withPatience(0), FALLING_THEN_FLAT);
    cases.plateau("plateau_cooldown", new Plateau(SchedulerMode.min, 0.5, 1, 1e-4, ThresholdMode.rel, 3, 0),
        FALLING_THEN_FLAT);
    cases.plateau("plateau_floor", new Plateau(SchedulerMode.min, 0.25, 0, 1e-4, ThresholdMode.rel, 0, 0.03125),
        FALLING_THEN_FLAT);
    cases.plateau("plateau_relative_threshold", new Plateau(SchedulerMode.min, 0.5, 1, 0.05, ThresholdMode.rel, 0, 0),
        SLOWLY_FALLING);
    cases.plateau("plateau_absolute_threshold", new Plateau(SchedulerMode.min, 0.5, 1, 0.3, ThresholdMode.abs, 0, 0),
        SLOWLY_FALLING);
    cases.plateau("plateau_max", new Plateau(SchedulerMode.max, 0.5, 1, 0.05, ThresholdMode.rel, 0, 0),
        reversed(SLOWLY_FALLING));
    return cases.sheet;
  }

  private static double[] reversed(double[] values) {
    var reversed = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      reversed[i] = values[values.length - 1 - i];
    }
    return reversed;
  }

  /** libtorch's StepLR; the step that torch.optim.lr_scheduler takes in its constructor is taken here by hand. */
  private void step(String name, double rate, int stepSize, double gamma) {
    var sample = sheet.sample(name).option("schedule", "step").option("lr", rate).option("stepSize", stepSize)
        .option("gamma", gamma);
    var optimizer = optimizer(rate);
    var schedule = new StepLR(optimizer, stepSize, gamma);
    schedule.step();
    record(sample, rate, step -> {
      schedule.step();
      return rate(optimizer);
    });
  }

  /** libtorch has no cosine schedule in C++: PyTorch's closed form, which its recursion agrees with. */
  private void cosine(String name, double rate, int period, double floor) {
    var sample = sheet.sample(name).option("madeBy", "closed form of CosineAnnealingLR").option("schedule", "cosine")
        .option("lr", rate).option("tMax", period).option("etaMin", floor);
    record(sample, rate, step -> floor + (rate - floor) * (1 + StrictMath.cos(Math.PI * step / period)) / 2);
  }

  private record Plateau(SchedulerMode mode, double factor, int patience, double threshold, ThresholdMode thresholdMode,
      int cooldown, double floor) {
    Plateau withPatience(int patience) {
      return new Plateau(mode, factor, patience, threshold, thresholdMode, cooldown, floor);
    }
  }

  /**
   * libtorch's ReduceLROnPlateau; factor, floor and metrics are floats there, and exact in float here. A maximum with
   * an absolute threshold is left out: libtorch 2.10.0 multiplies the best value by the threshold there, where PyTorch
   * adds it.
   */
  private void plateau(String name, Plateau plateau, double[] metrics) {
    double rate = 0.5;
    double eps = 1e-8;
    var sample = sheet.sample(name).option("schedule", "plateau").option("lr", rate).option("mode", plateau.mode.name())
        .option("factor", plateau.factor).option("patience", plateau.patience).option("threshold", plateau.threshold)
        .option("thresholdMode", plateau.thresholdMode.name()).option("cooldown", plateau.cooldown)
        .option("minLr", plateau.floor).option("eps", eps);
    sample.constant("metrics", Values.real(metrics, STEPS));
    var optimizer = optimizer(rate);
    var schedule = new ReduceLROnPlateauScheduler(optimizer, plateau.mode, (float) plateau.factor, plateau.patience,
        plateau.threshold, plateau.thresholdMode, plateau.cooldown, new float[] {(float) plateau.floor}, eps, false);
    record(sample, rate, step -> {
      schedule.step((float) metrics[step - 1]);
      return rate(optimizer);
    });
  }

  private static void record(Sample sample, double rate, IntToDoubleFunction afterStep) {
    var rates = new double[STEPS + 1];
    rates[0] = rate;
    for (int step = 1; step <= STEPS; step++) {
      rates[step] = afterStep.applyAsDouble(step);
    }
    sample.constant("rates", Values.real(rates, rates.length));
  }

  private static Optimizer optimizer(double rate) {
    var parameter = Values.real(new double[1], 1).set_requires_grad(true);
    return new SGD(new TensorVector(new Tensor[] {parameter}), new SGDOptions(rate));
  }

  private static double rate(Optimizer optimizer) {
    return optimizer.param_groups().get(0).options().get_lr();
  }
}
