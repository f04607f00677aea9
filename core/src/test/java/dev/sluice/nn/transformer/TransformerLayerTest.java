package dev.sluice.nn.transformer;

import static dev.sluice.testing.EveryBackend.assertClose;
import static dev.sluice.testing.EveryBackend.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Shaping;
import dev.sluice.nn.Init;
import dev.sluice.nn.Module;
import dev.sluice.nn.attention.AttentionCall;
import dev.sluice.nn.attention.AttentionCall.Weights;
import dev.sluice.nn.transformer.TransformerOptions.Activation;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.GoldenCase;
import dev.sluice.testing.ModuleGradients;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TransformerLayerTest {
  private static final Backend REFERENCE = FiniteDifferences.backend();

  static Stream<Arguments> golden() {
    return EveryBackend.with("transformer");
  }

  // ---------------------------------------------------------------- numbers

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("golden")
  void isTorchs(Backend backend, GoldenCase golden) {
    TransformerOptions options = TransformerOptions.of(golden.integer("dModel"), golden.integer("nhead"))
        .withDimFeedforward(golden.integer("dimFeedforward")).withDropout(0).withNormFirst(golden.flag("normFirst"))
        .withActivation(Activation.valueOf(golden.text("activation").toUpperCase(Locale.ROOT)));
    Generator generator = new Generator(1);
    Module module = switch (golden.text("kind")) {
      case "encoder_layer" -> new TransformerEncoderLayer(options, generator);
      case "decoder_layer" -> new TransformerDecoderLayer(options, generator);
      case "encoder" -> new TransformerEncoder(options, 2, true, generator);
      case "decoder" -> new TransformerDecoder(options, 2, true, generator);
      default -> throw new AssertionError("no module for golden " + golden.text("kind"));
    };
    module.to(backend);
    module.namedParameters().forEach((name, value) -> EveryBackend.assign(value, golden.tensor(name).data()));
    Map<String, Tensor> leaves = new HashMap<>(module.namedParameters());
    leaves.put("input", tensor(backend, golden.tensor("input")).requiresGrad(true));
    if (golden.has("memory")) {
      leaves.put("memory", tensor(backend, golden.tensor("memory")).requiresGrad(true));
    }
    Tensor output = run(module, leaves.get("input"), leaves.get("memory"), self(backend, golden),
        padded(backend, golden, "memory_padding_mask", AttentionCall.PLAIN));
    assertClose("output", golden.tensor("output"), output);
    output.backward(tensor(backend, golden.upstream("output")), false);
    leaves.forEach((name, leaf) -> assertClose("grad." + name, golden.gradient(name), leaf.gradient()));
  }

  private static AttentionCall self(Backend backend, GoldenCase golden) {
    AttentionCall call = golden.flag("isCausal") ? AttentionCall.PLAIN.causal(Causal.TOP_LEFT) : AttentionCall.PLAIN;
    return padded(backend, golden, "input_padding_mask", call);
  }

  private static AttentionCall padded(Backend backend, GoldenCase golden, String name, AttentionCall call) {
    return golden.has(name)
        ? call.keyPaddingMask(Tensor.of(backend, golden.tensor(name).flags(), golden.tensor(name).shape())) : call;
  }

  private static Tensor run(Module module, Tensor input, Tensor memory, AttentionCall self, AttentionCall over) {
    return switch (module) {
      case TransformerEncoderLayer layer -> layer.forward(input, self).output();
      case TransformerDecoderLayer layer -> layer.forward(input, memory, self, over).output();
      case TransformerEncoder encoder -> encoder.forward(input, self).output();
      case TransformerDecoder decoder -> decoder.forward(input, memory, self, over).output();
      default -> throw new AssertionError(module);
    };
  }

  @ParameterizedTest
  @CsvSource({"false, false, true, GELU", "true, true, true, GELU", "true, false, false, RELU",
      "false, true, false, RELU"})
  void gradients(boolean normFirst, boolean batchFirst, boolean bias, Activation activation) {
    TransformerOptions options = TransformerOptions.of(4, 2).withDimFeedforward(3).withDropout(0)
        .withNormFirst(normFirst).withBatchFirst(batchFirst).withBias(bias).withActivation(activation);
    Tensor input = batchFirst ? FiniteDifferences.leaf(1, 2, 3, 4) : FiniteDifferences.leaf(1, 3, 2, 4);
    Tensor memory = batchFirst ? FiniteDifferences.leaf(2, 2, 2, 4) : FiniteDifferences.leaf(2, 2, 2, 4);
    AttentionCall causal = AttentionCall.PLAIN.causal(Causal.TOP_LEFT).weights(Weights.AVERAGED);
    AttentionCall over = AttentionCall.PLAIN.weights(Weights.PER_HEAD)
        .keyPaddingMask(Tensor.of(REFERENCE, new boolean[] {false, false, false, true}, 2, 2));
    var encoder = new TransformerEncoder(options, 2, normFirst, new Generator(1));
    ModuleGradients.check(encoder, x -> {
      TransformerEncoder.Output result = encoder.forward(x[0], causal);
      return List.of(result.output(), result.weights().getFirst(), result.weights().getLast());
    }, input);
    var decoder = new TransformerDecoderLayer(options, new Generator(2));
    ModuleGradients.check(decoder, x -> {
      TransformerDecoderLayer.Output result = decoder.forward(x[0], x[1], causal, over);
      return List.of(result.output(), result.selfWeights(), result.memoryWeights());
    }, input, memory);
  }

  // ---------------------------------------------------------------- rules

  @Test
  void formsAgree() {
    TransformerOptions options = TransformerOptions.of(4, 2).withDimFeedforward(5).withDropout(0);
    var encoder = new TransformerEncoder(options, 2, true, new Generator(1));
    var turned = new TransformerEncoder(options.withBatchFirst(true), 2, true, new Generator(2));
    turned.loadStateDict(encoder.stateDict(), true);
    Tensor x = Tensor.of(new Generator(3).normal(3 * 4, 0, 1), 3, 1, 4);
    float[] expected = encoder.forward(x).toFloats();
    assertArrayEquals(expected, turned.forward(Shaping.permute(x, 1, 0, 2)).toFloats(), 1e-6f);
    Tensor alone = encoder.forward(Shaping.squeeze(x, 1));
    assertEquals(Shape.of(3, 4), alone.shape());
    assertArrayEquals(expected, alone.toFloats(), 1e-6f);
    var layer = new TransformerDecoderLayer(options, new Generator(1));
    Tensor decoded = layer.forward(Shaping.squeeze(x, 1), Shaping.squeeze(x, 1));
    assertArrayEquals(layer.forward(x, x).toFloats(), decoded.toFloats(), 1e-6f);
  }

  @Test
  void weightsComeWhereAskedFor() {
    TransformerOptions options = TransformerOptions.of(4, 2).withDimFeedforward(5);
    var decoder = new TransformerDecoder(options, 3, false, new Generator(1));
    Tensor target = Tensor.zeros(5, 2, 4);
    Tensor memory = Tensor.zeros(6, 2, 4);
    TransformerDecoder.Output output = decoder.forward(target, memory, AttentionCall.PLAIN,
        AttentionCall.PLAIN.weights(Weights.AVERAGED));
    assertEquals(List.of(), output.selfWeights());
    assertEquals(List.of(Shape.of(2, 5, 6), Shape.of(2, 5, 6), Shape.of(2, 5, 6)),
        output.memoryWeights().stream().map(Tensor::shape).toList());
    var layer = new TransformerEncoderLayer(options, new Generator(1));
    assertNull(layer.forward(target, AttentionCall.PLAIN).weights());
  }

  @Test
  void dropoutIsAnewInTrainingAndGoneInEvaluation() {
    TransformerOptions options = TransformerOptions.of(4, 2).withDimFeedforward(5).withDropout(0.5);
    var encoder = new TransformerEncoder(options, 2, false, new Generator(1));
    Tensor x = Tensor.of(new Generator(3).normal(3 * 2 * 4, 0, 1), 3, 2, 4);
    assertFalse(Arrays.equals(encoder.forward(x).toFloats(), encoder.forward(x).toFloats()));
    encoder.eval();
    var plain = new TransformerEncoder(options.withDropout(0), 2, false, new Generator(2));
    plain.loadStateDict(encoder.stateDict(), true);
    assertArrayEquals(plain.forward(x).toFloats(), encoder.forward(x).toFloats());
  }

  @Test
  void allOfTheModelIsDropped() {
    TransformerOptions options = TransformerOptions.of(4, 2).withDimFeedforward(5).withDropout(1).withNormFirst(true);
    var decoder = new TransformerDecoder(options, 2, false, new Generator(1));
    Tensor x = Tensor.of(new Generator(3).normal(3 * 2 * 4, 0, 1), 3, 2, 4);
    assertArrayEquals(x.toFloats(), decoder.forward(x, x).toFloats());
  }

  // ---------------------------------------------------------------- parameters

  @Test
  void parametersHaveTorchsNamesAndShapes() {
    TransformerOptions options = TransformerOptions.of(4, 2).withDimFeedforward(6);
    assertEquals(List.of("self_attn.in_proj_weight (12, 4)", "self_attn.in_proj_bias (12)",
        "self_attn.out_proj.weight (4, 4)", "self_attn.out_proj.bias (4)", "multihead_attn.in_proj_weight (12, 4)",
        "multihead_attn.in_proj_bias (12)", "multihead_attn.out_proj.weight (4, 4)", "multihead_attn.out_proj.bias (4)",
        "linear1.weight (6, 4)", "linear1.bias (6)", "linear2.weight (4, 6)", "linear2.bias (4)", "norm1.weight (4)",
        "norm1.bias (4)", "norm2.weight (4)", "norm2.bias (4)", "norm3.weight (4)", "norm3.bias (4)"),
        described(new TransformerDecoderLayer(options, new Generator(1))));
    assertEquals(List.of("layers.0.self_attn.in_proj_weight (12, 4)", "layers.0.self_attn.out_proj.weight (4, 4)",
        "layers.0.linear1.weight (6, 4)", "layers.0.linear2.weight (4, 6)", "layers.0.norm1.weight (4)",
        "layers.0.norm2.weight (4)", "norm.weight (4)"),
        described(new TransformerEncoder(options.withBias(false), 1, true, new Generator(1))));
    TransformerOptions defaults = TransformerOptions.of(4, 2);
    assertEquals(new TransformerOptions(4, 2, 2048, 0.1, Activation.RELU, 1e-5, false, false, true), defaults);
  }

  @Test
  void eachLayerDrawsValuesOfItsOwn() {
    var encoder = new TransformerEncoder(TransformerOptions.of(4, 2).withDimFeedforward(6), 2, false, new Generator(1));
    Map<String, Tensor> parameters = encoder.namedParameters();
    assertFalse(Arrays.equals(parameters.get("layers.0.linear1.weight").toFloats(),
        parameters.get("layers.1.linear1.weight").toFloats()));
  }

  @Test
  void aStateDictionaryGoesThereAndBack() {
    TransformerOptions options = TransformerOptions.of(4, 2).withDimFeedforward(6).withDropout(0);
    var first = new TransformerDecoder(options, 2, true, new Generator(1));
    first.parameters().forEach(parameter -> Init.normal(parameter, 0, 1, new Generator(9)));
    var second = new TransformerDecoder(options, 2, true, new Generator(2));
    second.loadStateDict(first.stateDict(), true);
    Tensor x = Tensor.of(new Generator(3).normal(3 * 2 * 4, 0, 1), 3, 2, 4);
    assertArrayEquals(first.forward(x, x).toFloats(), second.forward(x, x).toFloats());
  }

  private static List<String> described(Module module) {
    return module.parameters().stream().map(Tensor::describe).toList();
  }

  // ---------------------------------------------------------------- refusals

  @Test
  void badArgumentsAreRefused() {
    assertRefused("transformer: dModel is 0, wanted 1 or more", () -> TransformerOptions.of(0, 1));
    assertRefused("transformer: nhead is 0, wanted 1 or more", () -> TransformerOptions.of(4, 0));
    assertRefused("transformer: dModel is 5, wanted a multiple of 2 heads", () -> TransformerOptions.of(5, 2));
    TransformerOptions options = TransformerOptions.of(4, 2).withDimFeedforward(6);
    assertRefused("transformer: dimFeedforward is 0, wanted 1 or more", () -> options.withDimFeedforward(0));
    assertRefused("transformer: dropout is -0.1, wanted a probability, 0 to 1", () -> options.withDropout(-0.1));
    assertRefused("transformer: layerNormEps is -1.0, wanted 0 or more", () -> options.withLayerNormEps(-1));
    assertRefused("transformerEncoder: numLayers is 0, wanted 1 or more",
        () -> new TransformerEncoder(options, 0, true, new Generator(1)));
    assertRefused("transformerDecoder: numLayers is 0, wanted 1 or more",
        () -> new TransformerDecoder(options, 0, true, new Generator(1)));
    var layer = new TransformerDecoderLayer(options, new Generator(1));
    assertRefused("multiHeadAttention: key has shape (3, 1, 4) for a query (3, 2, 4), wanted as many dimensions and "
        + "the same batch", () -> layer.forward(Tensor.zeros(3, 2, 4), Tensor.zeros(3, 1, 4)));
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
