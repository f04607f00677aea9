package dev.sluice.golden;

import java.util.ArrayList;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * JANET by the paper's equation (van der Westhuizen and Lasenby, arXiv 1804.04849), from libtorch operations and their
 * autograd:
 *
 * <pre>
 * s = W_f x + U_f h + b_f,  g = tanh(W_c x + U_c h + b_c),  h' = sigmoid(s) h + (1 - sigmoid(s - beta)) g
 * </pre>
 *
 * <p>Rows of the weights: forget gate first, candidate second. A row past its length keeps its state and puts out
 * zeros; the reverse direction thus starts at each row's own last step.
 */
final class JanetSheet {
  private final Sheet sheet = new Sheet("janet");

  private JanetSheet() {}

  static Sheet make() {
    var cases = new JanetSheet();
    run(cases.add("one_layer"), 1);
    run(cases.add("beta_zero").state(), 0);
    run(cases.add("beta_half").state(), 0.5);
    run(cases.add("one_step").length(1).state(), 1);
    run(cases.add("saturated").saturated().state(), 1);
    run(cases.add("no_bias").withoutBias().state(), 1);
    run(cases.add("two_layers").layers(2).state(), 1);
    run(cases.add("bidirectional").bidirectional(), 1);
    run(cases.add("two_layers_bidirectional").layers(2).bidirectional().state(), 0.5);
    run(cases.add("batch_first").batchFirst().layers(2).bidirectional().state(), 1);
    run(cases.add("lengths").lengths(2, 5, 3), 1);
    run(cases.add("lengths_two_layers_bidirectional").lengths(4, 1, 5).layers(2).bidirectional().state(), 1);
    run(cases.add("lengths_batch_first_shorter").lengths(1, 4, 3).batchFirst().bidirectional().state(), 0.5);
    run(cases.add("unbatched").unbatched(), 1);
    run(cases.add("unbatched_two_layers_bidirectional").unbatched().layers(2).bidirectional().state(), 1);
    return cases.sheet;
  }

  private Recurrence add(String name) {
    return new Recurrence(sheet.sample(name));
  }

  private static void run(Recurrence setup, double beta) {
    setup.sample().option("madeBy", "the paper's equation in libtorch operations").option("beta", beta);
    var layerInput = setup.timeFirst(setup.batched(setup.input()));
    var initial = setup.initial("h_0", Recurrence.HIDDEN);
    var parameters = setup.parameters(2);
    int perDirection = setup.hasBias() ? 4 : 2;
    var finals = new TensorVector();
    for (int layer = 0; layer < setup.layers(); layer++) {
      var outputs = new TensorVector();
      for (int direction = 0; direction < setup.directions(); direction++) {
        int index = layer * setup.directions() + direction;
        var weights = new ArrayList<Tensor>();
        for (int i = 0; i < perDirection; i++) {
          weights.add(parameters.get((long) index * perDirection + i));
        }
        var sweep = sweep(setup, weights, layerInput, initial.select(0, index), direction == 1, beta);
        outputs.push_back(sweep.output);
        finals.push_back(sweep.last);
      }
      layerInput = torch.cat(outputs, 2);
    }
    setup.result("output", setup.timeFirst(layerInput));
    setup.result("h_n", torch.stack(finals, 0));
    setup.sample().backward();
  }

  private record Sweep(Tensor output, Tensor last) {}

  private static Sweep sweep(Recurrence setup, ArrayList<Tensor> weights, Tensor input, Tensor initial, boolean reverse,
      double beta) {
    var outputs = new Tensor[setup.steps()];
    var state = initial;
    for (int i = 0; i < outputs.length; i++) {
      int step = reverse ? outputs.length - 1 - i : i;
      var sums = torch.matmul(input.select(0, step), weights.get(0).t()).add(torch.matmul(state, weights.get(1).t()));
      if (setup.hasBias()) {
        sums = sums.add(weights.get(2)).add(weights.get(3));
      }
      var forget = sums.narrow(1, 0, Recurrence.HIDDEN);
      var candidate = sums.narrow(1, Recurrence.HIDDEN, Recurrence.HIDDEN).tanh();
      var accumulate = forget.sub(new Scalar(beta)).sigmoid().neg().add(new Scalar(1.0));
      var next = forget.sigmoid().mul(state).add(accumulate.mul(candidate));
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
}
