package dev.sluice.autograd;

import static dev.sluice.testing.FiniteDifferences.backend;
import static dev.sluice.testing.FiniteDifferences.check;
import static dev.sluice.testing.FiniteDifferences.checkAll;
import static dev.sluice.testing.FiniteDifferences.constant;
import static dev.sluice.testing.FiniteDifferences.leaf;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.spi.EmbeddingSpec;
import dev.sluice.spi.IndRnnSpec.Activation;
import dev.sluice.spi.RecurrentCell;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The gradient of every operation against finite differences, in double. */
class OperationGradientTest {
  @TestFactory
  Stream<DynamicTest> arithmeticWithEveryKindOfBroadcasting() {
    List<Named<BinaryOperator<Tensor>>> operations = List.of(
        new Named<>("add", Arithmetic::add), new Named<>("sub", Arithmetic::sub), new Named<>("mul", Arithmetic::mul),
        new Named<>("div", Arithmetic::div), new Named<>("maximum", Arithmetic::maximum),
        new Named<>("minimum", Arithmetic::minimum),
        new Named<>("pow", (a, b) -> Arithmetic.pow(Arithmetic.add(Pointwise.square(a), 0.5), b)));
    int[][][] shapes = {{{3, 4}, {3, 4}}, {{3, 4}, {4}}, {{3, 1}, {1, 4}}, {{2, 1, 3}, {5, 1}}, {{}, {2, 3}},
        {{2, 3, 2}, {2, 1, 2}}, {{1}, {3}}};
    List<DynamicTest> tests = new ArrayList<>();
    for (Named<BinaryOperator<Tensor>> operation : operations) {
      for (int[][] pair : shapes) {
        Tensor a = leaf(1, pair[0]);
        Tensor b = leaf(2, pair[1]);
        tests.add(DynamicTest.dynamicTest(operation.name + " " + a.shape() + " " + b.shape(),
            () -> check(in -> operation.function.apply(in[0], awayFromZero(in[1])), a, b)));
      }
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> functionsOfEachElement() {
    List<Named<UnaryOperator<Tensor>>> operations = List.of(
        new Named<>("abs", Pointwise::abs), new Named<>("square", Pointwise::square),
        new Named<>("sqrt", x -> Pointwise.sqrt(positive(x))), new Named<>("reciprocal",
            x -> Pointwise.reciprocal(positive(x))),
        new Named<>("exp", Pointwise::exp), new Named<>("log", x -> Pointwise.log(positive(x))),
        new Named<>("tanh", Pointwise::tanh), new Named<>("sigmoid", Pointwise::sigmoid),
        new Named<>("relu", Pointwise::relu), new Named<>("leakyRelu", x -> Pointwise.leakyRelu(x, 0.1)),
        new Named<>("gelu", Pointwise::gelu), new Named<>("geluTanh", Pointwise::geluTanh),
        new Named<>("softplus", Pointwise::softplus), new Named<>("clamp", x -> Pointwise.clamp(x, -0.7, 0.9)),
        new Named<>("pow 3", x -> Arithmetic.pow(x, 3)), new Named<>("pow -1.5", x -> Arithmetic.pow(positive(x),
            -1.5)),
        new Named<>("add", x -> Arithmetic.add(x, 3)), new Named<>("sub", x -> Arithmetic.sub(x, 3)),
        new Named<>("mul", x -> Arithmetic.mul(x, -2.5)), new Named<>("div", x -> Arithmetic.div(x, 3)),
        new Named<>("neg", Arithmetic::neg));
    return operations.stream().map(operation -> DynamicTest.dynamicTest(operation.name,
        () -> check(in -> operation.function.apply(in[0]), leaf(3, 5, 7))));
  }

  @TestFactory
  Stream<DynamicTest> shaping() {
    List<Named<UnaryOperator<Tensor>>> operations = List.of(
        new Named<>("reshape", x -> Shaping.reshape(x, -1, 6)), new Named<>("flatten", x -> Shaping.flatten(x, 1, 2)),
        new Named<>("permute", x -> Shaping.permute(x, 2, 0, 1)), new Named<>("transpose", x -> Shaping.transpose(x, 0,
            -1)),
        new Named<>("unsqueeze, squeeze", x -> Shaping.squeeze(Shaping.unsqueeze(x, -1), 3)),
        new Named<>("expand", x -> Shaping.expand(Shaping.unsqueeze(x, 1), 5, 2, 4, 3, 4)),
        new Named<>("narrow", x -> Shaping.narrow(x, 1, 1, 2)), new Named<>("select", x -> Shaping.select(x, 2, -1)),
        new Named<>("indexSelect", x -> Shaping.indexSelect(x, 1, 2, 0, 2, 2)),
        new Named<>("indexSelect of the last", x -> Shaping.indexSelect(x, -1, 3, 1)),
        new Named<>("flip", x -> Shaping.flip(x, 1)));
    return operations.stream().map(operation -> DynamicTest.dynamicTest(operation.name,
        () -> check(in -> operation.function.apply(in[0]), leaf(4, 2, 3, 4))));
  }

  @Test
  void joiningAndCutting() {
    check(in -> Shaping.cat(List.of(in[0], in[1], in[2]), 1), leaf(1, 2, 3, 2), leaf(2, 2, 1, 2), leaf(3, 2, 0, 2));
    check(in -> Shaping.stack(List.of(in[0], in[1]), -1), leaf(1, 2, 3), leaf(2, 2, 3));
    checkAll(in -> Shaping.chunk(in[0], 3, 1), leaf(1, 2, 7));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "5 | 5", "3 4 | 4", "4 | 4 3", "3 4 | 4 2", "2 3 4 | 4 2", "2 3 4 | 2 4 2", "3 4 | 2 4 5", "2 1 3 4 | 3 4 2",
        "2 1 1 3 | 1 3 3 2",
    "5 2 3 4 | 1 4 2", "1 1 | 1 1", "2 0 3 | 3 2"})
  void matmul(String left, String right) {
    check(in -> Products.matmul(in[0], in[1]), leaf(1, sizes(left)), leaf(2, sizes(right)));
  }

  @ParameterizedTest
  @CsvSource({"true,true", "true,false", "false,true"})
  void matmulOfStoredTransposes(boolean transposeA, boolean transposeB) {
    int[] a = transposeA ? new int[] {2, 4, 3} : new int[] {2, 3, 4};
    int[] b = transposeB ? new int[] {5, 4} : new int[] {4, 5};
    check(in -> Products.matmul(in[0], transposeA, in[1], transposeB), leaf(1, a), leaf(2, b));
    int[] batchedB = transposeB ? new int[] {2, 5, 4} : new int[] {2, 4, 5};
    check(in -> Products.matmul(in[0], transposeA, in[1], transposeB), leaf(1, a), leaf(3, batchedB));
  }

  @Test
  void linear() {
    check(in -> Products.linear(in[0], in[1], in[2]), leaf(1, 2, 3, 4), leaf(2, 5, 4), leaf(3, 5));
    check(in -> Products.linear(in[0], in[1], null), leaf(1, 4), leaf(2, 5, 4));
  }

  @Test
  void packedLinear() {
    Tensor weight = leaf(4, 12, 4);
    checkAll(in -> Products.packedLinear(List.of(in[0], in[1], in[2]), in[3], List.of(in[4], in[5], in[6]), 4, 0),
        leaf(1, 2, 3, 4), leaf(2, 5, 4), leaf(3, 4), weight, leaf(5, 4), leaf(6, 4), leaf(7, 4));
    // One tensor for several parts, parts left out before and behind, and one result that nobody uses.
    checkAll(in -> Products.packedLinear(List.of(in[0], in[0]), in[1], List.of(), 3, 1), leaf(1, 5, 4), weight);
    checkAll(in -> Products.packedLinear(List.of(in[0], in[1], in[0]), in[2], List.of(), 4, 0).subList(0, 2),
        leaf(1, 5, 4), leaf(2, 5, 4), weight);
  }

  @Test
  void reductions() {
    check(in -> Reductions.sum(in[0]), leaf(1, 3, 4));
    check(in -> Reductions.mean(in[0]), leaf(1, 3, 4));
    for (int dimension = 0; dimension < 3; dimension++) {
      int d = dimension;
      check(in -> Reductions.sum(in[0], d, true), leaf(2, 2, 3, 4));
      check(in -> Reductions.mean(in[0], d, false), leaf(2, 2, 3, 4));
      check(in -> Reductions.amax(in[0], d, false), leaf(2, 2, 3, 4));
      check(in -> Reductions.amin(in[0], d, true), leaf(2, 2, 3, 4));
    }
  }

  @Test
  void softmax() {
    for (int dimension = 0; dimension < 3; dimension++) {
      int d = dimension;
      check(in -> Softmax.softmax(in[0], d), leaf(1, 2, 3, 4));
      check(in -> Softmax.logSoftmax(in[0], d), leaf(1, 2, 3, 4));
    }
    Tensor mask = mask(5, 2, 3, 4);
    Tensor lengths = Tensor.of(backend(), new int[] {0, 3}, 2);
    check(in -> Softmax.maskedSoftmax(in[0], mask, null), leaf(1, 2, 3, 4));
    check(in -> Softmax.maskedSoftmax(in[0], null, lengths), leaf(1, 2, 3, 4));
    check(in -> Softmax.maskedSoftmax(in[0], mask, lengths), leaf(1, 2, 3, 4));
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void losses(Reduction reduction) {
    Tensor labels = Tensor.of(backend(), new int[] {2, 0, -100, 4}, 4);
    for (double smoothing : new double[] {0, 0.1, 1}) {
      check(in -> Losses.crossEntropy(in[0], labels, reduction, -100, smoothing), leaf(1, 4, 5));
    }
    Tensor pixels = Tensor.of(backend(), new int[] {2, 0, 1, 2, 2, 0}, 2, 3);
    check(in -> Losses.crossEntropy(in[0], pixels, reduction, -100, 0.2), leaf(1, 2, 3, 3));
    Tensor label = Tensor.of(backend(), new int[] {1});
    check(in -> Losses.crossEntropy(in[0], Shaping.reshape(label), reduction, -100, 0), leaf(1, 4));
    check(in -> Losses.mseLoss(in[0], in[1], reduction), leaf(1, 3, 4), leaf(2, 3, 4));
  }

  @ParameterizedTest
  @EnumSource(Causal.class)
  void attention(Causal causal) {
    Tensor query = leaf(1, 2, 4, 3, 5);
    Tensor key = leaf(2, 2, 2, 4, 5);
    Tensor value = leaf(3, 2, 2, 4, 3);
    AttentionOptions plain = AttentionOptions.NONE.causal(causal);
    Tensor lengths = Tensor.of(backend(), new int[] {3, 0}, 2);
    for (AttentionOptions options : List.of(plain, plain.scale(0.3), plain.mask(mask(6, 4, 1, 4)).lengths(lengths),
        plain.mask(mask(7, 2, 1, 3, 1)), plain.dropout(0.4, new Generator(5)))) {
      // A fresh stream for each call: the same weights are dropped every time.
      check(in -> Attention.scaledDotProductAttention(in[0], in[1], in[2], again(options)).output(), query, key, value);
      checkAll(in -> {
        AttentionResult result = Attention.scaledDotProductAttention(in[0], in[1], in[2], again(options).withWeights());
        return List.of(result.output(), result.weights());
      }, query, key, value);
    }
    for (int[] biasShape : new int[][] {{3, 4}, {4}, {4, 1, 1}, {2, 1, 3, 4}, {1, 4, 3, 1}}) {
      check(in -> Attention.scaledDotProductAttention(in[0], in[1], in[2], plain.bias(in[3])).output(), query, key,
          value, leaf(8, biasShape));
    }
  }

  @Test
  void attentionOverFewerAndMoreDimensions() {
    check(in -> Attention.scaledDotProductAttention(in[0], in[1], in[2]), leaf(1, 3, 4), leaf(2, 5, 4), leaf(3, 5, 2));
    check(in -> Attention.scaledDotProductAttention(in[0], in[1], in[2]), leaf(1, 2, 3, 4), leaf(2, 2, 5, 4), leaf(3, 2,
        5, 2));
    Tensor query = leaf(1, 2, 3, 2, 3, 4);
    Tensor key = leaf(2, 2, 3, 1, 5, 4);
    Tensor value = leaf(3, 2, 3, 1, 5, 2);
    for (int[] shape : new int[][] {{2, 1, 1, 3, 5}, {3, 2, 1, 5}, {2, 3, 1, 1, 1}, {1, 1, 2, 3, 5}}) {
      check(in -> Attention.scaledDotProductAttention(in[0], in[1], in[2],
          AttentionOptions.NONE.mask(mask(4, shape)).bias(in[3])).output(), query, key, value, leaf(5, shape));
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void attentionOfHeadsSideBySide(boolean batchFirst) {
    int[][] shapes = batchFirst ? new int[][] {{2, 3, 8}, {2, 5, 4}, {2, 5, 6}}
        : new int[][] {{3, 2, 8}, {5, 2, 4}, {5, 2, 6}};
    AttentionOptions masked = AttentionOptions.NONE.mask(mask(6, 2, 1, 3, 5)).scale(0.4);
    for (AttentionOptions options : List.of(AttentionOptions.NONE, masked,
        AttentionOptions.NONE.causal(Causal.BOTTOM_RIGHT).dropout(0.4, new Generator(5)),
        AttentionOptions.NONE.lengths(Tensor.of(backend(), new int[] {2, 4}, 2)))) {
      checkAll(in -> {
        AttentionResult result =
            Attention.multiHeadAttention(in[0], in[1], in[2], 4, batchFirst, again(options).bias(in[3]).withWeights());
        return List.of(result.output(), result.weights());
      }, leaf(1, shapes[0]), leaf(2, shapes[1]), leaf(3, shapes[2]), leaf(4, 4, 3, 1));
    }
  }

  @Test
  void normalization() {
    check(in -> Normalization.layerNorm(in[0], new int[] {4}, in[1], in[2], 1e-5), leaf(1, 2, 3, 4), leaf(2, 4), leaf(3,
        4));
    check(in -> Normalization.layerNorm(in[0], new int[] {3, 4}, null, in[1], 1e-3), leaf(1, 2, 3, 4), leaf(2, 3, 4));
    check(in -> Normalization.layerNorm(in[0], new int[] {4}, null, null, 0), leaf(1, 3, 4));
  }

  @ParameterizedTest
  @CsvSource({
    "true, true, true", "true, true, false", "true, false, true", "true, false, false",
    "false, true, true", "false, true, false", "false, false, true", "false, false, false"})
  void batchNorm(boolean training, boolean masked, boolean affine) {
    Tensor runningMean = constant(4, 3);
    Tensor runningVariance = positive(constant(5, 3));
    for (int[] shape : new int[][] {{5, 3}, {4, 3, 2}, {2, 3, 2, 2}}) {
      int[] positions = IntStream.range(0, shape.length).filter(d -> d != 1).map(d -> shape[d]).toArray();
      Tensor mask = masked ? mask(6, positions) : null;
      List<Tensor> leaves = affine ? List.of(leaf(1, shape), leaf(2, 3), leaf(3, 3)) : List.of(leaf(1, shape));
      check(in -> Normalization.batchNorm(in[0], runningMean, runningVariance, affine ? in[1] : null,
          affine ? in[2] : null, mask, training, 0.1, 1e-5), leaves.toArray(Tensor[]::new));
      if (training) {
        check(in -> Normalization.batchNorm(in[0], null, null, affine ? in[1] : null, null, mask, true, 0.1, 1e-3),
            leaves.subList(0, affine ? 2 : 1).toArray(Tensor[]::new));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {EmbeddingSpec.NO_PADDING, 2})
  void embedding(int padding) {
    Tensor indices = Tensor.of(backend(), new int[] {2, 0, 4, 2, 2, 1}, 2, 3);
    Tensor table = leaf(1, 5, 3);
    if (padding < 0) {
      check(in -> Embeddings.embedding(indices, in[0], padding), table);
    } else {
      // The padding row gets no gradient by definition: left out of the differences by not letting its value through.
      Tensor keep = Tensor.of(backend(), new double[] {0, 1, 1, 0, 0, 1}, 2, 3, 1);
      check(in -> Arithmetic.mul(Embeddings.embedding(indices, in[0], padding), keep), table);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 1, 1", "2, 1, 1, 2", "3, 2, 2, 1", "1, 2, 3, 4"})
  void convolutions(int stride, int padding, int dilation, int groups) {
    ConvolutionOptions options = ConvolutionOptions.NONE.stride(stride).padding(padding).dilation(dilation)
        .groups(groups);
    Tensor weight = leaf(2, 4, 4 / groups, 2, 3);
    check(in -> Convolutions.conv2d(in[0], in[1], in[2], options), leaf(1, 2, 4, 5, 7), weight, leaf(3, 4));
    check(in -> Convolutions.conv2d(in[0], in[1], null, options), leaf(1, 4, 5, 7), weight);
    check(in -> Convolutions.conv1d(in[0], in[1], in[2], options), leaf(1, 2, 4, 8), leaf(2, 4, 4 / groups, 3),
        leaf(3, 4));
    check(in -> Convolutions.conv1d(in[0], in[1], null, options), leaf(1, 4, 8), leaf(2, 4, 4 / groups, 2));
  }

  @Test
  void aConvolutionOfSamplesThatAreUnfoldedOneByOne() {
    Tensor input = constant(1, 3, 1, 40, 40);
    Tensor weight = constant(2, 2, 1, 20, 20);
    check(in -> Convolutions.conv2d(Arithmetic.mul(input, in[0]), Arithmetic.mul(weight, in[1]), in[2],
        ConvolutionOptions.NONE.padding(20)), leaf(3, 3, 1, 1, 1), leaf(4, 2, 1, 1, 1), leaf(5, 2));
  }

  @Test
  void pooling() {
    Tensor planes = leaf(1, 2, 2, 5, 6);
    MaxPoolOptions largest = MaxPoolOptions.of(new Size2(3, 2));
    for (MaxPoolOptions options : List.of(largest, largest.withStride(1), largest.withStride(2).withPadding(1),
        largest.withDilation(2).withStride(1), largest.withCeilMode(true))) {
      check(in -> Pooling.maxPool2d(in[0], options), planes);
      check(in -> Pooling.maxPool1d(in[0], options), leaf(2, 3, 7));
    }
    AvgPoolOptions average = AvgPoolOptions.of(new Size2(2, 3));
    for (AvgPoolOptions options : List.of(average, average.withStride(1).withPadding(1), average.withCeilMode(true),
        average.withPadding(1).withStride(2).withCountIncludePad(false), average.withDivisorOverride(4))) {
      check(in -> Pooling.avgPool2d(in[0], options), planes);
      check(in -> Pooling.avgPool1d(in[0], options), leaf(2, 3, 7));
    }
    check(in -> Pooling.adaptiveAvgPool2d(in[0], new Size2(3, 1)), planes);
    check(in -> Pooling.adaptiveAvgPool1d(in[0], 3), leaf(2, 3, 7));
  }

  @Test
  void dropout() {
    check(in -> Dropouts.dropout(in[0], 0.3, new Generator(4)), leaf(1, 5, 7));
    check(in -> Dropouts.dropout(in[0], 1, new Generator(4)), leaf(1, 5));
  }

  @ParameterizedTest
  @CsvSource({
    "LSTM, 0, 1, false, true, true, true", "LSTM, 0, 2, true, true, true, true", "LSTM, 2, 2, false, true, true, true",
    "LSTM, 2, 1, true, false, false, false", "LSTM, 0, 2, false, false, false, false",
    "JANET, 0, 1, false, true, true, true",
    "JANET, 0, 2, true, true, true, true", "JANET, 0, 2, false, false, false, false",
    "GRU, 0, 1, false, true, true, true", "GRU, 0, 2, true, true, true, true", "GRU, 0, 2, false, false, false, false",
    "RNN_TANH, 0, 1, true, true, true, false", "RNN_TANH, 0, 2, false, false, true, true",
    "RNN_RELU, 0, 1, false, true, false, true", "RNN_RELU, 0, 2, true, true, true, true"})
  void recurrences(RecurrentCell cell, int projection, int directions, boolean batchFirst, boolean bias, boolean states,
      boolean hasLengths) {
    int steps = 4;
    int batch = 3;
    int width = 3;
    int rows = cell.gates() * width;
    int outputWidth = projection > 0 ? projection : width;
    List<Tensor> leaves = new ArrayList<>();
    leaves.add(batchFirst ? leaf(1, batch, steps, 2) : leaf(1, steps, batch, 2));
    if (states) {
      leaves.add(leaf(2, directions, batch, outputWidth));
      if (cell.hasCellState()) {
        leaves.add(leaf(3, directions, batch, width));
      }
    }
    int firstWeight = leaves.size();
    for (int d = 0; d < directions; d++) {
      leaves.add(leaf(10 + d, rows, 2));
      leaves.add(leaf(20 + d, rows, outputWidth));
      if (bias) {
        leaves.add(leaf(30 + d, rows));
        leaves.add(leaf(40 + d, rows));
      }
      if (projection > 0) {
        leaves.add(leaf(50 + d, projection, width));
      }
    }
    Tensor lengths = hasLengths ? Tensor.of(backend(), new int[] {2, 4, 0}, batch) : null;
    checkAll(in -> {
      List<RecurrentWeights> weights = new ArrayList<>();
      int next = firstWeight;
      for (int d = 0; d < directions; d++) {
        weights.add(new RecurrentWeights(in[next++], in[next++], bias ? in[next++] : null, bias ? in[next++] : null,
            projection > 0 ? in[next++] : null));
      }
      RecurrentResult result = Recurrences.recurrence(cell, in[0], weights, states ? in[1] : null,
          states && cell.hasCellState() ? in[2] : null, lengths, batchFirst, cell == RecurrentCell.JANET ? 1 : 0);
      return Checks.present(result.output(), result.hidden(), result.cell());
    }, leaves.toArray(Tensor[]::new));
  }

  @ParameterizedTest
  @CsvSource({
    "RELU, 1, false, false, false", "RELU, 1, true, true, true", "RELU, 2, false, true, true",
    "RELU, 2, true, false, true", "TANH, 1, false, true, false", "TANH, 1, true, false, true",
    "TANH, 2, false, false, false", "TANH, 2, true, true, true"})
  void independentRecurrences(Activation activation, int directions, boolean batchFirst, boolean hasState,
      boolean hasLengths) {
    int steps = 4;
    int batch = 3;
    int width = 2;
    List<Tensor> leaves = new ArrayList<>();
    leaves.add(batchFirst ? leaf(1, batch, steps, directions * width) : leaf(1, steps, batch, directions * width));
    leaves.add(leaf(2, directions * width));
    if (hasState) {
      leaves.add(leaf(3, directions, batch, width));
    }
    Tensor lengths = hasLengths ? Tensor.of(backend(), new int[] {2, 4, 0}, batch) : null;
    // The projected input outweighs what recurs, so that no pre-activation comes near relu's kink.
    Tensor distance = distance(leaves.getFirst());
    checkAll(in -> {
      Tensor recurrent = Arithmetic.mul(Pointwise.tanh(in[1]), 0.3);
      var result = IndependentRecurrences.indRnn(activation,
          activation == Activation.RELU ? Arithmetic.add(in[0], distance) : in[0], recurrent, directions,
          hasState ? in[2] : null, lengths, batchFirst);
      return List.of(result.output(), result.hidden());
    }, leaves.toArray(Tensor[]::new));
  }

  private record Named<F>(String name, F function) {}

  private static AttentionOptions again(AttentionOptions options) {
    return options.generator() == null ? options : options.dropout(options.dropout(), new Generator(5));
  }

  private static Tensor positive(Tensor x) {
    return Arithmetic.add(Pointwise.square(x), 0.5);
  }

  /** Divisors and the like: keeps the sign, but not the neighbourhood of 0. */
  private static Tensor awayFromZero(Tensor x) {
    return Arithmetic.add(x, 4);
  }

  /** What takes each element away from 0 to its own side. */
  private static Tensor distance(Tensor x) {
    double[] values = x.toDoubles();
    Arrays.setAll(values, i -> Math.copySign(4, values[i]));
    return Tensor.of(backend(), values, x.shape().toArray());
  }

  private static Tensor mask(long seed, int... sizes) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean[] values = new boolean[constant(seed, sizes).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(3) > 0;
    }
    return Tensor.of(backend(), values, sizes);
  }

  private static int[] sizes(String text) {
    return Stream.of(text.trim().split(" ")).mapToInt(Integer::parseInt).toArray();
  }
}
