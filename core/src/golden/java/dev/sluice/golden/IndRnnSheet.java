package dev.sluice.golden;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * IndRNN by the paper's equation (Li et al., arXiv 1803.04831), from libtorch operations and their autograd, element by
 * element with one recurrent weight u per neuron:
 *
 * <pre>
 * h_t = act(W x_t + b + u h_{t-1})
 * </pre>
 *
 * <p>Layer k has {@code cells.k.weight_ih} (H, in), {@code cells.k.weight_hh} (H) and {@code cells.k.bias_ih} (H), its
 * reverse direction {@code cells_bi.k.*}; reverse outputs are aligned in time. A row past its length keeps its state
 * and puts out zeros. Final states are (layers x directions, batch, H), before any batch normalisation.
 *
 * <p>Bounds act on the values of u before the forward and are not differentiated: {@code cells.k.weight_hh} is u as
 * given, {@code bounded.cells.k.weight_hh} is u as used, and the gradient is that of the latter.
 *
 * <p>Batch normalisation {@code bns.k.*} covers both directions of a layer (2H channels), after its activation or
 * before it, on W x + b. Its statistics are over batch and time jointly, or per step with one affine weight; then the
 * running statistics are (steps, channels). Only steps within a row's length take part, other outputs are zeros. The
 * updated running statistics are {@code after.bns.k.running_mean} and {@code after.bns.k.running_var}.
 */
final class IndRnnSheet {
  private static final double EPS = 1e-5;
  private static final double MOMENTUM = 0.1;

  private enum Place { NONE, BEFORE, AFTER }

  private record Norm(Place place, boolean perStep, boolean training) {
    static final Norm NONE = new Norm(Place.NONE, false, true);

    static Norm before() {
      return new Norm(Place.BEFORE, false, true);
    }

    static Norm after() {
      return new Norm(Place.AFTER, false, true);
    }

    Norm everyStep() {
      return new Norm(place, true, training);
    }

    Norm evaluating() {
      return new Norm(place, perStep, false);
    }
  }

  /** What IndRNN has beyond the options of all recurrences; a bound of 0 is none. */
  private record Kind(boolean relu, double minAbs, double maxAbs, Norm norm) {
    static final Kind RELU = new Kind(true, 0, 0, Norm.NONE);
    static final Kind TANH = new Kind(false, 0, 0, Norm.NONE);

    Kind bounds(double min, double max) {
      return new Kind(relu, min, max, norm);
    }

    Kind norm(Norm wanted) {
      return new Kind(relu, minAbs, maxAbs, wanted);
    }

    boolean bounded() {
      return minAbs > 0 || maxAbs > 0;
    }

    Tensor activate(Tensor sum) {
      return relu ? sum.relu() : sum.tanh();
    }

    void record(Sample sample) {
      sample.option("madeBy", "the paper's equation in libtorch operations")
          .option("nonlinearity", relu ? "relu" : "tanh")
          .option("hiddenMinAbs", minAbs)
          .option("hiddenMaxAbs", maxAbs)
          .option("batchNorm", norm.place.name().toLowerCase(Locale.ROOT))
          .option("perStep", norm.perStep)
          .option("training", norm.training)
          .option("eps", EPS)
          .option("momentum", MOMENTUM);
    }
  }

  private final Sheet sheet = new Sheet("indrnn");

  private IndRnnSheet() {}

  static Sheet make() {
    var cases = new IndRnnSheet();
    cases.options();
    cases.bounds();
    cases.batchNorm();
    return cases.sheet;
  }

  private void options() {
    run(add("one_layer"), Kind.RELU);
    run(add("one_step").length(1).state(), Kind.RELU);
    run(add("state").state(), Kind.RELU);
    run(add("no_bias").withoutBias().state(), Kind.RELU);
    run(add("two_layers").layers(2).state(), Kind.RELU);
    run(add("bidirectional").bidirectional(), Kind.RELU);
    run(add("two_layers_bidirectional").layers(2).bidirectional().state(), Kind.RELU);
    run(add("batch_first").batchFirst().bidirectional().state(), Kind.RELU);
    run(add("lengths").lengths(2, 5, 3), Kind.RELU);
    run(add("lengths_zero").lengths(0, 5, 3).bidirectional().state(), Kind.RELU);
    run(add("lengths_two_layers_bidirectional").lengths(4, 1, 5).layers(2).bidirectional().state(), Kind.RELU);
    run(add("lengths_batch_first_shorter").lengths(1, 4, 3).batchFirst().bidirectional().state(), Kind.RELU);
    run(add("unbatched").unbatched(), Kind.RELU);
    run(add("unbatched_two_layers_bidirectional").unbatched().layers(2).bidirectional().state(), Kind.RELU);
    run(add("tanh").state(), Kind.TANH);
    run(add("tanh_saturated").saturated().state(), Kind.TANH);
    run(add("tanh_lengths_bidirectional").lengths(3, 4, 2).bidirectional().state(), Kind.TANH);
  }

