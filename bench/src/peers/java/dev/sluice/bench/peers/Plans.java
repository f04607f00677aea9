package dev.sluice.bench.peers;

import dev.sluice.bench.work.Inputs;
import dev.sluice.bench.work.Pass;
import dev.sluice.bench.work.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The plans of the works without a state: their inputs, and the methods of works.py that take them. */
final class Plans<T> {
  private static final String OUTPUT = "output";
  private static final String GRADIENT = "gradient";

  private final Engine<T> engine;
  private final Inputs inputs;

  Plans(Engine<T> engine, Inputs inputs) {
    this.engine = engine;
    this.inputs = inputs;
  }

  Plan<T> of(Work work) {
    return switch (work) {
      case Work.Gemm gemm -> gemm(gemm);
      case Work.Softmax softmax -> softmax(softmax);
      case Work.Attention attention -> attention(attention);
      case Work.Recurrent recurrent -> recurrent(recurrent);
      case Work.IndRnn indRnn -> indRnn(indRnn);
      case Work.LayerNorm norm -> layerNorm(norm);
      case Work.CrossEntropy loss -> crossEntropy(loss);
      case Work.EmbeddingGradient gradient -> embeddingGradient(gradient);
      case Work.ClipByNorm _, Work.AdamStep _, Work.Epoch _ ->
          throw new IllegalArgumentException("plan: work is " + work.name() + ", wanted one without a state");
    };
  }

  private Plan<T> gemm(Work.Gemm work) {
    return new Plan<>(
        List.of("product"),
        List.of(
            uniform("a", 1, work.m(), work.k()), uniform("b", 1, work.k(), work.n()), zeros(work.m(), work.n())),
        "gemm");
  }

  private Plan<T> softmax(Work.Softmax work) {
    T logits = uniform("logits", 4, work.rows(), work.width());
    T result = zeros(work.rows(), work.width());
    if (work.pass() == Pass.FORWARD) {
      return new Plan<>(List.of("weights"), List.of(logits, result), "softmax");
    }
    T weights = engine.bind("softmax", List.of(logits, zeros(work.rows(), work.width()))).get().getFirst();
    T gradient = uniform(GRADIENT, 1, work.rows(), work.width());
    return new Plan<>(gradients("logits"), List.of(gradient, weights, result), "softmax_gradient");
  }

  private Plan<T> attention(Work.Attention work) {
    long[] asking = {work.batch(), work.heads(), work.queries(), work.width()};
    long[] asked = {work.batch(), work.heads(), work.length(), work.width()};
    var arguments = new ArrayList<>(
        List.of(uniform("query", 1, asking), uniform("key", 1, asked), uniform("value", 1, asked)));
    String method = work.causal() ? "attention_causal" : "attention";
    if (!work.pass().backward()) {
      return new Plan<>(List.of(OUTPUT), arguments, method);
    }
    arguments.add(uniform(GRADIENT, 1, asking));
    return new Plan<>(outputAndGradients("query", "key", "value"), arguments, method + "_gradient");
  }

  private Plan<T> recurrent(Work.Recurrent work) {
    int hidden = work.hidden();
    int rows = work.cell().rows() * hidden;
    double bound = 1 / Math.sqrt(hidden);
    var arguments = new ArrayList<>(List.of(
        uniform("input", 1, work.steps(), work.batch(), work.input()),
        uniform("weight_ih_l0", bound, rows, work.input()),
        uniform("weight_hh_l0", bound, rows, hidden),
        uniform("bias_ih_l0", bound, rows),
        uniform("bias_hh_l0", bound, rows),
        zeros(1, work.batch(), hidden)));
    if (!work.pass().backward()) {
      return new Plan<>(List.of(OUTPUT), arguments, methods(work.cell(), ""));
    }
    arguments.add(uniform(GRADIENT, 1, work.steps(), work.batch(), hidden));
    return new Plan<>(
        outputAndGradients("input", "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"),
        arguments,
        methods(work.cell(), "_gradient"));
  }

  private static String[] methods(Work.Cell cell, String suffix) {
    return switch (cell) {
      case LSTM -> new String[] {"lstm" + suffix};
      case GRU -> new String[] {"gru" + suffix};
      case JANET -> new String[] {"janet" + suffix, "janet_in_parts" + suffix};
    };
  }

  private Plan<T> indRnn(Work.IndRnn work) {
    return new Plan<>(
        outputAndGradients("input", "weight_hh_l0"),
        List.of(
            uniform("input", 1, work.steps(), work.batch(), work.hidden()),
            uniform("weight_hh_l0", 1, work.hidden()),
            uniform(GRADIENT, 1, work.steps(), work.batch(), work.hidden())),
        "indrnn_gradient",
        "indrnn_spread_gradient");
  }

  private Plan<T> layerNorm(Work.LayerNorm work) {
    long[] shape = {work.batch(), work.length(), work.width()};
    var arguments = new ArrayList<>(
        List.of(uniform("input", 1, shape), uniform("weight", 1, work.width()), uniform("bias", 1, work.width())));
    if (!work.pass().backward()) {
      return new Plan<>(List.of(OUTPUT), arguments, "layer_norm");
    }
    arguments.add(uniform(GRADIENT, 1, shape));
    return new Plan<>(outputAndGradients("input", "weight", "bias"), arguments, "layer_norm_gradient");
  }

  private Plan<T> crossEntropy(Work.CrossEntropy work) {
    T labels = engine.indices(inputs.indices("labels", work.rows(), work.classes()));
    return new Plan<>(
        List.of("loss", "gradient of logits"),
        List.of(uniform("logits", 4, work.rows(), work.classes()), labels),
        "cross_entropy_gradient");
  }

  private Plan<T> embeddingGradient(Work.EmbeddingGradient work) {
    T tokens = engine.indices(inputs.indices("tokens", work.tokens(), work.classes()));
    return new Plan<>(
        gradients("table"),
        List.of(uniform(GRADIENT, 1, work.tokens(), work.width()), tokens, zeros(work.classes(), 1)),
        "embedding_gradient");
  }

  private T uniform(String argument, double bound, long... shape) {
    return engine.tensor(inputs.uniform(argument, size(shape), bound), shape);
  }

  private T zeros(long... shape) {
    return engine.tensor(new float[size(shape)], shape);
  }

  private static int size(long... shape) {
    long size = 1;
    for (long extent : shape) {
      size *= extent;
    }
    return Math.toIntExact(size);
  }

  private static List<String> gradients(String... arguments) {
    return Stream.of(arguments).map("gradient of "::concat).toList();
  }

  private static List<String> outputAndGradients(String... arguments) {
    return Stream.concat(Stream.of(OUTPUT), gradients(arguments).stream()).toList();
  }
}
