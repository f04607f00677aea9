package dev.sluice.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.Generator;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Reductions;
import dev.sluice.nn.BatchNorm1d;
import dev.sluice.nn.Conv1d;
import dev.sluice.nn.Conv2d;
import dev.sluice.nn.Embedding;
import dev.sluice.nn.Layer;
import dev.sluice.nn.LayerNorm;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.StateDict;
import dev.sluice.nn.attention.AttentionCall;
import dev.sluice.nn.attention.AttentionCall.Weights;
import dev.sluice.nn.attention.MultiHeadAttention;
import dev.sluice.nn.attention.MultiHeadOptions;
import dev.sluice.nn.recurrent.GRU;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.RecurrentOptions;
import dev.sluice.nn.transformer.TransformerDecoder;
import dev.sluice.nn.transformer.TransformerEncoder;
import dev.sluice.nn.transformer.TransformerOptions;
import dev.sluice.nn.transformer.TransformerOptions.Activation;
import dev.sluice.spi.Backend;
import dev.sluice.spi.ElementType;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.Golden;
import dev.sluice.testing.GoldenCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * State dictionaries to and from libtorch. The committed ones load strictly and give libtorch's outputs; and for each
 * model one is written, with its outputs, that the profile {@code golden} loads into libtorch.
 */
class StateGoldenTest {
  private static final Path COMMITTED = Path.of("src/test/resources/golden/state");

  /** Where the profile {@code golden} looks. */
  private static final Path WRITTEN = Path.of("target/golden-state");

  private static Stream<Arguments> statesOnEveryBackend() {
    return EveryBackend.with("state");
  }

