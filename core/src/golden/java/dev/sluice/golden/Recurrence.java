package dev.sluice.golden;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What the cases of all recurrences have in common: the constructor arguments of torch.nn.LSTM, its parameter names and
 * layouts, and inputs of length 5, batch 3 and width 2 for a hidden width of 4. A padded input position holds 1000, so
 * that whoever reads it is found out.
 */
final class Recurrence {
  static final int BATCH = 3;
  static final int INPUT = 2;
  static final int HIDDEN = 4;
  private static final double PADDING = 1000;

  private final Sample sample;
  private int length = 5;
  private int layers = 1;
  private int projection;
  private boolean bias = true;
  private boolean bidirectional;
  private boolean batchFirst;
  private boolean unbatched;
  private boolean state;
  private double bound = 2;
  private int[] lengths = {};

  Recurrence(Sample sample) {
    this.sample = sample;
  }

  Recurrence length(int steps) {
    length = steps;
    return this;
  }

  Recurrence layers(int count) {
    layers = count;
    return this;
  }

  Recurrence projection(int width) {
    projection = width;
    return this;
  }

  Recurrence withoutBias() {
    bias = false;
    return this;
  }

  Recurrence bidirectional() {
    bidirectional = true;
    return this;
  }

  Recurrence batchFirst() {
    batchFirst = true;
    return this;
  }

  Recurrence unbatched() {
    unbatched = true;
    return this;
  }

  Recurrence state() {
    state = true;
    return this;
  }

  /** Inputs large enough to saturate the gates. */
  Recurrence saturated() {
    bound = 64;
    return this;
  }

  Recurrence lengths(int... steps) {
    lengths = steps;
    return this;
  }

  Sample sample() {
    return sample;
  }

  int steps() {
    return length;
  }

  int layers() {
    return layers;
  }

  int directions() {
    return bidirectional ? 2 : 1;
  }

  int batch() {
    return unbatched ? 1 : BATCH;
  }

  /** Width of what a direction puts out and feeds back. */
  int outputWidth() {
    return projection > 0 ? projection : HIDDEN;
  }

  boolean hasBias() {
    return bias;
  }

  boolean isBidirectional() {
    return bidirectional;
  }

  boolean isBatchFirst() {
    return batchFirst;
  }

  boolean hasLengths() {
    return lengths.length > 0;
  }

  int[] lengths() {
    return lengths;
  }

  /** Records the options and draws the input, in the layout that the options say. */
  Tensor input() {
    sample
        .option("inputSize", INPUT)
        .option("hiddenSize", HIDDEN)
        .option("numLayers", layers)
        .option("bias", bias)
        .option("batchFirst", batchFirst)
        .option("bidirectional", bidirectional)
        .option("projSize", projection)
        .option("unbatched", unbatched)
        .option("givenState", state)
        .option("givenLengths", hasLengths());
    if (unbatched) {
      return sample.leaf("input", bound, length, INPUT);
    }
    long[] shape = batchFirst ? new long[] {BATCH, length, INPUT} : new long[] {length, BATCH, INPUT};
    var data = sample.draw(bound, shape);
    if (hasLengths()) {
      sample.constant("lengths", lengthsTensor());
      for (int row = 0; row < BATCH; row++) {
        for (int step = lengths[row]; step < length; step++) {
          int start = (batchFirst ? row * length + step : step * BATCH + row) * INPUT;
          Arrays.fill(data, start, start + INPUT, PADDING);
        }
      }
    }
    return sample.leaf("input", Values.real(data, shape));
  }

  /** int64 (batch), the number of valid steps of each row. */
  Tensor lengthsTensor() {
    return Values.integers(Arrays.stream(lengths).asLongStream().toArray(), lengths.length);
  }

  /** Boolean (batch, 1): whether a row has this step. */
  Tensor valid(int step) {
    var flags = Arrays.stream(lengths).mapToLong(length -> step < length ? 1 : 0).toArray();
    return Values.integers(flags, flags.length, 1).ne(new Scalar(0L));
  }

  /** The initial state, (layers x directions, batch, width) even if unbatched; zeros if none is given. */
  Tensor initial(String key, int width) {
    int rows = layers * directions();
    if (!state) {
      return Values.real(new double[rows * batch() * width], rows, batch(), width);
    }
    return unbatched
        ? sample.leaf(key, 1, rows, width).unsqueeze(1)
        : sample.leaf(key, 1, rows, BATCH, width);
  }

  /** Draws the parameters, in PyTorch's order of registration: per layer and direction w_ih, w_hh, b_ih, b_hh, w_hr. */
  TensorVector parameters(int gates) {
    var parameters = new TensorVector();
    for (int layer = 0; layer < layers; layer++) {
      int width = layer == 0 ? INPUT : directions() * outputWidth();
      for (int direction = 0; direction < directions(); direction++) {
        var suffix = "_l" + layer + (direction == 0 ? "" : "_reverse");
        parameters.push_back(sample.leaf("weight_ih" + suffix, 1, gates * HIDDEN, width));
        parameters.push_back(sample.leaf("weight_hh" + suffix, 1, gates * HIDDEN, outputWidth()));
        if (bias) {
          parameters.push_back(sample.leaf("bias_ih" + suffix, 1, gates * HIDDEN));
          parameters.push_back(sample.leaf("bias_hh" + suffix, 1, gates * HIDDEN));
        }
        if (projection > 0) {
          parameters.push_back(sample.leaf("weight_hr" + suffix, 1, projection, HIDDEN));
        }
      }
    }
    return parameters;
  }

  /** Stores an output or a final state, without the batch axis if the input came without one. */
  void result(String key, Tensor value) {
    sample.result(key, unbatched ? value.squeeze(1) : value);
  }

  /** Swaps the first two axes if the options say batch first: from that layout to time first, and back. */
  Tensor timeFirst(Tensor value) {
    return batchFirst ? value.transpose(0, 1) : value;
  }

  /** The input with a batch axis of one if it has none. */
  Tensor batched(Tensor input) {
    return unbatched ? input.unsqueeze(1) : input;
  }

  /** A state with its batch rows in another order. */
  static Tensor rows(Tensor value, Tensor order) {
    return torch.index_select(value, 1, order);
  }
}
