package dev.sluice.nn.attention;

import static dev.sluice.autograd.Arithmetic.add;
import static dev.sluice.autograd.Shaping.cat;
import static dev.sluice.autograd.Shaping.reshape;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.ElementType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The masks of a call as attention takes them: keys that were added behind the others always take part.
 *
 * @param allowed BOOL, true takes part, stretching to (batch, heads, queries, keys + added); null for all
 * @param bias REAL, added to the logits, stretching likewise; null for none
 * @param causal what remains to be restricted by position
 */
record Masks(@Nullable Tensor allowed, @Nullable Tensor bias, Causal causal) {
  /**
   * Of a call whose masks have the right shapes.
   *
   * @param like on whose backend masks are made
   * @param keys without those added
   */
  static Masks of(AttentionCall call, Tensor like, int batch, int heads, int queries, int keys, int added) {
    Tensor padding = call.keyPaddingMask();
    Tensor attention = call.attnMask();
    boolean perHead = attention != null && attention.rank() == 3;
    // Added keys have the last positions, yet every query sees them: then positions are masked like all else.
    boolean byPosition = added > 0 && call.causal() != Causal.NONE;
    boolean[] hiddenKeys = flags(padding);
    boolean[] hidden = flags(attention);
    Tensor allowed = null;
    if (hiddenKeys != null || hidden != null || byPosition) {
      boolean eachHead = hidden != null && perHead;
      Shape shape = Shape.of(hiddenKeys != null || eachHead ? batch : 1, eachHead ? heads : 1,
          hidden != null || byPosition ? queries : 1, keys + added);
      Causal causal = byPosition ? call.causal() : Causal.NONE;
      boolean[] values = new boolean[shape.elements()];
      for (int row = 0, at = 0; at < values.length; row++) {
        int query = row % shape.size(2);
        int firstKey = row / (shape.size(1) * shape.size(2)) * keys;
        int visible = visible(causal, query, queries, keys);
        int firstWeight = (eachHead ? row : query) * keys;
        for (int key = 0; key < keys + added; key++) {
          values[at++] = key >= keys || (key < visible && (hiddenKeys == null || !hiddenKeys[firstKey + key])
              && (hidden == null || !hidden[firstWeight + key]));
        }
      }
      allowed = Tensor.of(like.backend(), values, shape.toArray());
    }
    return new Masks(allowed, bias(padding, attention, like, batch, heads, keys, added),
        byPosition ? Causal.NONE : call.causal());
  }

  private static boolean @Nullable [] flags(@Nullable Tensor mask) {
    return mask != null && mask.type() == ElementType.BOOL ? mask.toBooleans() : null;
  }

  private static int visible(Causal causal, int query, int queries, int keys) {
    return switch (causal) {
      case NONE -> keys;
      case TOP_LEFT -> query + 1;
      case BOTTOM_RIGHT -> query + 1 + keys - queries;
    };
  }

  private static @Nullable Tensor bias(@Nullable Tensor padding, @Nullable Tensor attention, Tensor like, int batch,
      int heads, int keys, int added) {
    Tensor ofKeys = isReal(padding) ? reshape(padding, batch, 1, 1, keys) : null;
    Tensor ofQueries = !isReal(attention) ? null
        : attention.rank() == 2 ? reshape(attention, 1, 1, attention.size(0), keys)
        : reshape(attention, batch, heads, attention.size(1), keys);
    Tensor bias = ofKeys == null ? ofQueries : ofQueries == null ? ofKeys : add(ofKeys, ofQueries);
    return bias == null || added == 0 ? bias
        : cat(List.of(bias, Tensor.full(like.backend(), bias.shape().with(-1, added), 0)), -1);
  }

  private static boolean isReal(@Nullable Tensor mask) {
    return mask != null && mask.type() == ElementType.REAL;
  }
}
