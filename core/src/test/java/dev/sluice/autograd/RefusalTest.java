package dev.sluice.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.Backends;
import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Backend;
import dev.sluice.spi.IndRnnSpec.Activation;
import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.Selection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Wrong arguments: operation, argument, what was given, what is wanted. */
class RefusalTest {
  private static final AttentionOptions NONE = AttentionOptions.NONE;
  private static final Backend REFERENCE = Backends.get("reference");

  @Test
  void arithmetic() {
    refused("add: shapes are (2, 3) and (2), wanted sizes that are equal or 1, from the last dimension on",
        () -> Arithmetic.add(real(2, 3), real(2)));
    refused("mul: second argument is INT32, wanted REAL", () -> Arithmetic.mul(real(2), ints(2)));
    refused("relu: tensor is INT32, wanted REAL", () -> Pointwise.relu(ints(2)));
    refused("clamp: bounds are 1.0 and 0.0, wanted lower <= upper", () -> Pointwise.clamp(real(2), 1, 0));
  }

  @Test
  void logic() {
    refused("or: shapes are (2, 3) and (2), wanted sizes that are equal or 1, from the last dimension on",
        () -> Logic.or(flags(2, 3), flags(2)));
    refused("nor: right tensor is REAL, wanted BOOL", () -> Logic.nor(flags(2), real(2)));
    refused("not: left tensor is INT32, wanted BOOL", () -> Logic.not(ints(2)));
  }

  @Test
  void shaping() {
    refused("reshape: sizes are [4, -1] for a tensor (2, 3), wanted sizes of 6 elements",
        () -> Shaping.reshape(real(2, 3), 4, -1));
    refused("permute: order is [0, 0], wanted each of the 2 dimensions once", () -> Shaping.permute(real(2, 3), 0, 0));
    refused("narrow: start is 2 and length 2, wanted a part of size 3", () -> Shaping.narrow(real(2, 3), 1, 2, 2));
    refused("select: index is 3, wanted -3 to 2", () -> Shaping.select(real(2, 3), 1, 3));
    refused("indexSelect: indices[1] is 3, wanted 0 to 2", () -> Shaping.indexSelect(real(2, 3), 1, 0, 3));
    refused("indexSelect: indices[0] is -1, wanted 0 to 1", () -> Shaping.indexSelect(real(2, 3), 0, -1));
    refused("indexSelect: tensor is INT32, wanted REAL", () -> Shaping.indexSelect(ints(2), 0, 0));
    refused("squeeze: tensor has shape (2, 3), wanted size 1 in dimension 0", () -> Shaping.squeeze(real(2, 3), 0));
    refused("expand: tensor has shape (2, 3), wanted a shape that stretches to (4, 3)",
        () -> Shaping.expand(real(2, 3), 4, 3));
    refused("cat: tensor has shape (2, 4), wanted (2, 3) but for dimension 0",
        () -> Shaping.cat(List.of(real(2, 3), real(2, 4)), 0));
    refused("cat: no tensor given, wanted one or more", () -> Shaping.cat(List.of(), 0));
    refused("stack: no tensor, wanted one or more", () -> Shaping.stack(List.of(), 0));
  }

  @Test
  void products() {
    refused("matmul: shapes are (2, 3) and (4, 5), wanted equal inner sizes", () -> Products.matmul(real(2, 3), real(4,
        5)));
    refused("matmul: shapes are (2, 3, 4) and (3, 4, 5), wanted sizes that are equal or 1, from the last dimension on",
        () -> Products.matmul(real(2, 3, 4), real(3, 4, 5)));
    refused("linear: input has shape (3, 5), wanted (..., 4)", () -> Products.linear(real(3, 5), real(2, 4), null));
    refused("linear: bias has shape (3), wanted (2)", () -> Products.linear(real(3, 4), real(2, 4), real(3)));
  }

