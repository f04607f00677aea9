package dev.sluice.golden;

import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * Twenty steps of libtorch's SGD, Adam and AdamW over two parameters with given gradients: param.I is where they start,
 * gradients.I (20, ...) what they are given, step.N.param.I where they are after step N.
 */
final class OptimizerSheet {
  private static final int STEPS = 20;
  private static final List<Integer> STORED = List.of(1, 2, 10, 20);

  private final Sheet sheet = new Sheet("optimizers");

  private OptimizerSheet() {}

  static Sheet make() {
    var cases = new OptimizerSheet();
    cases.sgd("sgd", 0.1, 0, 0, 0, false);
    cases.sgd("sgd_weight_decay", 0.1, 0, 0, 0.01, false);
    cases.sgd("sgd_momentum", 0.05, 0.9, 0, 0, false);
    cases.sgd("sgd_dampening", 0.05, 0.9, 0.5, 0, false);
    cases.sgd("sgd_nesterov", 0.05, 0.9, 0, 0, true);
    cases.sgd("sgd_momentum_weight_decay", 0.05, 0.75, 0, 0.01, false);
    cases.sgd("sgd_nesterov_weight_decay", 0.05, 0.75, 0, 0.01, true);
    cases.adam("adam", 0.001, 1e-8, 0, false);
    cases.adam("adam_fast", 0.1, 1e-8, 0, false);
    cases.adam("adam_eps", 0.05, 0.125, 0, false);
    cases.adam("adam_weight_decay", 0.05, 1e-8, 0.1, false);
    cases.adam("adam_amsgrad", 0.05, 1e-8, 0, true);
    cases.adam("adam_amsgrad_weight_decay", 0.05, 1e-8, 0.1, true);
    cases.adamW("adamw", 0.001, 1e-8, 0.01, false);
    cases.adamW("adamw_no_decay", 0.05, 1e-8, 0, false);
    cases.adamW("adamw_decay", 0.05, 1e-8, 0.1, false);
    cases.adamW("adamw_eps", 0.05, 0.125, 0.01, false);
    cases.adamW("adamw_amsgrad", 0.05, 1e-8, 0.1, true);
    return cases.sheet;
  }

  private void sgd(String name, double rate, double momentum, double dampening, double decay, boolean nesterov) {
    var options = new SGDOptions(rate);
    options.momentum().put(momentum);
    options.dampening().put(dampening);
    options.weight_decay().put(decay);
    options.nesterov().put(nesterov);
    var sample = sheet.sample(name).option("optimizer", "sgd").option("lr", rate).option("momentum", momentum)
        .option("dampening", dampening).option("weightDecay", decay).option("nesterov", nesterov);
    run(sample, parameters -> new SGD(parameters, options));
  }

  private void adam(String name, double rate, double eps, double decay, boolean amsgrad) {
    var options = new AdamOptions(rate);
    options.eps().put(eps);
    options.weight_decay().put(decay);
    options.amsgrad().put(amsgrad);
    run(adaptive("adam", name, rate, eps, decay, amsgrad), parameters -> new Adam(parameters, options));
  }

  private void adamW(String name, double rate, double eps, double decay, boolean amsgrad) {
    var options = new AdamWOptions(rate);
    options.eps().put(eps);
    options.weight_decay().put(decay);
    options.amsgrad().put(amsgrad);
    run(adaptive("adamw", name, rate, eps, decay, amsgrad), parameters -> new AdamW(parameters, options));
  }

  /** Beta 0.9 and 0.999 are libtorch's defaults. */
  private Sample adaptive(String optimizer, String name, double rate, double eps, double decay, boolean amsgrad) {
    return sheet.sample(name).option("optimizer", optimizer).option("lr", rate)
        .option("beta1", 0.9).option("beta2", 0.999).option("eps", eps).option("weightDecay", decay)
        .option("amsgrad", amsgrad);
  }

  private static void run(Sample sample, Function<TensorVector, Optimizer> constructor) {
    var parameters = List.of(
        sample.constant("param.0", Values.real(sample.draw(1, 2, 3), 2, 3)).set_requires_grad(true),
        sample.constant("param.1", Values.real(sample.draw(1, 4), 4)).set_requires_grad(true));
    var gradients = List.of(
        sample.constant("gradients.0", Values.real(gradients(sample, 6), STEPS, 2, 3)),
        sample.constant("gradients.1", Values.real(gradients(sample, 4), STEPS, 4)));
    var optimizer = constructor.apply(new TensorVector(parameters.toArray(Tensor[]::new)));
    for (int step = 1; step <= STEPS; step++) {
      for (int i = 0; i < parameters.size(); i++) {
        parameters.get(i).mutable_grad().put(gradients.get(i).select(0, step - 1).clone());
      }
      // libtorch's step runs its closure, here none, under the gradient mode it finds.
      try (var mode = new AutoGradMode(false)) {
        optimizer.step();
      }
      if (STORED.contains(step)) {
        for (int i = 0; i < parameters.size(); i++) {
          sample.constant("step." + step + ".param." + i, parameters.get(i));
        }
      }
    }
  }

  /** The gradients of all steps; they shrink by steps of a half, and the first element of each step has none. */
  private static double[] gradients(Sample sample, int size) {
    var data = sample.draw(2, STEPS, size);
    for (int i = 0; i < data.length; i++) {
      data[i] = i % size == 0 ? 0 : Math.scalb(data[i], -(i / size / 5));
    }
    return data;
  }
}
