package dev.sluice.nn.attention;

import static dev.sluice.autograd.Logic.nor;
import static dev.sluice.autograd.Shaping.cat;
import static dev.sluice.autograd.Shaping.expand;
import static dev.sluice.autograd.Shaping.reshape;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Arithmetic;
import dev.sluice.autograd.Logic;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.ElementType;
import java.util.ArrayList;
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
    List<Tensor> masks = new ArrayList<>();
    if (padding != null) {
      masks.add(reshape(padding, batch, 1, 1, keys));
    }
    if (attention != null) {
      boolean perHead = attention.rank() == 3;
      masks.add(reshape(attention, perHead ? batch : 1, perHead ? heads : 1, queries, keys));
    }
    // Added keys have the last positions, yet every query sees them: then positions are masked like all else.
    boolean byPosition = added > 0 && call.causal() != Causal.NONE;
    if (byPosition) {
      masks.add(unseen(like, call.causal(), queries, keys));
    }
    Tensor allowed = neither(masks.stream().filter(mask -> mask.type() == ElementType.BOOL).toList());
    Tensor bias = masks.stream().filter(mask -> mask.type() == ElementType.REAL).reduce(Arithmetic::add).orElse(null);
    return new Masks(allowed == null ? null : widened(allowed, added), bias == null ? null : widened(bias, added),
        byPosition ? Causal.NONE : call.causal());
  }

  /** True where all are false; null of none. */
  private static @Nullable Tensor neither(List<Tensor> hidden) {
    if (hidden.isEmpty()) {
      return null;
    }
    Tensor last = hidden.getLast();
    return nor(hidden.subList(0, hidden.size() - 1).stream().reduce(Logic::or).orElse(last), last);
  }

  /** True where a query does not see a key by their positions. */
  private static Tensor unseen(Tensor like, Causal causal, int queries, int keys) {
    int reach = 1 + (causal == Causal.BOTTOM_RIGHT ? keys - queries : 0);
    boolean[] unseen = new boolean[queries * keys];
    for (int i = 0; i < unseen.length; i++) {
      unseen[i] = i % keys >= i / keys + reach;
    }
    return Tensor.of(like.backend(), unseen, 1, 1, queries, keys);
  }

  /** A mask and, behind it, so many columns that restrict nothing. */
  private static Tensor widened(Tensor mask, int added) {
    if (added == 0) {
      return mask;
    }
    Tensor open = mask.type() == ElementType.BOOL ? Tensor.of(mask.backend(), new boolean[] {true}, 1)
        : Tensor.full(mask.backend(), Shape.of(1), 0);
    return cat(List.of(mask, expand(open, mask.shape().with(-1, added).toArray())), -1);
  }
}