  @Test
  void softmaxAndLosses() {
    refused("maskedSoftmax: mask has shape (3), wanted (2, 3)",
        () -> Softmax.maskedSoftmax(real(2, 3), Tensor.of(REFERENCE, new boolean[3], 3), null));
    refused("maskedSoftmax: lengths has shape (3), wanted the first sizes of (2)",
        () -> Softmax.maskedSoftmax(real(2, 3), null, ints(3)));
    refused("crossEntropy: labels has shape (3), wanted (2)", () -> Losses.crossEntropy(real(2, 5), ints(3)));
    refused("mseLoss: target has shape (3), wanted (3, 1)", () -> Losses.mseLoss(real(3, 1), real(3)));
    IllegalArgumentException label = assertThrows(IllegalArgumentException.class,
        () -> Losses.crossEntropy(real(2, 5), Tensor.of(REFERENCE, new int[] {1, 5}, 2)));
    assertEquals("crossEntropy: labels[1] is 5, wanted 0 to 4 or the ignored -100", label.getMessage());
  }

  @Test
  void selections() {
    refused("selection: count is 0, wanted at least 1", () -> Selecting.largest(0));
    refused("selection: threshold is 1.5, wanted a probability, 0 to 1", () -> Selecting.threshold(1.5));
    refused("selection: predicate is REAL, wanted BOOL", () -> Selecting.predicate(real(2)));
    refused("selection: a predicate without a tensor, wanted Selecting.predicate",
        () -> new Selecting.Given(new Selection.Predicate(new Layout(0, 0, 0), false)));
    refused("select: predicate has shape (2), wanted a shape that stretches to (2, 3)",
        () -> Softmax.select(real(2, 3), Selecting.predicate(Tensor.of(REFERENCE, new boolean[2], 2))));
    refused("select: weights is INT32, wanted REAL", () -> Softmax.select(ints(2), Selecting.ARG_MAX));
    refused("maskedSparsemax: mask has shape (3), wanted (2, 3)",
        () -> Softmax.maskedSparsemax(real(2, 3), Tensor.of(REFERENCE, new boolean[3], 3), null));
    refused("scoreFunction: entropy has shape (3), wanted (2)",
        () -> ScoreFunction.surrogate(real(2), real(2), real(3), 0, 0));
    refused("scoreFunction: entropyWeight is -1.0, wanted 0 or more",
        () -> ScoreFunction.surrogate(real(2), real(2), real(2), 0, -1));
  }

  @Test
  void attention() {
    refused("scaledDotProductAttention: key has shape (2, 4, 6), wanted as many dimensions as the query (2, 3, 5) and its width",
        () -> Attention.scaledDotProductAttention(real(2, 3, 5), real(2, 4, 6), real(2, 4, 6)));
    refused("scaledDotProductAttention: value has shape (2, 3, 5), wanted (2, 4) and a width, as the key has",
        () -> Attention.scaledDotProductAttention(real(2, 3, 5), real(2, 4, 5), real(2, 3, 5)));
    refused("scaledDotProductAttention: key has shape (2, 2, 4, 5), wanted a number of heads that divides the query's 3",
        () -> Attention.scaledDotProductAttention(real(2, 3, 4, 5), real(2, 2, 4, 5), real(2, 2, 4, 5)));
    refused("scaledDotProductAttention: bias has shape (3, 3), wanted a shape that stretches to (2, 3, 4)",
        () -> Attention.scaledDotProductAttention(real(2, 3, 5), real(2, 4, 5), real(2, 4, 5),
            AttentionOptions.NONE.bias(real(3, 3))));
    refused("attention: mask is REAL, wanted BOOL", () -> AttentionOptions.NONE.mask(real(3, 4)));
    refused("scaledDotProductAttention: predicate has shape (3, 3), wanted a shape that stretches to (2, 3, 4)",
        () -> Attention.scaledDotProductAttention(real(2, 3, 5), real(2, 4, 5), real(2, 4, 5),
            AttentionOptions.NONE.selecting(Selecting.predicate(Tensor.of(REFERENCE, new boolean[9], 3, 3)))));
    refused("attention: dropout is 1.5, wanted a probability, 0 to 1",
        () -> AttentionOptions.NONE.dropout(1.5, new Generator(1)));
  }

