package dev.sluice.golden;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.PackedSequence;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * torch.gru, torch.rnn_tanh and torch.rnn_relu, the functions under torch.nn.GRU and torch.nn.RNN, whose only state is
 * the hidden one. Cases and packing as {@link LstmSheet}'s, without projections.
 */
final class HiddenStateSheet {
  private enum Cell {
    GRU(3), RNN_TANH(1), RNN_RELU(1);

    private final int gates;

    Cell(int gates) {
      this.gates = gates;
    }
  }

  private final Sheet sheet;
  private final Cell cell;
  private final String prefix;

  private HiddenStateSheet(Sheet sheet, Cell cell, String prefix) {
    this.sheet = sheet;
    this.cell = cell;
    this.prefix = prefix;
  }

  static Sheet gru() {
    var sheet = new Sheet("gru");
    new HiddenStateSheet(sheet, Cell.GRU, "").all();
    return sheet;
  }

  /** Every case with the hyperbolic tangent; with the rectifier, under {@code relu_} names, those where it matters. */
  static Sheet rnn() {
    var sheet = new Sheet("rnn");
    new HiddenStateSheet(sheet, Cell.RNN_TANH, "").all();
    new HiddenStateSheet(sheet, Cell.RNN_RELU, "relu_").some();
    return sheet;
  }

  private void all() {
    run(add("one_layer"));
    run(add("one_step").length(1).state());
    run(add("state").state());
    run(add("saturated").saturated().state());
    run(add("no_bias").withoutBias().state());
    run(add("two_layers").layers(2).state());
    run(add("bidirectional").bidirectional());
    run(add("two_layers_bidirectional").layers(2).bidirectional().state());
    run(add("batch_first").batchFirst().bidirectional().state());
    run(add("lengths").lengths(2, 5, 3));
    run(add("lengths_two_layers_bidirectional").lengths(4, 1, 5).layers(2).bidirectional().state());
    run(add("lengths_batch_first_shorter").lengths(1, 4, 3).batchFirst().bidirectional().state());
    run(add("unbatched").unbatched());
    run(add("unbatched_bidirectional").unbatched().bidirectional().state());
  }

  private void some() {
    run(add("one_layer"));
    run(add("no_bias").withoutBias().state());
    run(add("two_layers").layers(2).state());
    run(add("lengths_two_layers_bidirectional").lengths(4, 1, 5).layers(2).bidirectional().state());
    run(add("unbatched").unbatched());
  }

  private Recurrence add(String name) {
    return new Recurrence(sheet.sample(prefix + name));
  }

  private void run(Recurrence setup) {
    if (cell != Cell.GRU) {
      setup.sample().option("nonlinearity", cell == Cell.RNN_TANH ? "tanh" : "relu");
    }
    var input = setup.input();
    var hidden = setup.initial("h_0", Recurrence.HIDDEN);
    var parameters = setup.parameters(cell.gates);
    if (setup.hasLengths()) {
      var packed = torch.pack_padded_sequence(input, setup.lengthsTensor(), setup.isBatchFirst(), false);
      var result = packed(setup, packed, Recurrence.rows(hidden, packed.sorted_indices()), parameters);
      var sequence = new PackedSequence(result.get0(), packed.batch_sizes(), packed.sorted_indices(),
          packed.unsorted_indices());
      var total = new LongOptional(setup.steps());
      setup.result("output", torch.pad_packed_sequence(sequence, setup.isBatchFirst(), 0.0, total).get0());
      setup.result("h_n", Recurrence.rows(result.get1(), packed.unsorted_indices()));
    } else {
      var result = padded(setup, setup.batched(input), hidden, parameters);
      setup.result("output", result.get0());
      setup.result("h_n", result.get1());
    }
    setup.sample().backward();
  }

  private T_TensorTensor_T padded(Recurrence setup, Tensor input, Tensor hidden, TensorVector parameters) {
    boolean bias = setup.hasBias();
    int layers = setup.layers();
    boolean both = setup.isBidirectional();
    boolean batchFirst = setup.isBatchFirst();
    return switch (cell) {
      case GRU -> torch.gru(input, hidden, parameters, bias, layers, 0.0, false, both, batchFirst);
      case RNN_TANH -> torch.rnn_tanh(input, hidden, parameters, bias, layers, 0.0, false, both, batchFirst);
      case RNN_RELU -> torch.rnn_relu(input, hidden, parameters, bias, layers, 0.0, false, both, batchFirst);
    };
  }

  private T_TensorTensor_T packed(Recurrence setup, PackedSequence input, Tensor hidden, TensorVector parameters) {
    var data = input.data();
    var sizes = input.batch_sizes();
    boolean bias = setup.hasBias();
    int layers = setup.layers();
    boolean both = setup.isBidirectional();
    return switch (cell) {
      case GRU -> torch.gru(data, sizes, hidden, parameters, bias, layers, 0.0, false, both);
      case RNN_TANH -> torch.rnn_tanh(data, sizes, hidden, parameters, bias, layers, 0.0, false, both);
      case RNN_RELU -> torch.rnn_relu(data, sizes, hidden, parameters, bias, layers, 0.0, false, both);
    };
  }
}
