package dev.sluice.nn.transformer;

import static dev.sluice.testing.EveryBackend.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Tensor;
import dev.sluice.autograd.Shaping;
import dev.sluice.nn.attention.AttentionCall;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Step by step against the whole causal pass, with values as large as trained ones. */
class DecodingTest {
  private static final int LENGTH = 6;
  private static final int WIDTH = 8;

  private static final AttentionCall CAUSAL = AttentionCall.PLAIN.causal(Causal.TOP_LEFT);

  static List<Backend> backends() {
    return EveryBackend.all();
  }

  private static List<TransformerOptions> options() {
    List<TransformerOptions> all = new ArrayList<>();
    for (boolean normFirst : new boolean[] {false, true}) {
      for (boolean batchFirst : new boolean[] {false, true}) {
        all.add(TransformerOptions.of(WIDTH, 2).withDimFeedforward(12).withNormFirst(normFirst)
            .withBatchFirst(batchFirst));
      }
    }
    return all;
  }

  private static Tensor sequence(Backend backend, long seed, int length, int batch, boolean batchFirst) {
    int[] sizes = batchFirst ? new int[] {batch, length, WIDTH} : new int[] {length, batch, WIDTH};
    return Tensor.of(backend, FiniteDifferences.constant(seed, sizes).toDoubles(), sizes);
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("backends")
  void aDecodersStepsAreItsWholePass(Backend backend) {
    for (TransformerOptions options : options()) {
      for (int batch : new int[] {1, 3}) {
        var decoder = new TransformerDecoder(options, 2, options.normFirst(), new Generator(1));
        decoder.to(backend);
        decoder.eval();
        int dimension = options.batchFirst() ? 1 : 0;
        Tensor target = sequence(backend, 1, LENGTH, batch, options.batchFirst());
        Tensor memory = sequence(backend, 2, 4, batch, options.batchFirst());
        boolean[] padding = new boolean[batch * 4];
        padding[padding.length - 1] = true;
        AttentionCall over = AttentionCall.PLAIN.keyPaddingMask(Tensor.of(backend, padding, batch, 4));
        TransformerDecoder.Output all =
            decoder.forward(target, memory, CAUSAL, over.weights(AttentionCall.Weights.AVERAGED));
        Tensor whole = all.output();
        Decoding decoding = decoder.start(memory, over.weights(AttentionCall.Weights.AVERAGED), LENGTH);
        for (int start = 0, length = 2; start < LENGTH; start += length, length = 1) {
          assertEquals(start, decoding.length());
          try (Scope _ = Scope.open()) {
            TransformerDecoder.Output output =
                decoder.step(Shaping.narrow(target, dimension, start, length), decoding);
            Tensor step = output.output();
            assertFalse(step.requiresGrad());
            assertEquals(List.of(), output.selfWeights());
            for (int layer = 0; layer < 2; layer++) {
              assertClose("weights of layer " + layer,
                  Shaping.narrow(all.memoryWeights().get(layer), 1, start, length).toDoubles(),
                  output.memoryWeights().get(layer));
            }
            assertClose(options + " from " + start,
                Shaping.narrow(whole, dimension, start, length).toDoubles(), step);
          }
        }
      }
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("backends")
  void aCausalEncodersStepsAreItsWholePass(Backend backend) {
    for (TransformerOptions options : options()) {
      var encoder = new TransformerEncoder(options, 3, true, new Generator(1));
      encoder.to(backend);
      encoder.eval();
      int dimension = options.batchFirst() ? 1 : 0;
      Tensor input = sequence(backend, 1, LENGTH, 2, options.batchFirst());
      Tensor whole = encoder.forward(input, CAUSAL).output();
      Decoding decoding = encoder.start(2, LENGTH);
      for (int start = 0; start < LENGTH; start++) {
        Tensor step = encoder.step(Shaping.narrow(input, dimension, start, 1), decoding);
        assertClose(options + " from " + start, Shaping.narrow(whole, dimension, start, 1).toDoubles(), step);
      }
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("backends")
  void hypothesesGoOnFromTheRowsChosen(Backend backend) {
    TransformerOptions options = TransformerOptions.of(WIDTH, 2).withDimFeedforward(12).withBatchFirst(true);
    var decoder = new TransformerDecoder(options, 2, false, new Generator(1));
    decoder.to(backend);
    decoder.eval();
    Tensor one = sequence(backend, 2, 4, 1, true);
    Tensor memory = Shaping.expand(one, 3, 4, WIDTH);
    Tensor begin = sequence(backend, 1, 2, 3, true);
    Tensor next = sequence(backend, 3, 1, 3, true);
    Decoding decoding = decoder.start(memory, AttentionCall.PLAIN, 3);
    decoder.step(begin, decoding);
    decoding.reorder(1, 1, 0);
    Tensor step = decoder.step(next, decoding).output();
    Tensor chosen = Shaping.stack(List.of(Shaping.select(begin, 0, 1), Shaping.select(begin, 0, 1),
        Shaping.select(begin, 0, 0)), 0);
    Tensor whole = decoder.forward(Shaping.cat(List.of(chosen, next), 1), memory, CAUSAL, AttentionCall.PLAIN).output();
    assertClose("the third position", Shaping.narrow(whole, 1, 2, 1).toDoubles(), step);
  }

  @Test
  void aStepBeyondTheRoomLeavesWhatThereIs() {
    TransformerOptions options = TransformerOptions.of(WIDTH, 2).withDimFeedforward(12);
    var encoder = new TransformerEncoder(options, 2, false, new Generator(1));
    encoder.eval();
    Decoding decoding = encoder.start(1, 2);
    encoder.step(Tensor.zeros(1, 1, WIDTH), decoding);
    assertRefused("keyValueCache: 2 positions after 1, wanted at most 2 in all",
        () -> encoder.step(Tensor.zeros(2, 1, WIDTH), decoding));
    assertEquals(1, decoding.length());
    Decoding fresh = encoder.start(1, 2);
    encoder.step(Tensor.zeros(1, 1, WIDTH), fresh);
    assertArrayEquals(encoder.step(Tensor.ones(1, 1, WIDTH), fresh).toFloats(),
        encoder.step(Tensor.ones(1, 1, WIDTH), decoding).toFloats());
  }

  @Test
  void badArgumentsAreRefused() {
    TransformerOptions options = TransformerOptions.of(WIDTH, 2).withDimFeedforward(12);
    var encoder = new TransformerEncoder(options, 2, false, new Generator(1));
    var decoder = new TransformerDecoder(options, 2, false, new Generator(1));
    Tensor memory = Tensor.zeros(4, 3, WIDTH);
    assertRefused("transformerDecoder: memory has shape (4, 8), wanted a batch",
        () -> decoder.start(Tensor.zeros(4, WIDTH), AttentionCall.PLAIN, 5));
    String positions = "transformerDecoder: attention over the memory is restricted by position, wanted a padding "
        + "mask, lengths or none";
    assertRefused(positions, () -> decoder.start(memory, CAUSAL, 5));
    assertRefused(positions, () -> decoder.start(memory, AttentionCall.PLAIN.attnMask(Tensor.zeros(1, 4)), 5));
    assertRefused("transformerDecoder: keyPaddingMask has shape (4, 3), wanted (3, 4)",
        () -> decoder.start(memory, AttentionCall.PLAIN.keyPaddingMask(Tensor.zeros(4, 3)), 5));
    assertRefused("transformerDecoder: lengths has shape (2), wanted (3)",
        () -> decoder.start(memory, AttentionCall.PLAIN.lengths(Tensor.of(new int[] {1, 2})), 5));
    assertRefused("multiHeadAttention: key has shape (1, 2, 8), wanted a batch of 3",
        () -> decoder.step(Tensor.zeros(1, 2, WIDTH), decoder.start(memory, AttentionCall.PLAIN, 5)));
    assertRefused("transformerEncoder: decoding is of another stack, wanted one that this stack started",
        () -> encoder.step(Tensor.zeros(1, 3, WIDTH), decoder.start(memory, AttentionCall.PLAIN, 5)));
    assertRefused("transformerDecoder: decoding is of another stack, wanted one that this stack started",
        () -> decoder.step(Tensor.zeros(1, 3, WIDTH), encoder.start(3, 5)));
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
