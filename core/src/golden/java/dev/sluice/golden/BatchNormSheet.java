package dev.sluice.golden;

import org.bytedeco.pytorch.BatchNorm1dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * torch.nn.BatchNorm1d of (N, C) and (N, C, L), statistics over N and L.
 *
 * <p>Training cases make three calls, on {@code input}, {@code input.2} and {@code input.3}; {@code after.1.*} and
 * {@code after.3.*} are the running statistics after the first and the third, from means of 0 and variances of 1.
 * Output and gradients are those of the first. Evaluating cases draw {@code running_mean} and {@code running_var}.
 * Option momentum is "none" where every call so far counts the same.
 */
final class BatchNormSheet {
  private static final String NO_MOMENTUM = "none";

  private final Sheet sheet = new Sheet("batch_norm");

  /** What a case differs in; no momentum is the cumulative average. */
  private record Kind(boolean affine, boolean running, double eps, double momentum, double offset) {
    static final Kind PLAIN = new Kind(true, true, 1e-5, 0.1, 0);

    boolean cumulative() {
      return Double.isNaN(momentum);
    }

    Kind momentum(double wanted) {
      return new Kind(affine, running, eps, wanted, offset);
    }

    Kind withoutMomentum() {
      return momentum(Double.NaN);
    }

    Kind withoutAffine() {
      return new Kind(false, running, eps, momentum, offset);
    }

    Kind withoutRunning() {
      return new Kind(affine, false, eps, momentum, offset);
    }

    Kind eps(double wanted) {
      return new Kind(affine, running, wanted, momentum, offset);
    }

    /** Inputs around a number far from 0, where the mean of squares would cancel. */
    Kind offset(double wanted) {
      return new Kind(affine, running, eps, momentum, wanted);
    }
  }

  private BatchNormSheet() {}

  static Sheet make() {
    var cases = new BatchNormSheet();
    cases.train("training", Kind.PLAIN, 5, 3);
    cases.train("training_sequence", Kind.PLAIN, 4, 3, 5);
    cases.train("training_momentum", Kind.PLAIN.momentum(0.3), 5, 3);
    cases.train("training_momentum_zero", Kind.PLAIN.momentum(0), 5, 3);
    cases.train("training_momentum_one", Kind.PLAIN.momentum(1), 5, 3);
    cases.train("training_no_momentum", Kind.PLAIN.withoutMomentum(), 5, 3);
    cases.train("training_not_affine", Kind.PLAIN.withoutAffine(), 5, 3);
    cases.train("training_no_running", Kind.PLAIN.withoutRunning(), 5, 3);
    cases.train("training_large_eps", Kind.PLAIN.eps(0.5), 5, 3);
    cases.train("training_offset", Kind.PLAIN.offset(16), 6, 3);
    cases.train("training_two_rows", Kind.PLAIN, 2, 3);
    cases.train("training_one_sequence", Kind.PLAIN, 1, 3, 4);
    cases.train("training_one_channel", Kind.PLAIN, 7, 1);
    cases.train("training_width_19", Kind.PLAIN, 3, 19);
    cases.evaluate("evaluating", Kind.PLAIN, 5, 3);
    cases.evaluate("evaluating_sequence", Kind.PLAIN, 4, 3, 5);
    cases.evaluate("evaluating_not_affine", Kind.PLAIN.withoutAffine(), 5, 3);
    cases.evaluate("evaluating_no_running", Kind.PLAIN.withoutRunning(), 5, 3);
    cases.evaluate("evaluating_large_eps", Kind.PLAIN.eps(0.5), 5, 3);
    cases.evaluate("evaluating_one_row", Kind.PLAIN, 1, 3);
    return cases.sheet;
  }

  private void train(String name, Kind kind, long... shape) {
    var sample = sheet.sample(name);
    var module = module(sample, kind, true, shape[1]);
    sample.result("output", module.forward(sample.leaf("input", input(sample, kind, shape))));
    sample.backward();
    if (kind.running) {
      after(sample, module, 1);
      for (int call = 2; call <= 3; call++) {
        module.forward(sample.constant("input." + call, input(sample, kind, shape)));
      }
      after(sample, module, 3);
    }
  }

  private void evaluate(String name, Kind kind, long... shape) {
    var sample = sheet.sample(name);
    long channels = shape[1];
    var module = module(sample, kind, false, channels);
    if (kind.running) {
      module.running_mean().copy_(sample.constant("running_mean", Values.real(sample.draw(1, channels), channels)));
      var variance = Values.real(sample.draw(0.5, channels), channels).add(new Scalar(1.0));
      module.running_var().copy_(sample.constant("running_var", variance));
    }
    sample.result("output", module.forward(sample.leaf("input", input(sample, kind, shape))));
    sample.backward();
  }

  private static BatchNorm1dImpl module(Sample sample, Kind kind, boolean training, long channels) {
    sample.option("training", training)
        .option("affine", kind.affine)
        .option("trackRunningStats", kind.running)
        .option("eps", kind.eps)
        .option("momentum", kind.cumulative() ? NO_MOMENTUM : (Object) kind.momentum);
    var options = new BatchNormOptions(channels);
    options.affine().put(kind.affine);
    options.track_running_stats().put(kind.running);
    options.eps().put(kind.eps);
    options.momentum().put(kind.cumulative() ? new DoubleOptional() : new DoubleOptional(kind.momentum));
    var module = new BatchNorm1dImpl(options);
    module.to(torch.ScalarType.Double, false);
    module.train(training);
    if (kind.affine) {
      module.weight(sample.leaf("weight", 2, channels));
      module.bias(sample.leaf("bias", 1, channels));
    }
    return module;
  }

  private static Tensor input(Sample sample, Kind kind, long... shape) {
    return Values.real(sample.draw(2, shape), shape).add(new Scalar(kind.offset));
  }

  private static void after(Sample sample, BatchNorm1dImpl module, int calls) {
    sample.constant("after." + calls + ".running_mean", module.running_mean());
    sample.constant("after." + calls + ".running_var", module.running_var());
  }
}