  @Test
  void attentionOfHeadsSideBySide() {
    refused("multiHeadAttention: heads is 0, wanted 1 or more",
        () -> Attention.multiHeadAttention(real(2, 3, 4), real(2, 3, 4), real(2, 3, 4), 0, true, NONE));
    refused("multiHeadAttention: query has shape (2, 3, 5), wanted (batch, queries, 2 heads * width)",
        () -> Attention.multiHeadAttention(real(2, 3, 5), real(2, 3, 4), real(2, 3, 4), 2, true, NONE));
    refused("multiHeadAttention: query has shape (3, 4), wanted (queries, batch, 2 heads * width)",
        () -> Attention.multiHeadAttention(real(3, 4), real(3, 4), real(3, 4), 2, false, NONE));
    refused("multiHeadAttention: key has shape (3, 3, 4), wanted (2, keys, keyHeads * 2) of heads that divide 2",
        () -> Attention.multiHeadAttention(real(2, 3, 4), real(3, 3, 4), real(3, 3, 4), 2, true, NONE));
    refused("multiHeadAttention: key has shape (5, 2, 6), wanted (keys, 2, keyHeads * 2) of heads that divide 4",
        () -> Attention.multiHeadAttention(real(3, 2, 8), real(5, 2, 6), real(5, 2, 6), 4, false, NONE));
    refused("multiHeadAttention: value has shape (2, 5, 3), wanted (2, 5) and 2 heads * width, as the key has",
        () -> Attention.multiHeadAttention(real(2, 3, 4), real(2, 5, 4), real(2, 5, 3), 2, true, NONE));
    refused("multiHeadAttention: lengths has shape (3), wanted (2)", () -> Attention.multiHeadAttention(real(2, 3, 4),
        real(2, 3, 4), real(2, 3, 4), 2, true, AttentionOptions.NONE.lengths(ints(3))));
    Generator generator = new Generator(1);
    refused("multiHeadAttention: bias has shape (3, 4), wanted a shape that stretches to (2, 2, 3, 3)",
        () -> Attention.multiHeadAttention(real(2, 3, 4), real(2, 3, 4), real(2, 3, 4), 2, true,
            AttentionOptions.NONE.bias(real(3, 4)).dropout(0.5, generator)));
    assertEquals(0, generator.offset());
  }

  @Test
  void packedLinear() {
    refused("packedLinear: weight has shape (7, 4) for 2 inputs from part 0 on, wanted (parts * 3, inFeatures) with a "
        + "part for each", () -> Products.packedLinear(List.of(real(2, 4), real(2, 4)), real(7, 4), List.of(), 3, 0));
    refused("packedLinear: weight has shape (6, 4) for 2 inputs from part 1 on, wanted (parts * 3, inFeatures) with a "
        + "part for each", () -> Products.packedLinear(List.of(real(2, 4), real(2, 4)), real(6, 4), List.of(), 3, 1));
    refused("packedLinear: input has shape (2, 5), wanted (..., 4)",
        () -> Products.packedLinear(List.of(real(2, 5)), real(6, 4), List.of(), 3, 0));
    refused("packedLinear: 1 biases for 2 inputs, wanted one each, or none",
        () -> Products.packedLinear(List.of(real(2, 4), real(2, 4)), real(6, 4), List.of(real(3)), 3, 0));
    refused("packedLinear: bias has shape (4), wanted (3)",
        () -> Products.packedLinear(List.of(real(2, 4)), real(6, 4), List.of(real(4)), 3, 0));
  }