  private void bounds() {
    run(add("bounds_max").state(), Kind.RELU.bounds(0, 0.5));
    run(add("bounds_min").state(), Kind.TANH.bounds(0.75, 0));
    run(add("bounds_both").state(), Kind.TANH.bounds(0.25, 0.5));
    run(add("bounds_bidirectional").bidirectional().state(), Kind.RELU.bounds(0.25, 0.5));
    published();
  }

  private void batchNorm() {
    run(add("batch_norm").state(), Kind.RELU.norm(Norm.after()));
    run(add("batch_norm_evaluating").state(), Kind.RELU.norm(Norm.after().evaluating()));
    run(add("batch_norm_two_layers_bidirectional").layers(2).bidirectional(), Kind.TANH.norm(Norm.after()));
    run(add("batch_norm_lengths").lengths(2, 5, 3).state(), Kind.TANH.norm(Norm.after()));
    run(add("batch_norm_lengths_evaluating").lengths(2, 5, 3), Kind.TANH.norm(Norm.after().evaluating()));
    run(add("batch_norm_per_step").state(), Kind.TANH.norm(Norm.after().everyStep()));
    run(add("batch_norm_per_step_evaluating"), Kind.TANH.norm(Norm.after().everyStep().evaluating()));
    run(add("batch_norm_per_step_lengths").lengths(5, 3, 5), Kind.TANH.norm(Norm.after().everyStep()));
    run(add("batch_norm_before").state(), Kind.RELU.norm(Norm.before()));
    run(add("batch_norm_before_evaluating").state(), Kind.RELU.norm(Norm.before().evaluating()));
    run(add("batch_norm_before_bidirectional").bidirectional(), Kind.TANH.norm(Norm.before()));
    run(add("batch_norm_before_lengths_bidirectional").lengths(4, 1, 5).bidirectional(),
        Kind.RELU.norm(Norm.before()));
    run(add("batch_norm_before_per_step").state(), Kind.RELU.norm(Norm.before().everyStep()));
    run(add("batch_norm_before_per_step_bidirectional_batch_first").bidirectional().batchFirst().state(),
        Kind.TANH.norm(Norm.before().everyStep()));
  }

  private Recurrence add(String name) {
    return new Recurrence(sheet.sample(name));
  }

  private static void run(Recurrence setup, Kind kind) {
    var sample = setup.sample();
    kind.record(sample);
    var layerInput = setup.timeFirst(setup.batched(setup.input()));
    var initial = setup.initial("h_0", Recurrence.HIDDEN);
    var finals = new TensorVector();
    for (int layer = 0; layer < setup.layers(); layer++) {
      var projections = new TensorVector();
      var recurrent = new Tensor[setup.directions()];
      for (int direction = 0; direction < recurrent.length; direction++) {
        var cell = (direction == 0 ? "cells." : "cells_bi.") + layer + ".";
        var weight = sample.leaf(cell + "weight_ih", 1, Recurrence.HIDDEN, layerInput.size(2));
        recurrent[direction] = recurrent(sample, kind, cell + "weight_hh");
        var projected = torch.matmul(layerInput, weight.t());
        projections.push_back(
            setup.hasBias() ? projected.add(sample.leaf(cell + "bias_ih", 1, Recurrence.HIDDEN)) : projected);
      }
      var projected = torch.cat(projections, 2);
      if (kind.norm.place == Place.BEFORE) {
        projected = normalized(setup, kind.norm, layer, projected);
      }
      var outputs = new TensorVector();
      for (int direction = 0; direction < recurrent.length; direction++) {
        var own = projected.narrow(2, (long) direction * Recurrence.HIDDEN, Recurrence.HIDDEN);
        var start = initial.select(0, (long) layer * recurrent.length + direction);
        var sweep = sweep(setup, kind, own, recurrent[direction], start, direction == 1);
        outputs.push_back(sweep.output);
        finals.push_back(sweep.last);
      }
      layerInput = torch.cat(outputs, 2);
      if (kind.norm.place == Place.AFTER) {
        layerInput = normalized(setup, kind.norm, layer, layerInput);
      }
    }
    setup.result("output", setup.timeFirst(layerInput));
    setup.result("h_n", torch.stack(finals, 0));
    sample.backward();
  }

  private record Sweep(Tensor output, Tensor last) {}

  private static Sweep sweep(Recurrence setup, Kind kind, Tensor projected, Tensor recurrent, Tensor initial,
      boolean reverse) {
    var outputs = new Tensor[setup.steps()];
    var state = initial;
    for (int i = 0; i < outputs.length; i++) {
      int step = reverse ? outputs.length - 1 - i : i;
      var next = kind.activate(projected.select(0, step).add(recurrent.mul(state)));
      if (setup.hasLengths()) {
        var valid = setup.valid(step);
        outputs[step] = torch.where(valid, next, torch.zeros_like(next));
        state = torch.where(valid, next, state);
      } else {
        outputs[step] = next;
        state = next;
      }
    }
    return new Sweep(torch.stack(new TensorVector(outputs), 0), state);
  }

