package dev.sluice.golden;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.PackedSequence;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * torch.lstm, the function under torch.nn.LSTM. Rows of different lengths go through pack_padded_sequence (unsorted)
 * and pad_packed_sequence, as a user of torch.nn.LSTM packs them.
 */
final class LstmSheet {
  private final Sheet sheet = new Sheet("lstm");

  private LstmSheet() {}

  static Sheet make() {
    var cases = new LstmSheet();
    run(cases.add("one_layer"));
    run(cases.add("one_step").length(1).state());
    run(cases.add("state").state());
    run(cases.add("saturated").saturated().state());
    run(cases.add("no_bias").withoutBias().state());
    run(cases.add("two_layers").layers(2).state());
    run(cases.add("bidirectional").bidirectional());
    run(cases.add("two_layers_bidirectional").layers(2).bidirectional().state());
    run(cases.add("batch_first").batchFirst().layers(2).bidirectional().state());
    run(cases.add("projection").projection(3).state());
    run(cases.add("projection_two_layers_bidirectional").projection(3).layers(2).bidirectional().state());
    run(cases.add("lengths").lengths(2, 5, 3));
    run(cases.add("lengths_two_layers_bidirectional").lengths(4, 1, 5).layers(2).bidirectional().state());
    run(cases.add("lengths_batch_first_shorter").lengths(1, 4, 3).batchFirst().bidirectional().state());
    run(cases.add("lengths_projection_bidirectional").lengths(3, 4, 2).projection(3).bidirectional().state());
    run(cases.add("unbatched").unbatched());
    run(cases.add("unbatched_two_layers_bidirectional").unbatched().layers(2).bidirectional().state());
    run(cases.add("unbatched_projection").unbatched().projection(3).state());
    return cases.sheet;
  }

  private Recurrence add(String name) {
    return new Recurrence(sheet.sample(name));
  }

  private static void run(Recurrence setup) {
    var input = setup.input();
    var hidden = setup.initial("h_0", setup.outputWidth());
    var cell = setup.initial("c_0", Recurrence.HIDDEN);
    var parameters = setup.parameters(4);
    if (setup.hasLengths()) {
      packed(setup, input, hidden, cell, parameters);
    } else {
      var states = new TensorVector(hidden, cell);
      var result = torch.lstm(setup.batched(input), states, parameters, setup.hasBias(), setup.layers(), 0.0, false,
          setup.isBidirectional(), setup.isBatchFirst());
      setup.result("output", result.get0());
      setup.result("h_n", result.get1());
      setup.result("c_n", result.get2());
    }
    setup.sample().backward();
  }

  private static void packed(Recurrence setup, Tensor input, Tensor hidden, Tensor cell, TensorVector parameters) {
    var packed = torch.pack_padded_sequence(input, setup.lengthsTensor(), setup.isBatchFirst(), false);
    var sorted = packed.sorted_indices();
    var states = new TensorVector(Recurrence.rows(hidden, sorted), Recurrence.rows(cell, sorted));
    var result = torch.lstm(packed.data(), packed.batch_sizes(), states, parameters, setup.hasBias(),
        setup.layers(), 0.0, false, setup.isBidirectional());
    var sequence = new PackedSequence(result.get0(), packed.batch_sizes(), sorted,
        packed.unsorted_indices());
    var output = torch.pad_packed_sequence(sequence, setup.isBatchFirst(), 0.0, new LongOptional(setup.steps())).get0();
    setup.result("output", output);
    setup.result("h_n", Recurrence.rows(result.get1(), packed.unsorted_indices()));
    setup.result("c_n", Recurrence.rows(result.get2(), packed.unsorted_indices()));
  }
}
