package dev.sluice.nn.transformer;

import dev.sluice.Generator;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Layer;
import dev.sluice.nn.LayerNorm;
import dev.sluice.nn.Module;
import dev.sluice.nn.ModuleList;
import dev.sluice.nn.attention.AttentionCall;
import dev.sluice.nn.attention.MultiHeadAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A stack of {@link TransformerEncoderLayer}s, as torch.nn.TransformerEncoder, but that each layer draws initial values
 * of its own. Parameters: those of {@code layers.0}, {@code layers.1} and so on, and of {@code norm}, if there is one.
 *
 * <p>With causal attention it is a language model, and {@link #step} computes the same position by position.
 */
public final class TransformerEncoder extends Module implements Layer {
  private final ModuleList<TransformerEncoderLayer> layers;
  private final @Nullable LayerNorm norm;

  /**
   * What a stack computed; gradients flow through all.
   *
   * @param output of the input's shape
   * @param weights of each layer's attention, from the first layer on; empty unless asked for
   */
  public record Output(Tensor output, List<Tensor> weights) {}

  /**
   * So many layers.
   *
   * @param numLayers 1 or more
   * @param finalNorm whether the output is normalised, as a stack whose layers normalise first wants it
   * @param generator of the initial values, then of dropout
   */
  public TransformerEncoder(TransformerOptions options, int numLayers, boolean finalNorm, Generator generator) {
    Arguments.positive("transformerEncoder", "numLayers", numLayers);
    layers = register("layers", new ModuleList<>(
        Stream.generate(() -> new TransformerEncoderLayer(options, generator)).limit(numLayers).toList()));
    norm = finalNorm ? register("norm", layers.get(0).normalization()) : null;
  }

  /** The output of every position over every position. */
  @Override
  public Tensor forward(Tensor input) {
    return forward(input, AttentionCall.PLAIN).output();
  }

  /**
   * Encodes.
   *
   * @param input REAL (batch, length, dModel) if batch first, else (length, batch, dModel); unbatched (length, dModel)
   * @param call of every layer's attention
   */
  public Output forward(Tensor input, AttentionCall call) {
    List<Tensor> weights = new ArrayList<>();
    Tensor x = input;
    for (TransformerEncoderLayer layer : layers) {
      MultiHeadAttention.Output output = layer.forward(x, call);
      x = output.output();
      if (output.weights() != null) {
        weights.add(output.weights());
      }
    }
    return new Output(norm == null ? x : norm.forward(x), List.copyOf(weights));
  }

  /**
   * Begins to compute position by position.
   *
   * @param batch how many sequences
   * @param capacity positions at most
   */
  public Decoding start(int batch, int capacity) {
    List<Decoding.Caches> caches = new ArrayList<>();
    for (TransformerEncoderLayer layer : layers) {
      caches.add(new Decoding.Caches(layer.cache(batch, capacity), null));
    }
    return new Decoding(caches, AttentionCall.PLAIN);
  }

  /**
   * What {@link #forward} with {@link dev.sluice.spi.AttentionSpec.Causal#TOP_LEFT} gives for the positions that follow
   * those of the steps before; nothing is recorded. For use in evaluation.
   *
   * @param input REAL (batch, added, dModel) if batch first, else (added, batch, dModel)
   * @return of the input's shape
   */
  public Tensor step(Tensor input, Decoding decoding) {
    decoding.requireFor("transformerEncoder", layers.size(), false);
    try (Tape.NoGrad _ = Tape.noGrad()) {
      Tensor x = input;
      for (int i = 0; i < layers.size(); i++) {
        x = layers.get(i).step(x, decoding.caches(i).self());
      }
      return norm == null ? x : norm.forward(x);
    }
  }
}
