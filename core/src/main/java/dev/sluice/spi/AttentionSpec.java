package dev.sluice.spi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attention of queries over keys.
 *
 * @param batch independent sequences
 * @param heads query heads; a multiple of keyHeads
 * @param keyHeads key and value heads
 * @param queries query positions
 * @param keys key positions
 * @param width width of a query and a key head
 * @param valueWidth width of a value head
 * @param query where the query's rows lie; its gradient's lie the same way
 * @param key where the key's rows lie
 * @param value where the value's rows lie
 * @param output where the output's rows lie; its gradient's lie the same way
 * @param scale factor of the dot products
 * @param causal which keys a query may see by position
 * @param mask strides of the boolean mask, null for none
 * @param bias strides of the additive mask, null for none
 * @param lengths whether a number of valid keys per batch row is given
 * @param selection which weights count; row {@code (batch*heads + head)*queries + i} of a draw is query i of a head
 * @param dropout which weights are dropped; element {@code ((batch*heads + head)*queries + i)*keys + j} is weight (i,
 *     j) of a head
 */
public record AttentionSpec(int batch, int heads, int keyHeads, int queries, int keys, int width, int valueWidth,
    Layout query, Layout key, Layout value, Layout output, double scale, Causal causal, @Nullable Layout mask,
    @Nullable Layout bias, boolean lengths, Selection selection, Dropout dropout) implements KernelSpec {
  /** Which keys a query may see by position. */
  public enum Causal {
    /** All. */
    NONE,
    /** Query i sees keys 0 to i: PyTorch's is_causal. */
    TOP_LEFT,
    /** Query i sees keys 0 to i + keys - queries: the last query sees all. */
    BOTTOM_RIGHT
  }

  /**
   * Where rows lie: row (b, h, i) starts at {@code b*batch + h*head + i*row} and is contiguous.
   *
   * @param batch step from one batch row to the next; 0 broadcasts (masks only)
   * @param head step from one head to the next; 0 broadcasts (masks only)
   * @param row step from one position to the next; 0 broadcasts (masks only)
   */
  public record Layout(int batch, int head, int row) {
    /** Dense (batch, heads, length, width). */
    public static Layout headsFirst(int heads, int length, int width) {
      return new Layout(Sizes.elements("attention", "layout", heads, length, width), length * width, width);
    }

    /** Dense (batch, length, heads, width), as a projection to all heads leaves it. */
    public static Layout lengthFirst(int heads, int length, int width) {
      return new Layout(Sizes.elements("attention", "layout", heads, length, width), width, heads * width);
    }
  }

  public AttentionSpec {
    Sizes.atLeast("attention", "batch", batch, 0);
    Sizes.atLeast("attention", "heads", heads, 1);
    Sizes.atLeast("attention", "keyHeads", keyHeads, 1);
    Sizes.atLeast("attention", "queries", queries, 0);
    Sizes.atLeast("attention", "keys", keys, 0);
    Sizes.atLeast("attention", "width", width, 0);
    Sizes.atLeast("attention", "valueWidth", valueWidth, 0);
    Sizes.require(heads % keyHeads == 0, "attention", "heads is " + heads + " for " + keyHeads + " key heads",
        "a multiple of the key heads");
    Sizes.elements("attention", "query", batch, heads, queries, width);
    Sizes.elements("attention", "key", batch, keyHeads, keys, width);
    Sizes.elements("attention", "value", batch, keyHeads, keys, valueWidth);
    Sizes.elements("attention", "output", batch, heads, queries, valueWidth);
  }

  /** Soft attention: all weights count. */
  public AttentionSpec(int batch, int heads, int keyHeads, int queries, int keys, int width, int valueWidth,
      Layout query, Layout key, Layout value, Layout output, double scale, Causal causal, @Nullable Layout mask,
      @Nullable Layout bias, boolean lengths, Dropout dropout) {
    this(batch, heads, keyHeads, queries, keys, width, valueWidth, query, key, value, output, scale, causal, mask, bias,
        lengths, Selection.ALL, dropout);
  }

  /** The same attention with another selection. */
  public AttentionSpec withSelection(Selection selection) {
    return new AttentionSpec(batch, heads, keyHeads, queries, keys, width, valueWidth, query, key, value, output, scale,
        causal, mask, bias, lengths, selection, dropout);
  }

  /** The key head that a query head uses. */
  public int keyHead(int head) {
    return head / (heads / keyHeads);
  }

  /** How many leading keys query i may see, before masks and lengths: 0 to keys. */
  public int visibleKeys(int query) {
    int visible = switch (causal) {
      case NONE -> keys;
      case TOP_LEFT -> query + 1;
      case BOTTOM_RIGHT -> query + 1 + keys - queries;
    };
    return Math.clamp(visible, 0, keys);
  }

  /** The number of weights, refused above 2^31-1: needed only where weights or a bias gradient are wanted. */
  public int weights() {
    return Sizes.elements("attention", "weights", batch, heads, queries, keys);
  }

  @Override
  public List<Operand> operands(Pass pass) {
    int queryLength = extent("query", query, heads, queries, width);
    int keyLength = extent("key", key, keyHeads, keys, width);
    int valueLength = extent("value", value, keyHeads, keys, valueWidth);
    int outputLength = extent("output", output, heads, queries, valueWidth);
    long weightsLength = (long) batch * heads * queries * keys;
    Operand lengthsOperand = Operand.read("lengths", lengths ? batch : 0).of(ElementType.INT32);
    List<Operand> operands = new ArrayList<>(List.of(Operand.read("query", queryLength), Operand.read("key", keyLength),
        Operand.read("value", valueLength), restriction("mask", mask).of(ElementType.BOOL), restriction("bias", bias),
        lengths ? lengthsOperand : lengthsOperand.orNull(),
        restriction("predicate", selection instanceof Selection.Predicate given ? given.layout() : null)
            .of(ElementType.BOOL)));
    operands.addAll(switch (pass) {
      case FORWARD -> List.of(Operand.write("output", outputLength), Operand.write("weights", weightsLength).orNull(),
          Operand.write("reserve", 0).orNull());
      case BACKWARD -> List.of(Operand.read("output", outputLength), Operand.read("reserve", 0),
          Operand.read("gradOutput", outputLength), Operand.read("gradWeights", weightsLength).orNull(),
          Operand.write("gradQuery", queryLength), Operand.write("gradKey", keyLength),
          Operand.write("gradValue", valueLength), Operand.write("gradBias", weightsLength).orNull());
    });
    return List.copyOf(operands);
  }

  private Operand restriction(String name, @Nullable Layout layout) {
    return layout == null ? Operand.read(name, 0).orNull()
        : Operand.read(name, extent(name, layout, heads, queries, keys));
  }

  private int extent(String name, Layout layout, int heads, int rows, int columns) {
    return Sizes.extent("attention", name, 0, new int[] {batch, heads, rows, columns},
        new int[] {layout.batch, layout.head, layout.row, 1});
  }
}
