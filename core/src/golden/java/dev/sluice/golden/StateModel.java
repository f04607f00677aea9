package dev.sluice.golden;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BatchNorm1dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv1dImpl;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.GRUImpl;
import org.bytedeco.pytorch.GRUOptions;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LSTMOptions;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.MultiheadAttentionImpl;
import org.bytedeco.pytorch.MultiheadAttentionOptions;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A small libtorch module in float32, evaluating, with drawn parameters: its state dictionary is exchanged with the
 * library.
 *
 * @param options the constructor arguments
 * @param input an input of it
 * @param forward results by name: output, and final states where there are any
 */
record StateModel(String name, Map<String, Object> options, Module module, Tensor input, Forward forward) {
  /** Running a module. */
  @FunctionalInterface
  interface Forward {
    Map<String, Tensor> of(Tensor input);
  }

  /** All models, drawn anew; the same numbers every time. */
  static List<StateModel> all() {
    var models = List.of(linear(), embedding(), layerNorm(), batchNorm(), conv1d(), conv2d(), gru(), lstm(),
        multiHeadAttention(), transformerEncoder(), transformerDecoder(), composed());
    for (var model : models) {
      model.draw();
      model.module.eval();
    }
    return models;
  }

  /** Parameters, then buffers, by their dotted names. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    putAll(state, module.named_parameters());
    putAll(state, module.named_buffers());
    return state;
  }

  /**
   * Loads a state dictionary strictly. Only the count of batches may be absent, which PyTorch lets pass as well: its
   * first batch normalisation had none.
   *
   * @throws IllegalArgumentException if names or shapes are not the module's own
   */
  void load(Map<String, Tensor> given) {
    var state = state();
    var missing = new TreeSet<>(state.keySet());
    missing.removeAll(given.keySet());
    missing.removeIf(key -> key.endsWith("num_batches_tracked"));
    var unexpected = new TreeSet<>(given.keySet());
    unexpected.removeAll(state.keySet());
    if (!missing.isEmpty() || !unexpected.isEmpty()) {
      throw new IllegalArgumentException("missing " + missing + ", unexpected " + unexpected);
    }
    given.forEach((key, value) -> {
      var own = state.get(key);
      if (!Arrays.equals(Values.shapeOf(own), Values.shapeOf(value))) {
        throw new IllegalArgumentException(key + " has shape " + Arrays.toString(Values.shapeOf(value)) + ", wanted "
            + Arrays.toString(Values.shapeOf(own)));
      }
      own.data().copy_(value);
    });
  }

  Map<String, Tensor> run(Tensor given) {
    return forward.of(given);
  }

  /** The parameters of a module by their dotted names. */
  static Map<String, Tensor> parameters(Module module) {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    putAll(parameters, module.named_parameters());
    return parameters;
  }

  /** Makes a module float64, draws its parameters and makes them leaves of a case. */
  static void draw(Sample sample, Module module) {
    module.to(torch.ScalarType.Double, false);
    parameters(module).forEach((name, parameter) -> {
      var shape = Values.shapeOf(parameter);
      parameter.data().copy_(Values.real(sample.draw(1, shape), shape));
      sample.leaf(name, parameter);
    });
  }

  /** Makes a module float64 and gives it the parameters of another, which have the same names. */
  static void copy(Module from, Module to) {
    to.to(torch.ScalarType.Double, false);
    var given = parameters(from);
    var own = parameters(to);
    if (!given.keySet().equals(own.keySet())) {
      throw new IllegalArgumentException("given " + given.keySet() + ", wanted " + own.keySet());
    }
    own.forEach((name, parameter) -> parameter.data().copy_(given.get(name)));
  }

  private static void putAll(Map<String, Tensor> state, StringTensorDict entries) {
    for (long i = 0; i < entries.size(); i++) {
      var entry = entries.get(i);
      state.put(entry.key().getString(), new Tensor(entry.value()));
    }
  }

  /** Every bit of the mantissa in use, unlike the numbers of the other files. */
  private void draw() {
    var random = new Random(name.hashCode());
    state().forEach((key, tensor) -> {
      if (key.endsWith("num_batches_tracked")) {
        tensor.copy_(Values.integers(new long[] {3}));
      } else {
        tensor.data().copy_(drawn(random, key.endsWith("running_var") ? 0.5f : -0.5f, Values.shapeOf(tensor)));
      }
    });
  }

  /** Numbers in [from, from + 1). */
  private static Tensor drawn(Random random, float from, long... shape) {
    int size = 1;
    for (long extent : shape) {
      size *= Math.toIntExact(extent);
    }
    var data = new float[size];
    for (int i = 0; i < size; i++) {
      data[i] = random.nextFloat() + from;
    }
    return SafeTensors.real(data, shape);
  }

  private static Tensor input(String name, long... shape) {
    return drawn(new Random(("input/" + name).hashCode()), -0.5f, shape);
  }

  private static StateModel linear() {
    var module = new LinearImpl(5, 3);
    return new StateModel("linear", options("inFeatures", 5, "outFeatures", 3), module, input("linear", 4, 5),
        x -> Map.of("output", module.forward(x)));
  }

  private static StateModel embedding() {
    var module = new EmbeddingImpl(7, 3);
    return new StateModel("embedding", options("numEmbeddings", 7, "embeddingDim", 3), module,
        Values.integers(new long[] {6, 0, 3, 3, 1, 5, 2, 4}, 2, 4), x -> Map.of("output", module.forward(x)));
  }

