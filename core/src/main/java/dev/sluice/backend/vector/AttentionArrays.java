package dev.sluice.backend.vector;

import dev.sluice.spi.AttentionKernels.Inputs;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Layout;
import org.jspecify.annotations.Nullable;

/**
 * The arrays behind one call's inputs, and where their rows lie.
 *
 * @param mask null for none
 * @param bias null for none
 * @param lengths null for all
 * @param predicate what the caller keeps; empty where that is not asked
 */
record AttentionArrays(AttentionSpec spec, float[] query, float[] key, float[] value, boolean @Nullable [] mask,
    float @Nullable [] bias, int @Nullable [] lengths, boolean[] predicate) {
  private static final boolean[] NONE = {};

  /**
   * Looks into the buffers.
   *
   * @throws IllegalArgumentException if a length is out of range
   */
  static AttentionArrays of(AttentionSpec spec, Inputs inputs) {
    int[] lengths = spec.lengths() && inputs.lengths() != null ? VectorBuffer.ints(inputs.lengths()) : null;
    if (lengths != null) {
      Lengths.check("attention", lengths, spec.batch(), spec.keys());
    }
    return new AttentionArrays(spec, VectorBuffer.reals(inputs.query()), VectorBuffer.reals(inputs.key()),
        VectorBuffer.reals(inputs.value()),
        spec.mask() == null || inputs.mask() == null ? null : VectorBuffer.flags(inputs.mask()),
        spec.bias() == null || inputs.bias() == null ? null : VectorBuffer.reals(inputs.bias()), lengths,
        inputs.predicate() == null ? NONE : VectorBuffer.flags(inputs.predicate()));
  }

  /** Where a row of a layout starts. */
  static int at(Layout layout, int batch, int head, int row) {
    return batch * layout.batch() + head * layout.head() + row * layout.row();
  }

  /** How many leading keys a query may see, by position and length; it never falls from one query to the next. */
  int limit(int batch, int query) {
    int visible = spec.visibleKeys(query);
    return lengths == null ? visible : Math.min(visible, lengths[batch]);
  }

  /** The number of a query row among (batch, heads, queries). */
  int row(int batch, int head, int query) {
    return (batch * spec.heads() + head) * spec.queries() + query;
  }
}