  /** u of one direction; where there are bounds, its first value is 0, which has no sign and stays. */
  private static Tensor recurrent(Sample sample, Kind kind, String key) {
    var data = sample.draw(1, Recurrence.HIDDEN);
    if (kind.bounded()) {
      data[0] = 0;
    }
    return bounded(sample, kind, key, sample.leaf(key, Values.real(data, data.length)));
  }

  private static Tensor bounded(Sample sample, Kind kind, String key, Tensor leaf) {
    if (kind.bounded()) {
      var value = leaf.detach();
      if (kind.minAbs > 0) {
        value = value.sign().mul(value.abs().clamp_min(new Scalar(kind.minAbs)));
      }
      if (kind.maxAbs > 0) {
        value = value.clamp(new ScalarOptional(new Scalar(-kind.maxAbs)), new ScalarOptional(new Scalar(kind.maxAbs)));
      }
      leaf.set_data(sample.constant("bounded." + key, value));
    }
    return leaf;
  }

  /** Batch normalisation of (steps, batch, channels). */
  private static Tensor normalized(Recurrence setup, Norm norm, int layer, Tensor value) {
    var sample = setup.sample();
    var prefix = "bns." + layer + ".";
    int steps = setup.steps();
    long channels = value.size(2);
    long[] shape = norm.perStep ? new long[] {steps, channels} : new long[] {channels};
    var weight = sample.leaf(prefix + "weight", 2, channels);
    var bias = sample.leaf(prefix + "bias", 1, channels);
    var mean = sample.constant(prefix + "running_mean", Values.real(sample.draw(1, shape), shape));
    var variance = sample.constant(prefix + "running_var",
        Values.real(sample.draw(0.5, shape), shape).add(new Scalar(1.0)));
    Tensor result;
    if (norm.perStep) {
      var outputs = new Tensor[steps];
      for (int step = 0; step < steps; step++) {
        outputs[step] = normalizedRows(norm, value.select(0, step), validRows(setup, step, step + 1), weight, bias,
            mean.select(0, step), variance.select(0, step));
      }
      result = torch.stack(new TensorVector(outputs), 0);
    } else {
      var rows = value.reshape(-1, channels);
      result = normalizedRows(norm, rows, validRows(setup, 0, steps), weight, bias, mean, variance)
          .reshape(Values.shapeOf(value));
    }
    if (norm.training) {
      sample.constant("after." + prefix + "running_mean", mean);
      sample.constant("after." + prefix + "running_var", variance);
    }
    return result;
  }

  private static Tensor normalizedRows(Norm norm, Tensor rows, Tensor valid, Tensor weight, Tensor bias, Tensor mean,
      Tensor variance) {
    var output = torch.batch_norm(torch.index_select(rows, 0, valid), new TensorOptional(weight),
        new TensorOptional(bias), new TensorOptional(mean), new TensorOptional(variance), norm.training, MOMENTUM, EPS,
        false);
    return torch.zeros_like(rows).index_copy(0, valid, output);
  }

  /** int64, the positions within their row's length among the (step, batch) rows of some steps. */
  private static Tensor validRows(Recurrence setup, int from, int to) {
    int batch = setup.batch();
    var valid = IntStream.range(0, (to - from) * batch)
        .filter(i -> !setup.hasLengths() || from + i / batch < setup.lengths()[i % batch])
        .asLongStream()
        .toArray();
    return Values.integers(valid, valid.length);
  }

  /** One step of four neurons, as the circulating implementations test themselves: relu gives 0, 0, 6, 10. */
  private void published() {
    var kind = Kind.RELU.bounds(1, 3);
    var sample = sheet.sample("bounds_published");
    kind.record(sample);
    sample.option("inputSize", 4).option("hiddenSize", 4).option("numLayers", 1).option("bias", false)
        .option("batchFirst", false).option("bidirectional", false).option("projSize", 0).option("unbatched", false)
        .option("givenState", true).option("givenLengths", false);
    var input = sample.leaf("input", constant(1, 1, 1, 4));
    var hidden = sample.leaf("h_0", constant(2, 1, 1, 4));
    var weight = sample.leaf("cells.0.weight_ih", constant(1, 4, 4));
    var key = "cells.0.weight_hh";
    var recurrent = bounded(sample, kind, key, sample.leaf(key, Values.real(new double[] {-5, -2, 0.1, 5}, 4)));
    var output = kind.activate(torch.matmul(input, weight.t()).add(recurrent.mul(hidden)));
    sample.result("output", output);
    sample.result("h_n", output);
    sample.backward();
  }

  private static Tensor constant(double value, long... shape) {
    var data = new double[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
    Arrays.fill(data, value);
    return Values.real(data, shape);
  }
}