  private static StateModel layerNorm() {
    var module = new LayerNormImpl(new LongVector(new long[] {6}));
    return new StateModel("layer_norm", options("normalizedShape", 6), module, input("layer_norm", 2, 3, 6),
        x -> Map.of("output", module.forward(x)));
  }

  private static StateModel batchNorm() {
    var module = new BatchNorm1dImpl(new BatchNormOptions(4));
    return new StateModel("batch_norm", options("numFeatures", 4), module, input("batch_norm", 3, 4),
        x -> Map.of("output", module.forward(x)));
  }

  private static StateModel conv1d() {
    var module = new Conv1dImpl(3, 4, new LongPointer(new long[] {2}));
    return new StateModel("conv1d", options("inChannels", 3, "outChannels", 4, "kernelSize", 2), module,
        input("conv1d", 2, 3, 7), x -> Map.of("output", module.forward(x)));
  }

  private static StateModel conv2d() {
    var module = new Conv2dImpl(2, 3, new LongPointer(new long[] {3, 3}));
    return new StateModel("conv2d", options("inChannels", 2, "outChannels", 3, "kernelSize", 3), module,
        input("conv2d", 2, 2, 5, 6), x -> Map.of("output", module.forward(x)));
  }

  private static StateModel gru() {
    var options = new GRUOptions(3, 4);
    options.num_layers().put(2);
    options.bidirectional().put(true);
    var module = new GRUImpl(options);
    return new StateModel("gru", options("inputSize", 3, "hiddenSize", 4, "numLayers", 2, "bidirectional", true),
        module, input("gru", 5, 2, 3), x -> {
          var result = module.forward(x);
          return results("output", result.get0(), "h_n", result.get1());
        });
  }

  private static StateModel lstm() {
    var options = new LSTMOptions(3, 4);
    options.num_layers().put(2);
    options.bidirectional().put(true);
    options.proj_size().put(2);
    var module = new LSTMImpl(options);
    return new StateModel("lstm",
        options("inputSize", 3, "hiddenSize", 4, "numLayers", 2, "bidirectional", true, "projSize", 2), module,
        input("lstm", 5, 2, 3), x -> {
          var result = module.forward(x);
          var state = result.get1();
          return results("output", result.get0(), "h_n", state.get0(), "c_n", state.get1());
        });
  }

  private static StateModel multiHeadAttention() {
    var options = new MultiheadAttentionOptions(6, 2);
    options.add_bias_kv().put(true);
    var module = new MultiheadAttentionImpl(options);
    return new StateModel("multi_head_attention", options("embedDim", 6, "numHeads", 2, "addBiasKv", true), module,
        input("multi_head_attention", 5, 2, 6), x -> {
          var result = module.forward(x, x, x);
          return results("output", result.get0(), "weights", result.get1());
        });
  }

  private static StateModel transformerEncoder() {
    var module = TransformerSheet.encoderOf(false);
    return new StateModel("transformer_encoder",
        options("dModel", 4, "nhead", 2, "dimFeedforward", 6, "numLayers", 2, "activation", "relu"), module,
        input("transformer_encoder", 5, 2, 4), x -> Map.of("output", module.forward(x)));
  }

  /** Over its own input as the memory. */
  private static StateModel transformerDecoder() {
    var module = TransformerSheet.decoderOf(true);
    return new StateModel("transformer_decoder",
        options("dModel", 4, "nhead", 2, "dimFeedforward", 6, "numLayers", 2, "activation", "gelu"), module,
        input("transformer_decoder", 5, 2, 4), x -> Map.of("output", module.forward(x, x)));
  }

  /** Ids (2, 5) to logits (2, 4): embedding, lstm, layer_norm, the mean over time, batch_norm, linear. */
  private static StateModel composed() {
    var options = new LSTMOptions(6, 4);
    options.batch_first().put(true);
    options.bidirectional().put(true);
    var module = new Module("composed");
    var embedding = module.register_module("embedding", new EmbeddingImpl(9, 6));
    var lstm = module.register_module("lstm", new LSTMImpl(options));
    var layerNorm = module.register_module("layer_norm", new LayerNormImpl(new LongVector(new long[] {8})));
    var batchNorm = module.register_module("batch_norm", new BatchNorm1dImpl(new BatchNormOptions(8)));
    var linear = module.register_module("linear", new LinearImpl(8, 4));
    return new StateModel("composed",
        options("numEmbeddings", 9, "embeddingDim", 6, "hiddenSize", 4, "bidirectional", true, "batchFirst", true,
            "outFeatures", 4),
        module, Values.integers(new long[] {8, 1, 0, 4, 4, 2, 7, 3, 6, 5}, 2, 5), x -> {
          var sequence = layerNorm.forward(lstm.forward(embedding.forward(x)).get0());
          return Map.of("output", linear.forward(batchNorm.forward(sequence.mean(1))));
        });
  }

  private static Map<String, Object> options(Object... keysAndValues) {
    Map<String, Object> options = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      options.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return options;
  }

  private static Map<String, Tensor> results(Object... keysAndValues) {
    Map<String, Tensor> results = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      results.put((String) keysAndValues[i], (Tensor) keysAndValues[i + 1]);
    }
    return results;
  }
}
