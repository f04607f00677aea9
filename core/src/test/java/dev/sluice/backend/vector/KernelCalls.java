package dev.sluice.backend.vector;

import dev.sluice.spi.AdamSpec;
import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.AveragePoolSpec;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClampSpec;
import dev.sluice.spi.CrossEntropySpec;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.DropoutSpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.EmbeddingSpec;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.LayerNormSpec;
import dev.sluice.spi.MaxPoolSpec;
import dev.sluice.spi.NormSpec;
import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentKernels;
import dev.sluice.spi.RecurrentSpec;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import dev.sluice.spi.ScaleToNormSpec;
import dev.sluice.spi.Selection;
import dev.sluice.spi.SelectionSpec;
import dev.sluice.spi.SgdSpec;
import dev.sluice.spi.SoftmaxSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import dev.sluice.spi.UnfoldSpec;
import dev.sluice.spi.Windows;
import dev.sluice.spi.Windows.Axis;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Calls of the kernels that training spends its time in, ready to be repeated; widths with and without a tail. */
public final class KernelCalls implements AutoCloseable {
  private static final int[] WIDTHS = {64, 50};

  private final Backend backend;
  private final Random random = new Random(5);
  private final Map<String, Runnable> calls = new LinkedHashMap<>();

  /** Calls of a backend, which is closed with this. */
  public KernelCalls(Backend backend) {
    this.backend = backend;
    for (int width : WIDTHS) {
      softmax(width);
      loss(width);
      layerNorm(width);
      attention(width);
      for (RecurrentCell cell : RecurrentCell.values()) {
        recurrence(cell, width);
      }
      gemm(width);
      elementwise(64 * width);
    }
    lists();
    embedding();
    windows();
  }

  /** What can be called. */
  public Map<String, Runnable> calls() {
    return calls;
  }

  @Override
  public void close() {
    backend.close();
  }

  private void softmax(int width) {
    int rows = 40;
    Buffer x = reals(rows * width);
    Buffer y = reals(rows * width);
    Buffer g = reals(rows * width);
    Buffer gradX = reals(rows * width);
    Buffer mask = backend.allocate(ElementType.BOOL, rows * width);
    boolean[] shown = new boolean[rows * width];
    for (int i = 0; i < shown.length; i++) {
      shown[i] = i % 5 > 0;
    }
    backend.write(shown, 0, mask, 0, shown.length);
    for (boolean log : new boolean[] {false, true}) {
      SoftmaxSpec spec = new SoftmaxSpec(rows, width, log, 1);
      String name = (log ? "log-softmax " : "softmax ") + width;
      calls.put(name, () -> backend.softmax().softmax(spec, x, null, null, y));
      calls.put(name + " masked", () -> backend.softmax().softmax(spec, x, mask, null, y));
      calls.put(name + " backward", () -> backend.softmax().softmaxBackward(spec, y, null, null, g, gradX));
    }
    SoftmaxSpec spec = new SoftmaxSpec(rows, width, false, 1);
    calls.put("sparsemax " + width, () -> backend.softmax().sparsemax(spec, x, mask, null, y));
    calls.put("sparsemax backward " + width, () -> backend.softmax().sparsemaxBackward(spec, y, mask, null, g, gradX));
    SelectionSpec largest = new SelectionSpec(rows, width, new Selection.Largest(5, true));
    Buffer kept = backend.allocate(ElementType.BOOL, rows * width);
    calls.put("select " + width, () -> backend.softmax().select(largest, x, null, y, kept));
  }

  private void loss(int classes) {
    CrossEntropySpec spec = new CrossEntropySpec(32, classes, Reduction.MEAN, -100, 0.1);
    Buffer logits = reals(32 * classes);
    Buffer labels = indices(32, classes);
    Buffer loss = reals(1);
    Buffer gradLogits = reals(32 * classes);
    Buffer reserve = reals(backend.loss().crossEntropyReserve(spec));
    calls.put("cross-entropy " + classes, () -> backend.loss().crossEntropy(spec, logits, labels, loss, reserve));
    calls.put("cross-entropy backward " + classes,
        () -> backend.loss().crossEntropyBackward(spec, logits, labels, loss, reserve, gradLogits));
  }

  private void layerNorm(int width) {
    LayerNormSpec spec = new LayerNormSpec(40, width, 1e-5);
    Buffer x = reals(40 * width);
    Buffer y = reals(40 * width);
    Buffer weight = reals(width);
    Buffer bias = reals(width);
    Buffer gradX = reals(40 * width);
    Buffer gradWeight = reals(width);
    Buffer gradBias = reals(width);
    Buffer reserve = reals(backend.normalization().layerNormReserve(spec));
    calls.put("layer norm " + width, () -> backend.normalization().layerNorm(spec, x, weight, bias, y, reserve));
    calls.put("layer norm backward " + width, () -> backend.normalization()
        .layerNormBackward(spec, x, weight, reserve, y, gradX, gradWeight, gradBias));
  }

