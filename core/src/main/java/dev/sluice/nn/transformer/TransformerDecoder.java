package dev.sluice.nn.transformer;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.LayerNorm;
import dev.sluice.nn.Module;
import dev.sluice.nn.ModuleList;
import dev.sluice.nn.attention.AttentionCall;
import dev.sluice.spi.AttentionSpec.Causal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A stack of {@link TransformerDecoderLayer}s, as torch.nn.TransformerDecoder, but that each layer draws initial values
 * of its own. Parameters: those of {@code layers.0}, {@code layers.1} and so on, and of {@code norm}, if there is one.
 */
public final class TransformerDecoder extends Module {
  private final ModuleList<TransformerDecoderLayer> layers;
  private final @Nullable LayerNorm norm;
  private final boolean batchFirst;

  /**
   * What a stack computed; gradients flow through all.
   *
   * @param output of the target's shape
   * @param selfWeights of each layer's attention over the target, from the first layer on; empty unless asked for
   * @param memoryWeights of each layer's attention over the memory; empty unless asked for
   */
  public record Output(Tensor output, List<Tensor> selfWeights, List<Tensor> memoryWeights) {}

  /** What one layer, the i-th, makes of what it reads. */
  private interface Pass {
    TransformerDecoderLayer.Output of(TransformerDecoderLayer layer, Tensor x, int i);
  }

  /**
   * So many layers.
   *
   * @param numLayers 1 or more
   * @param finalNorm whether the output is normalised, as a stack whose layers normalise first wants it
   * @param generator of the initial values, then of dropout
   */
  public TransformerDecoder(TransformerOptions options, int numLayers, boolean finalNorm, Generator generator) {
    Arguments.positive("transformerDecoder", "numLayers", numLayers);
    layers = register("layers", new ModuleList<>(
        Stream.generate(() -> new TransformerDecoderLayer(options, generator)).limit(numLayers).toList()));
    norm = finalNorm ? register("norm", layers.get(0).normalization()) : null;
    batchFirst = options.batchFirst();
  }

  /** The output of every position of the target over every one of target and memory, as PyTorch's without masks. */
  public Tensor forward(Tensor target, Tensor memory) {
    return forward(target, memory, AttentionCall.PLAIN, AttentionCall.PLAIN).output();
  }

  /**
   * Decodes.
   *
   * @param target REAL (batch, length, dModel) if batch first, else (length, batch, dModel); unbatched (length, dModel)
   * @param memory REAL (batch, positions, dModel), (positions, batch, dModel) or (positions, dModel)
   * @param self of every layer's attention over the target; causal where each position is to see only those up to
   *     itself
   * @param over of every layer's attention over the memory
   */
  public Output forward(Tensor target, Tensor memory, AttentionCall self, AttentionCall over) {
    return through(target, (layer, x, _) -> layer.forward(x, memory, self, over));
  }

  /**
   * Begins to decode position by position over a memory, whose keys and values are computed here, once.
   *
   * @param memory REAL (batch, positions, dModel) if batch first, else (positions, batch, dModel)
   * @param over of every layer's attention over the memory: a padding mask, lengths or nothing; and whether weights are
   *     wanted
   * @param capacity positions of the target at most
   */
  public Decoding start(Tensor memory, AttentionCall over, int capacity) {
    Arguments.require(memory.rank() == 3, "transformerDecoder", "memory has shape " + memory.shape(), "a batch");
    Arguments.require(over.attnMask() == null && over.causal() == Causal.NONE, "transformerDecoder",
        "attention over the memory is restricted by position", "a padding mask, lengths or none");
    int batch = memory.size(batchFirst ? 0 : 1);
    Tensor padding = over.keyPaddingMask();
    Shape wanted = Shape.of(batch, memory.size(batchFirst ? 1 : 0));
    if (padding != null) {
      Arguments.require(padding.shape().equals(wanted), "transformerDecoder",
          "keyPaddingMask has shape " + padding.shape(), wanted.toString());
    }
    Tensor lengths = over.lengths();
    if (lengths != null) {
      Arguments.require(lengths.shape().equals(Shape.of(batch)), "transformerDecoder",
          "lengths has shape " + lengths.shape(), "(" + batch + ")");
    }
    List<Decoding.Caches> caches = new ArrayList<>();
    for (TransformerDecoderLayer layer : layers) {
      caches.add(new Decoding.Caches(layer.cache(batch, capacity), layer.cache(memory)));
    }
    return new Decoding(caches, over);
  }

  /**
   * What {@link #forward} with {@link dev.sluice.spi.AttentionSpec.Causal#TOP_LEFT} over the target gives for the
   * positions that follow those of the steps before; nothing is recorded. For use in evaluation.
   *
   * @param target REAL (batch, added, dModel) if batch first, else (added, batch, dModel)
   * @return the output of the target's shape, and the weights over the memory where {@link #start} asked for them
   */
  public Output step(Tensor target, Decoding decoding) {
    decoding.requireFor("transformerDecoder", layers.size(), true);
    try (Tape.NoGrad _ = Tape.noGrad()) {
      return through(target, (layer, x, i) -> {
        Decoding.Caches caches = decoding.caches(i);
        return layer.step(x, caches.self(), Objects.requireNonNull(caches.memory()), decoding.over());
      });
    }
  }

  private Output through(Tensor target, Pass pass) {
    List<Tensor> selfWeights = new ArrayList<>();
    List<Tensor> memoryWeights = new ArrayList<>();
    Tensor x = target;
    for (int i = 0; i < layers.size(); i++) {
      TransformerDecoderLayer.Output output = pass.of(layers.get(i), x, i);
      x = output.output();
      if (output.selfWeights() != null) {
        selfWeights.add(output.selfWeights());
      }
      if (output.memoryWeights() != null) {
        memoryWeights.add(output.memoryWeights());
      }
    }
    return new Output(norm == null ? x : norm.forward(x), List.copyOf(selfWeights), List.copyOf(memoryWeights));
  }
}
