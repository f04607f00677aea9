package dev.sluice.nn.sequence;

import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.transformer.Decoding;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where a {@link TransformerTranslator} stands: keys and values in slots, as many for each source as the search is
 * wide, and the slot of each row. The slots' memory is in the scope in which the first state was made.
 */
public final class TransformerState implements SearchState<TransformerState> {
  private final Decoding decoding;
  private final int width;
  private final int slotCount;
  private final int[] slots;

  private TransformerState(Decoding decoding, int width, int slotCount, int[] slots) {
    this.decoding = decoding;
    this.width = width;
    this.slotCount = slotCount;
    this.slots = slots;
  }

  /** The first state of sources: one row of each. */
  static TransformerState start(Decoding decoding, int sources, int width) {
    return new TransformerState(decoding, width, sources * width,
        IntStream.range(0, sources).map(source -> source * width).toArray());
  }

  Decoding decoding() {
    return decoding;
  }

  int slotCount() {
    return slotCount;
  }

  /** The slot of each row. */
  int[] slots() {
    return slots;
  }

  @Override
  public int rows() {
    return slots.length;
  }

  @Override
  public TransformerState select(int[] rows) {
    int[] taken = new int[slotCount / width];
    int[] from = IntStream.range(0, slotCount).toArray();
    int[] selected = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      int source = slots[rows[i]] / width;
      Arguments.require(taken[source] < width, "transformerState", "rows of source " + source + " are more than "
          + width, "at most as many as the search that this was started for is wide");
      selected[i] = source * width + taken[source]++;
      from[selected[i]] = slots[rows[i]];
    }
    decoding.reorder(from);
    return new TransformerState(decoding, width, slotCount, selected);
  }

  @Override
  public List<Tensor> tensors() {
    return List.of();
  }
}