  @Test
  void normalizationAndEmbedding() {
    refused("layerNorm: input has shape (2, 3), wanted last sizes (4)",
        () -> Normalization.layerNorm(real(2, 3), new int[] {4}, null, null, 1e-5));
    refused("layerNorm: weight has shape (2), wanted (3)",
        () -> Normalization.layerNorm(real(2, 3), new int[] {3}, real(2), null, 1e-5));
    refused("embedding: table has shape (5), wanted (vocabulary, width)",
        () -> Embeddings.embedding(ints(2), real(5), -1));
    refused("dropout: probability is -0.1, wanted a probability, 0 to 1",
        () -> Dropouts.dropout(real(2), -0.1, new Generator(1)));
  }

  @Test
  void convolutions() {
    ConvolutionOptions plain = ConvolutionOptions.NONE;
    refused("convolution: stride is (1, 0), wanted 1 or more", () -> plain.stride(new Size2(1, 0)));
    refused("convolution: padding is -1, wanted 0 or more", () -> plain.padding(-1));
    refused("convolution: dilation is 0, wanted 1 or more", () -> plain.dilation(0));
    refused("convolution: groups is 0, wanted 1 or more", () -> plain.groups(0));
    refused("conv2d: input has shape (5, 5), wanted (batch, channels, height, width) or (channels, height, width)",
        () -> Convolutions.conv2d(real(5, 5), real(1, 1, 3, 3), null, plain));
    refused("conv2d: weight has shape (1, 3, 3), wanted (outChannels, inChannels / groups, kernel height, kernel width)",
        () -> Convolutions.conv2d(real(1, 5, 5), real(1, 3, 3), null, plain));
    refused("conv2d: outChannels is 3 for 2 groups, wanted a multiple of the groups",
        () -> Convolutions.conv2d(real(4, 5, 5), real(3, 2, 3, 3), null, plain.groups(2)));
    refused("conv2d: input has 4 channels, wanted 6, as the weight and 3 groups have",
        () -> Convolutions.conv2d(real(4, 5, 5), real(3, 2, 3, 3), null, plain.groups(3)));
    refused("conv2d: bias has shape (2), wanted (3)",
        () -> Convolutions.conv2d(real(2, 5, 5), real(3, 2, 3, 3), real(2), plain));
    refused("conv2d: the kernel reaches over 5 positions of 4, wanted at most all of the input and its padding",
        () -> Convolutions.conv2d(real(2, 4, 5), real(3, 2, 3, 3), null, plain.dilation(2)));
    refused("conv1d: input is INT32, wanted REAL", () -> Convolutions.conv1d(ints(2), real(1, 1, 1), null, plain));
    refused("conv1d: weight has shape (1, 3), wanted (outChannels, inChannels / groups, kernel)",
        () -> Convolutions.conv1d(real(1, 5), real(1, 3), null, plain));
    refused("conv1d: kernel is (1, 0), wanted 1 or more",
        () -> Convolutions.conv1d(real(1, 5), real(1, 1, 0), null, plain));
  }

  @Test
  void pooling() {
    refused("maxPool2d: input has shape (5, 5), wanted (batch, channels, height, width) or (channels, height, width)",
        () -> Pooling.maxPool2d(real(5, 5), MaxPoolOptions.of(2)));
    refused("maxPool1d: the kernel reaches over 6 positions of 5, wanted at most all of the input and its padding",
        () -> Pooling.maxPool1d(real(1, 5), MaxPoolOptions.of(6)));
    refused("avgPool2d: the kernel reaches over 4 positions of 3, wanted at most all of the input and its padding",
        () -> Pooling.avgPool2d(real(1, 3, 5), AvgPoolOptions.of(4)));
    refused("avgPool1d: input is INT32, wanted REAL", () -> Pooling.avgPool1d(ints(3), AvgPoolOptions.of(1)));
    refused("maxPool: padding of the columns is 2, so that window 0 lies in it as a whole, wanted less",
        () -> Pooling.maxPool1d(real(1, 2), MaxPoolOptions.of(2).withDilation(4).withPadding(2)));
    refused("adaptiveAvgPool2d: outputSize is (0, 1), wanted 1 or more",
        () -> Pooling.adaptiveAvgPool2d(real(1, 3, 5), new Size2(0, 1)));
    refused("adaptiveAvgPool1d: input has shape (1, 0), wanted sequences of 1 or more",
        () -> Pooling.adaptiveAvgPool1d(real(1, 0), 1));
    refused("withSelfLoops: adjacency has shape (2), wanted (..., nodes, nodes)",
        () -> Adjacency.withSelfLoops(Tensor.of(REFERENCE, new boolean[2], 2)));
  }

