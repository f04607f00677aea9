package dev.sluice.nn.transformer;

import dev.sluice.checks.Arguments;
import dev.sluice.nn.attention.AttentionCall;
import dev.sluice.nn.attention.KeyValueCache;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a stack of layers has come position by position: keys and values of the positions so far, and of the memory.
 * Made by {@link TransformerDecoder#start} or {@link TransformerEncoder#start}, in whose scope its room is; used with
 * the stack that made it.
 */
public final class Decoding {
  private final List<Caches> layers;
  private final AttentionCall over;

  /** Of one layer: of the positions so far, and of the memory, if there is one. */
  record Caches(KeyValueCache self, @Nullable KeyValueCache memory) {}

  Decoding(List<Caches> layers, AttentionCall over) {
    this.layers = List.copyOf(layers);
    this.over = over;
  }

  /** How many positions there have been. */
  public int length() {
    return layers.getFirst().self().length();
  }

  /**
   * Puts the sequences into another order, as beam search needs it: row i goes on from what row {@code rows[i]} was.
   * The memory stays where it is: rows that change places are those of one memory.
   *
   * @param rows one per sequence, each 0 to batch-1, repeated or left out as wanted
   */
  public void reorder(int... rows) {
    layers.forEach(layer -> layer.self().reorder(rows));
  }

  Caches caches(int layer) {
    return layers.get(layer);
  }

  /** What restricts the attention over the memory. */
  AttentionCall over() {
    return over;
  }

  void requireFor(String operation, int count, boolean hasMemory) {
    Arguments.require(layers.size() == count && (layers.getFirst().memory() != null) == hasMemory, operation,
        "decoding is of another stack", "one that this stack started");
  }
}