  private void attention(int width) {
    int size = 2 * 2 * 40 * width;
    var inputs = new AttentionKernels.Inputs(reals(size), reals(size), reals(size), null, null, null);
    Buffer output = reals(size);
    Buffer gradOutput = reals(size);
    var gradients = new AttentionKernels.Gradients(reals(size), reals(size), reals(size), null);
    softAttention("attention " + width, attention(40, width, Causal.NONE), inputs, output, gradOutput, gradients);
    softAttention("attention causal " + width, attention(40, width, Causal.TOP_LEFT), inputs, output, gradOutput,
        gradients);
    softAttention("attention of one query " + width, attention(1, width, Causal.NONE), inputs, output, gradOutput,
        gradients);
    hardAttention(attention(40, width, Causal.NONE), inputs, output, gradOutput, gradients);
  }

  private static AttentionSpec attention(int queries, int width, Causal causal) {
    Layout asking = Layout.headsFirst(2, queries, width);
    Layout asked = Layout.headsFirst(2, 40, width);
    return new AttentionSpec(2, 2, 2, queries, 40, width, width, asking, asked, asked, asking, 1 / Math.sqrt(width),
        causal, null, null, false, Dropout.NONE);
  }

  private void softAttention(String name, AttentionSpec spec, AttentionKernels.Inputs inputs, Buffer output,
      Buffer gradOutput, AttentionKernels.Gradients gradients) {
    Buffer reserve = reals(backend.attention().attentionReserve(spec));
    calls.put(name, () -> backend.attention().attention(spec, inputs, output, null, reserve));
    calls.put(name + " backward", () -> backend.attention()
        .attentionBackward(spec, inputs, output, reserve, gradOutput, null, gradients));
  }

  private void hardAttention(AttentionSpec soft, AttentionKernels.Inputs inputs, Buffer output, Buffer gradOutput,
      AttentionKernels.Gradients gradients) {
    for (Selection selection : List.of(new Selection.Threshold(0.02, false), new Selection.Largest(5, false),
        new Selection.Largest(5, true), new Selection.Sampled(3, 4), new Selection.ArgMax())) {
      AttentionSpec spec = soft.withSelection(selection);
      Buffer reserve = reals(backend.attention().attentionReserve(spec));
      String name = "attention " + selection + " " + soft.width();
      calls.put(name, () -> backend.attention().attention(spec, inputs, output, null, reserve));
      backend.attention().attention(spec, inputs, output, null, reserve);
      calls.put(name + " backward", () -> backend.attention()
          .attentionBackward(spec, inputs, output, reserve, gradOutput, null, gradients));
    }
  }

  private void recurrence(RecurrentCell cell, int hidden) {
    int steps = 6;
    int batch = 5;
    int inputWidth = 20;
    RecurrentSpec spec = new RecurrentSpec(cell, steps, batch, inputWidth, hidden, 0, true, false, false, 1, 0, false,
        cell == RecurrentCell.JANET ? 1 : 0, false);
    int gates = spec.gateWidth();
    int units = steps * batch * hidden;
    var inputs = new RecurrentKernels.Inputs(reals(steps * batch * inputWidth), null, null, null);
    var weights = weights(gates, inputWidth, hidden);
    var outputs = new RecurrentKernels.Outputs(reals(units), reals(batch * hidden),
        cell.hasCellState() ? reals(batch * hidden) : null);
    Buffer reserve = reals(backend.recurrent().recurrenceReserve(spec));
    var gradOutputs = new RecurrentKernels.Outputs(reals(units), null, null);
    var gradInputs = new RecurrentKernels.InputGradients(reals(steps * batch * inputWidth), null, null);
    var gradWeights = weights(gates, inputWidth, hidden);
    calls.put(cell + " " + hidden, () -> backend.recurrent().recurrence(spec, inputs, weights, outputs, reserve));
    calls.put(cell + " backward " + hidden, () -> backend.recurrent()
        .recurrenceBackward(spec, inputs, weights, outputs, reserve, gradOutputs, gradInputs, gradWeights));
  }

  private RecurrentKernels.Weights weights(int gates, int inputWidth, int hidden) {
    return new RecurrentKernels.Weights(reals(gates * inputWidth), reals(gates * hidden), reals(gates), reals(gates),
        null);
  }