  @Test
  void recurrences() {
    RecurrentWeights weights = new RecurrentWeights(real(8, 3), real(8, 2), real(8), real(8), null);
    refused("lstm: input has shape (5, 4, 2), wanted (steps, batch, 3)",
        () -> Recurrences.recurrence(RecurrentCell.LSTM, real(5, 4, 2), List.of(weights), null, null, null, false, 0));
    refused("lstm: hidden has shape (1, 3, 2), wanted (1, 4, 2)", () -> Recurrences.recurrence(RecurrentCell.LSTM,
        real(5, 4, 3), List.of(weights), real(1, 3, 2), null, null, false, 0));
    refused("lstm: lengths has shape (3), wanted (4)", () -> Recurrences.recurrence(RecurrentCell.LSTM, real(5, 4, 3),
        List.of(weights), null, null, ints(3), false, 0));
    RecurrentWeights janet = new RecurrentWeights(real(4, 3), real(4, 2), real(4), null, null);
    refused("janet: one bias of two, wanted both or none",
        () -> Recurrences.recurrence(RecurrentCell.JANET, real(5, 4, 3), List.of(janet), null, null, null, false, 1));
  }

  @Test
  void cellsOfOneState() {
    RecurrentWeights gru = new RecurrentWeights(real(6, 3), real(6, 2), real(6), real(6), null);
    refused("gru: a cell state is given, wanted none: gru has none", () -> Recurrences.recurrence(RecurrentCell.GRU,
        real(5, 4, 3), List.of(gru), null, real(1, 4, 2), null, false, 0));
    refused("gru: beta is 1.0, wanted 0: only JANET has it",
        () -> Recurrences.recurrence(RecurrentCell.GRU, real(5, 4, 3), List.of(gru), null, null, null, false, 1));
    RecurrentWeights four = new RecurrentWeights(real(8, 3), real(8, 2), null, null, null);
    refused("gru: hiddenWeights has shape (8, 2), wanted (3 gates * width, output width)",
        () -> Recurrences.recurrence(RecurrentCell.GRU, real(5, 4, 3), List.of(four), null, null, null, false, 0));
    RecurrentWeights projected = new RecurrentWeights(real(4, 3), real(4, 2), null, null, real(2, 4));
    refused("rnn_tanh: projectionWidth is 2, wanted 0: only LSTM has a projection", () -> Recurrences.recurrence(
        RecurrentCell.RNN_TANH, real(5, 4, 3), List.of(projected), null, null, null, false, 0));
    RecurrentWeights relu = new RecurrentWeights(real(2, 3), real(2, 2), real(3), real(2), null);
    refused("rnn_relu: inputBias has shape (3), wanted (2)",
        () -> Recurrences.recurrence(RecurrentCell.RNN_RELU, real(5, 4, 3), List.of(relu), null, null, null, false, 0));
  }

