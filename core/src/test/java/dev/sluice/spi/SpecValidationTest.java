package dev.sluice.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.spi.GemmSpec.Matrix;
import dev.sluice.spi.Windows.Axis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Every spec refuses nonsense with operation, argument, what was given and what is wanted. */
class SpecValidationTest {
  private static final int[] NONE = {};

  @Test
  void memory() {
    refused("fill: length is -1, wanted at least 0", () -> new FillSpec(ElementType.REAL, -1, 0));
    refused("fill: value is 0.5, wanted a 32-bit integer", () -> new FillSpec(ElementType.INT32, 1, 0.5));
    refused("fill: value is 2.0, wanted 0 or 1", () -> new FillSpec(ElementType.BOOL, 1, 2));
    refused("copy: shape is -1, wanted at least 0", () -> copy(ElementType.REAL, ints(-1), ints(1), ints(1), 1, false));
    refused("copy: source has 0 strides, wanted one for each of the 1 dimensions",
        () -> copy(ElementType.REAL, ints(2), NONE, ints(1), 1, false));
    refused("copy: source walks from -1 to 0, wanted indices of 0 to 2147483646",
        () -> copy(ElementType.REAL, ints(2), ints(-1), ints(1), 1, false));
    refused("copy: target stride 0, wanted 1 or more",
        () -> copy(ElementType.REAL, ints(2), ints(1), ints(0), 1, false));
    refused("copy: scale or accumulate given for INT32, wanted neither",
        () -> copy(ElementType.INT32, ints(2), ints(1), ints(1), 2, false));
  }

  @Test
  void gemm() {
    Matrix plain = Matrix.dense(2, 2, false);
    refused("gemm: m is -1, wanted at least 0", () -> GemmSpec.of(-1, 1, 1, false, false));
    refused("gemm: c is transposed, wanted a plain c",
        () -> new GemmSpec(1, 2, 2, 2, plain, plain, Matrix.dense(2, 2, true), 1, 0, false));
    refused("gemm: a has row stride 1, wanted at least 2",
        () -> new GemmSpec(1, 2, 2, 2, new Matrix(0, 1, 4, false), plain, plain, 1, 0, false));
    refused("gemm: c has batch stride 0, wanted 1 or more",
        () -> new GemmSpec(2, 2, 2, 2, plain, plain, plain.shared(), 1, 0, false));
  }

  @Test
  void elementwise() {
    refused("relu: length is -2, wanted at least 0", () -> UnarySpec.of(UnaryOp.RELU, -2));
    refused("clamp: bounds are 2.0 and 1.0, wanted lower <= upper", () -> new UnarySpec(UnaryOp.CLAMP, 1, 2, 1));
    refused("add: left has stride 3 in dimension 0, wanted 0 or 1",
        () -> new BinarySpec(BinaryOp.ADD, ints(2), ints(3), ints(1)));
    refused("nor: right has stride 2 in dimension 1, wanted 0 or 1",
        () -> new LogicalSpec(LogicalOp.NOR, ints(2, 3), ints(3, 1), ints(0, 2)));
    refused("max: nothing to reduce, wanted 1 element or more", () -> new ReductionSpec(ReductionOp.MAX, 1, 0, 1));
    refused("sum: input has more than 2^31-1 elements, wanted at most 2147483647",
        () -> new ReductionSpec(ReductionOp.SUM, 1 << 16, 1 << 16, 1));
  }

  @Test
  void rows() {
    refused("softmax: rowsPerLength is 2, wanted a divisor of 3", () -> new SoftmaxSpec(3, 1, false, 2));
    refused("softmax: width is -1, wanted at least 0", () -> new SoftmaxSpec(3, -1, false));
    refused("crossEntropy: classes is 0, wanted at least 1",
        () -> new CrossEntropySpec(1, 0, Reduction.SUM, -100, 0));
    refused("crossEntropy: labelSmoothing is 1.5, wanted a probability, 0 to 1",
        () -> new CrossEntropySpec(1, 2, Reduction.SUM, -100, 1.5));
    refused("layerNorm: epsilon is NaN, wanted 0 or more", () -> new LayerNormSpec(1, 1, Double.NaN));
    refused("embedding: paddingIndex is 3, wanted -1 for none, or a row of the table: 0 to 2",
        () -> new EmbeddingSpec(1, 3, 1, 3));
    refused("dropout: length is -1, wanted at least 0", () -> new DropoutSpec(-1, Dropout.NONE));
  }