  private static Stream<GoldenCase> states() {
    return Golden.load("state").stream();
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("statesOnEveryBackend")
  void whatLibtorchWroteLoadsStrictlyAndGivesItsOutputs(Backend backend, GoldenCase golden) throws IOException {
    Model model = Model.of(golden);
    model.module().to(backend);
    StateDict state = StateFiles.load(COMMITTED.resolve(golden + ".safetensors"));
    StateDict.Mismatch mismatch = model.module().loadStateDict(state, true);
    assertEquals(List.of(), List.copyOf(mismatch.missing()));
    assertEquals(List.of(), List.copyOf(mismatch.unexpected()));
    model.run(input(backend, golden)).forEach((name, result) -> assertNear(golden.tensor(name), name, result));
  }

  @ParameterizedTest
  @MethodSource("states")
  void whatIsWrittenHereIsLeftForLibtorchToLoad(GoldenCase golden) throws IOException {
    Model model = Model.of(golden);
    Tensor input = input(model.module().parameters().getFirst().backend(), golden);
    List<StoredTensor> values = new ArrayList<>();
    long[] inputShape = shape(input);
    values.add(input.type() == ElementType.INT32 ? StoredTensor.of("input", input.toInts(), inputShape)
        : StoredTensor.of("input", input.toFloats(), inputShape));
    model.run(input).forEach((name, result) -> values.add(StoredTensor.of(name, result.toFloats(), shape(result))));
    Files.createDirectories(WRITTEN);
    Path file = WRITTEN.resolve(golden + ".safetensors");
    StateFiles.save(file, model.module().stateDict(), Map.of("format", "pt"));
    Safetensors.write(WRITTEN.resolve(golden + ".values.safetensors"), values, Map.of());

    Model again = Model.of(golden);
    again.module().loadStateDict(StateFiles.load(file), true);
    Map<String, Tensor> results = again.run(input);
    model.run(input).forEach((name, result) -> assertArrayEquals(result.toFloats(), results.get(name).toFloats(),
        name));
  }

  /** A module in evaluation, and how it computes the results that its golden case names. */
  private record Model(Module module, Forward forward) {
    private interface Forward {
      Map<String, Tensor> apply(Tensor input);
    }

    static Model of(GoldenCase golden) {
      Generator generator = new Generator(7);
      Model model = switch (golden.toString()) {
        case "linear" -> of(new Linear(golden.integer("inFeatures"), golden.integer("outFeatures"), generator));
        case "embedding" -> of(new Embedding(golden.integer("numEmbeddings"), golden.integer("embeddingDim"),
            generator));
        case "layer_norm" -> of(new LayerNorm(golden.integer("normalizedShape")));
        case "batch_norm" -> of(new BatchNorm1d(golden.integer("numFeatures")));
        case "conv1d" -> of(new Conv1d(golden.integer("inChannels"), golden.integer("outChannels"),
            golden.integer("kernelSize"), generator));
        case "conv2d" -> of(new Conv2d(golden.integer("inChannels"), golden.integer("outChannels"),
            golden.integer("kernelSize"), generator));
        case "gru" -> of(new GRU(options(golden), generator));
        case "lstm" -> of(new LSTM(options(golden).withProjSize(golden.integer("projSize")), generator));
        case "multi_head_attention" -> of(new MultiHeadAttention(
            MultiHeadOptions.of(golden.integer("embedDim"), golden.integer("numHeads"))
                .withAddBiasKv(golden.flag("addBiasKv")), generator));
        case "transformer_encoder" -> of(new TransformerEncoder(transformer(golden), golden.integer("numLayers"), true,
            generator));
        case "transformer_decoder" -> {
          var decoder = new TransformerDecoder(transformer(golden), golden.integer("numLayers"), true, generator);
          yield new Model(decoder, input -> Map.of("output", decoder.forward(input, input)));
        }
        case "composed" -> of(new Composed(golden, generator));
        default -> throw new AssertionError("no model for golden " + golden);
      };
      model.module.eval();
      return model;
    }

    private static <M extends Module & Layer> Model of(M layer) {
      return new Model(layer, input -> Map.of("output", layer.forward(input)));
    }

    private static Model of(MultiHeadAttention attention) {
      return new Model(attention, input -> {
        var output = attention.forward(input, AttentionCall.PLAIN.weights(Weights.AVERAGED));
        return Map.of("output", output.output(), "weights", output.weights());
      });
    }

    private static TransformerOptions transformer(GoldenCase golden) {
      return TransformerOptions.of(golden.integer("dModel"), golden.integer("nhead"))
          .withDimFeedforward(golden.integer("dimFeedforward"))
          .withActivation(Activation.valueOf(golden.text("activation").toUpperCase(Locale.ROOT)));
    }

    private static Model of(Recurrent recurrent) {
      return new Model(recurrent, input -> {
        Recurrent.Output output = recurrent.forward(input);
        Map<String, Tensor> results = new LinkedHashMap<>();
        results.put("output", output.output());
        results.put("h_n", output.state().hidden());
        if (output.state().cell() != null) {
          results.put("c_n", output.state().cell());
        }
        return results;
      });
    }

    private static RecurrentOptions options(GoldenCase golden) {
      return RecurrentOptions.of(golden.integer("inputSize"), golden.integer("hiddenSize"))
          .withNumLayers(golden.integer("numLayers")).withBidirectional(golden.flag("bidirectional"));
    }

    Map<String, Tensor> run(Tensor input) {
      try (Tape.NoGrad _ = Tape.noGrad()) {
        return forward.apply(input);
      }
    }
  }

  /** One of each: ids in, their vectors, an LSTM, its outputs normalised, averaged over time, and classified. */
  private static final class Composed extends Module implements Layer {
    private final Embedding embedding;
    private final LSTM lstm;
    private final LayerNorm layerNorm;
    private final BatchNorm1d batchNorm;
    private final Linear linear;

    Composed(GoldenCase golden, Generator generator) {
      int width = golden.integer("embeddingDim");
      int outputs = 2 * golden.integer("hiddenSize");
      embedding = register("embedding", new Embedding(golden.integer("numEmbeddings"), width, generator));
      lstm = register("lstm", new LSTM(RecurrentOptions.of(width, golden.integer("hiddenSize"))
          .withBatchFirst(golden.flag("batchFirst")).withBidirectional(golden.flag("bidirectional")), generator));
      layerNorm = register("layer_norm", new LayerNorm(outputs));
      batchNorm = register("batch_norm", new BatchNorm1d(outputs));
      linear = register("linear", new Linear(outputs, golden.integer("outFeatures"), generator));
    }

    @Override
    public Tensor forward(Tensor ids) {
      Tensor outputs = layerNorm.forward(lstm.forward(embedding.forward(ids)).output());
      return linear.forward(batchNorm.forward(Reductions.mean(outputs, 1, false)));
    }
  }

  private static Tensor input(Backend backend, GoldenCase golden) {
    GoldenCase.Values input = golden.tensor("input");
    boolean ids = golden.hasOption("numEmbeddings");
    return ids ? Tensor.of(backend, input.integers(), input.shape()) : Tensor.of(backend, input.data(), input.shape());
  }

  /** libtorch computed these in float, whatever the backend. */
  private static void assertNear(GoldenCase.Values expected, String name, Tensor actual) {
    assertArrayEquals(expected.shape(), actual.shape().toArray(), name);
    assertArrayEquals(expected.data(), actual.toDoubles(), 1e-5, name);
  }

  private static long[] shape(Tensor tensor) {
    int[] sizes = tensor.shape().toArray();
    long[] shape = new long[sizes.length];
    for (int d = 0; d < shape.length; d++) {
      shape[d] = sizes[d];
    }
    return shape;
  }
}