  @Test
  void independentRecurrences() {
    refused("indRnn: directions is 3, wanted 1 or 2",
        () -> IndependentRecurrences.indRnn(Activation.RELU, real(5, 4, 6), real(6), 3, null, null, false));
    refused("indRnn: projected has shape (5, 4, 3), wanted (steps, batch, 2 * width)",
        () -> IndependentRecurrences.indRnn(Activation.TANH, real(5, 4, 3), real(3), 2, null, null, false));
    refused("indRnn: projected has shape (4, 3), wanted (batch, steps, 1 * width)",
        () -> IndependentRecurrences.indRnn(Activation.TANH, real(4, 3), real(3), 1, null, null, true));
    refused("indRnn: recurrent has shape (3), wanted (6)",
        () -> IndependentRecurrences.indRnn(Activation.RELU, real(5, 4, 6), real(3), 2, null, null, false));
    refused("indRnn: hidden has shape (1, 4, 6), wanted (2, 4, 3)",
        () -> IndependentRecurrences.indRnn(Activation.RELU, real(5, 4, 6), real(6), 2, real(1, 4, 6), null, false));
    refused("indRnn: lengths has shape (4), wanted (5)",
        () -> IndependentRecurrences.indRnn(Activation.RELU, real(5, 4, 6), real(6), 2, null, ints(4), true));
    refused("indRnn: lengths is REAL, wanted INT32",
        () -> IndependentRecurrences.indRnn(Activation.RELU, real(5, 4, 6), real(6), 2, null, real(4), false));
    Tensor tooLong = Tensor.of(REFERENCE, new int[] {5, 6, 0, 1}, 4);
    refused("indRnn: lengths[1] is 6, wanted 0 to 5",
        () -> IndependentRecurrences.indRnn(Activation.RELU, real(5, 4, 6), real(6), 2, null, tooLong, false));
  }

  @Test
  void batchNorm() {
    refused("batchNorm: input has shape (3), wanted (N, C) or (N, C, d1, ...)",
        () -> Normalization.batchNorm(real(3), null, null, null, null, null, true, 0.1, 1e-5));
    refused("batchNorm: one running statistic of two, wanted both or none",
        () -> Normalization.batchNorm(real(2, 3), real(3), null, null, null, null, true, 0.1, 1e-5));
    refused("batchNorm: no running statistics, wanted both when not training",
        () -> Normalization.batchNorm(real(2, 3), null, null, null, null, null, false, 0.1, 1e-5));
    refused("batchNorm: runningVariance has shape (2), wanted (3)",
        () -> Normalization.batchNorm(real(2, 3), real(3), real(2), null, null, null, true, 0.1, 1e-5));
    refused("batchNorm: weight has shape (2), wanted (3)",
        () -> Normalization.batchNorm(real(2, 3), null, null, real(2), null, null, true, 0.1, 1e-5));
    refused("batchNorm: mask has shape (2), wanted (2, 5)", () -> Normalization.batchNorm(real(2, 3, 5), null, null,
        null, null, Tensor.of(REFERENCE, new boolean[2], 2), true, 0.1, 1e-5));
    refused("batchNorm: mask is REAL, wanted BOOL",
        () -> Normalization.batchNorm(real(2, 3), null, null, null, null, real(2), true, 0.1, 1e-5));
    refused("batchStatistics: momentum is 1.5, wanted a probability, 0 to 1",
        () -> Normalization.batchNorm(real(2, 3), null, null, null, null, null, true, 1.5, 1e-5));
  }

  @Test
  void aRefusedBatchNormLeavesTheRunningStatistics() {
    Tensor mean = real(3);
    Tensor variance = real(3);
    refused("batchNorm: epsilon is -1.0, wanted 0 or more",
        () -> Normalization.batchNorm(real(2, 3), mean, variance, null, null, null, true, 0.9, -1));
    refused("batchNorm: bias is INT32, wanted REAL",
        () -> Normalization.batchNorm(real(2, 3), mean, variance, null, ints(3), null, true, 0.9, 1e-5));
    assertArrayEquals(new double[] {0.5, 0.5, 0.5}, mean.toDoubles());
    assertArrayEquals(new double[] {0.5, 0.5, 0.5}, variance.toDoubles());
  }

  private static Tensor real(int... sizes) {
    return Tensor.full(REFERENCE, Shape.of(sizes), 0.5);
  }

  private static Tensor flags(int... sizes) {
    return Tensor.of(REFERENCE, new boolean[Shape.of(sizes).elements()], sizes);
  }

  private static Tensor ints(int size) {
    return Tensor.of(REFERENCE, new int[size], size);
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