  @Test
  void windows() {
    refused("windows: kernel is 0, wanted at least 1", () -> axis(3, 0, 1, 0));
    refused("windows: stride is 0, wanted at least 1", () -> axis(3, 1, 0, 0));
    refused("windows: padding is -1, wanted at least 0", () -> axis(3, 1, 1, -1));
    refused("windows: dilation is 0, wanted at least 1", () -> new Axis(3, 1, 1, 0, 0, false));
    refused("windows: a kernel reaches over 6 positions, wanted at most the size and its padding, 5",
        () -> axis(3, 6, 1, 1));
    Axis axis = axis(3, 2, 1, 1);
    refused("windows: channels is -1, wanted at least 0", () -> new Windows(1, -1, axis, axis));
    Windows windows = new Windows(2, 1, axis, axis);
    refused("unfold: first is 1 and samples is 2, wanted a part of the batch of 2",
        () -> new UnfoldSpec(windows, 1, 2));
    Windows outside = new Windows(2, 1, axis, axis(3, 2, 1, 2));
    refused("maxPool: padding of the columns is 2, so that window 0 lies in it as a whole, wanted less",
        () -> new MaxPoolSpec(outside));
    refused("averagePool: a window lies in the padding as a whole, wanted an element in each, or the padding counted",
        () -> new AveragePoolSpec(outside, false, AveragePoolSpec.COUNTED));
    refused("averagePool: divisor is -1, wanted 1 or more, or 0 for the number of taps",
        () -> new AveragePoolSpec(windows, true, -1));
  }

  private static Axis axis(int size, int kernel, int stride, int padding) {
    return new Axis(size, kernel, stride, padding, 1, false);
  }

  @Test
  void attention() {
    refused("attention: heads is 3 for 2 key heads, wanted a multiple of the key heads", () -> attention(3, 2, 4));
    refused("attention: queries is -1, wanted at least 0", () -> attention(2, 2, -1));
    refused("attention: keyHeads is 0, wanted at least 1", () -> attention(2, 0, 1));
    refused("selection: count is 0, wanted at least 1", () -> new Selection.Largest(0, false));
    refused("selection: threshold is NaN, wanted a probability, 0 to 1",
        () -> new Selection.Threshold(Double.NaN, false));
    refused("select: rows is -1, wanted at least 0", () -> new SelectionSpec(-1, 1, Selection.ALL));
    refused("select: width is -1, wanted at least 0", () -> new SelectionSpec(1, -1, Selection.ALL));
  }

  @Test
  void recurrences() {
    refused("lstm: hiddenWidth is 0, wanted at least 1", () -> recurrent(RecurrentCell.LSTM, 0, 0, 1, 0, 0));
    refused("lstm: projectionWidth is 4, wanted 0 for none, or less than hiddenWidth 4",
        () -> recurrent(RecurrentCell.LSTM, 4, 4, 1, 0, 0));
    refused("janet: projectionWidth is 2, wanted 0: only LSTM has a projection",
        () -> recurrent(RecurrentCell.JANET, 4, 2, 1, 0, 0));
    refused("lstm: beta is 1.0, wanted 0: only JANET has it", () -> recurrent(RecurrentCell.LSTM, 4, 0, 1, 0, 1));
    refused("lstm: directions is 3, wanted 1 or 2", () -> recurrent(RecurrentCell.LSTM, 4, 0, 3, 0, 0));
    refused("lstm: direction is 1, wanted 0 to 0", () -> recurrent(RecurrentCell.LSTM, 4, 0, 1, 1, 0));
  }

  @Test
  void clippingAndOptimizers() {
    refused("norm: p is NaN, wanted a number or an infinity", () -> new NormSpec(Double.NaN));
    refused("clamp: bounds are 1.0 and -1.0, wanted lower <= upper", () -> new ClampSpec(1, -1));
    refused("sgd: learningRate is -1.0, wanted 0 or more", () -> new SgdSpec(-1, 0, 0, 0, false, false, true));
    refused("sgd: nesterov with momentum 0.0 and dampening 0.0, wanted momentum above 0 and dampening 0",
        () -> new SgdSpec(1, 0, 0, 0, true, false, true));
    refused("adam: beta2 is 1.0, wanted 0 to below 1",
        () -> new AdamSpec(1, 0.9, 1, 1e-8, 0, false, false, false, 1));
    refused("adam: step is 0, wanted 1 or more", () -> new AdamSpec(1, 0.9, 0.99, 1e-8, 0, false, false, false, 0));
  }

  @Test
  void anArgumentBroadcastOverNothingKeepsItsElements() {
    BinarySpec spec = new BinarySpec(BinaryOp.ADD, ints(0, 3), ints(0, 1), ints(3, 1));
    assertEquals(3, spec.leftLength());
    assertEquals(0, spec.rightLength());
    LogicalSpec logical = new LogicalSpec(LogicalOp.OR, ints(0, 3), ints(0, 1), ints(3, 1));
    assertEquals(3, logical.leftLength());
    assertEquals(0, logical.rightLength());
  }

  private static void refused(String message, Executable make) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, make).getMessage());
  }

  private static CopySpec copy(ElementType type, int[] shape, int[] from, int[] to, double scale, boolean accumulate) {
    return new CopySpec(type, shape, 0, from, 0, to, scale, accumulate);
  }

  private static AttentionSpec attention(int heads, int keyHeads, int queries) {
    Layout layout = new Layout(0, 0, 0);
    return new AttentionSpec(1, heads, keyHeads, queries, 4, 2, 2, layout, layout, layout, layout, 1, Causal.NONE, null,
        null, false, Dropout.NONE);
  }

  private static RecurrentSpec recurrent(RecurrentCell cell, int hidden, int projection, int directions, int direction,
      double beta) {
    return new RecurrentSpec(cell, 2, 3, 4, hidden, projection, true, false, false, directions, direction, false, beta,
        false);
  }

  private static int[] ints(int... values) {
    return values;
  }
}