  private void gemm(int width) {
    GemmSpec spec = GemmSpec.of(40, 30, width, false, false);
    Buffer a = reals(40 * width);
    Buffer b = reals(width * 30);
    Buffer c = reals(40 * 30);
    calls.put("gemm " + width, () -> backend.gemm().multiply(spec, a, b, null, c));
  }

  private void elementwise(int length) {
    Buffer x = reals(length);
    Buffer y = reals(length);
    Buffer gradX = reals(length);
    for (UnaryOp op : UnaryOp.values()) {
      UnarySpec spec = new UnarySpec(op, length, op == UnaryOp.POWER ? 3 : 0.5, 1);
      calls.put(op + " " + length, () -> backend.elementwise().unary(spec, x, y));
      calls.put(op + " backward " + length, () -> backend.elementwise().unaryBackward(spec, x, y, x, gradX));
    }
    for (ReductionOp op : ReductionOp.values()) {
      ReductionSpec spec = new ReductionSpec(op, 1, length, 1);
      calls.put(op + " " + length, () -> backend.reduction().reduce(spec, x, y));
    }
    DropoutSpec dropout = new DropoutSpec(length, new Dropout(0.25, 3, 4));
    calls.put("dropout " + length, () -> backend.dropout().dropout(dropout, x, y));
  }

  private void lists() {
    List<Buffer> p = List.of(reals(2000), reals(301));
    List<Buffer> g = List.of(reals(2000), reals(301));
    List<Buffer> m = List.of(reals(2000), reals(301));
    List<Buffer> v = List.of(reals(2000), reals(301));
    Buffer norm = reals(1);
    for (double order : new double[] {1, 2, Double.POSITIVE_INFINITY}) {
      calls.put(order + "-norm", () -> backend.clipping().norm(new NormSpec(order), g, norm));
    }
    calls.put("scale to norm", () -> backend.clipping().scaleToNorm(new ScaleToNormSpec(1e3), norm, g));
    calls.put("clamp", () -> backend.clipping().clamp(new ClampSpec(-1, 1), g));
    AdamSpec adam = new AdamSpec(1e-3, 0.9, 0.999, 1e-8, 0.01, true, false, false, 3);
    calls.put("adam", () -> backend.optimizer().adam(adam, p, g, m, v, null));
    SgdSpec sgd = new SgdSpec(1e-3, 0.9, 0, 0, true, false, false);
    calls.put("sgd", () -> backend.optimizer().sgd(sgd, p, g, v));
  }

  private void embedding() {
    EmbeddingSpec spec = new EmbeddingSpec(50, 30, 40, EmbeddingSpec.NO_PADDING);
    Buffer table = reals(30 * 40);
    Buffer indices = indices(50, 30);
    Buffer y = reals(50 * 40);
    calls.put("embedding", () -> backend.embedding().embedding(spec, table, indices, y));
    calls.put("embedding backward", () -> backend.embedding().embeddingBackward(spec, indices, y, table));
  }

  private void windows() {
    Axis axis = new Axis(30, 3, 1, 1, 1, false);
    Windows windows = new Windows(2, 3, axis, axis);
    Buffer x = reals(2 * 3 * 900);
    Buffer y = reals(2 * 3 * 900);
    Buffer columns = reals(9 * 2 * 3 * 900);
    Buffer indices = indices(2 * 3 * 900, 900);
    UnfoldSpec unfold = new UnfoldSpec(windows, 0, 2);
    calls.put("unfold", () -> backend.window().unfold(unfold, x, columns));
    calls.put("unfold backward", () -> backend.window().unfoldBackward(unfold, columns, x));
    MaxPoolSpec max = new MaxPoolSpec(windows);
    calls.put("max pool", () -> backend.window().maxPool(max, x, y, indices));
    calls.put("max pool backward", () -> backend.window().maxPoolBackward(max, indices, y, x));
    AveragePoolSpec average = new AveragePoolSpec(windows, true, AveragePoolSpec.COUNTED);
    calls.put("average pool", () -> backend.window().averagePool(average, x, y));
    calls.put("average pool backward", () -> backend.window().averagePoolBackward(average, y, x));
  }

  private Buffer reals(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = 0.1f + random.nextFloat();
    }
    Buffer buffer = backend.allocate(ElementType.REAL, length);
    backend.write(values, 0, buffer, 0, length);
    return buffer;
  }

  private Buffer indices(int length, int bound) {
    int[] values = random.ints(length, 0, bound).toArray();
    Buffer buffer = backend.allocate(ElementType.INT32, length);
    backend.write(values, 0, buffer, 0, length);
    return buffer;
  }
}
