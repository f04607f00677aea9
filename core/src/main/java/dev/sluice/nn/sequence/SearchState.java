package dev.sluice.nn.sequence;

import dev.sluice.Tensor;
import java.util.List;

/**
 * Where a decoder stands in each of several rows, each a hypothesis: all that it needs to go on. A search goes on from
 * what a step or a selection gave and never comes back to what it was made of, so that it may share memory with that.
 *
 * @param <S> this very type
 */
public interface SearchState<S extends SearchState<S>> {
  /** How many rows there are. */
  int rows();

  /**
   * Some of the rows.
   *
   * @param rows which, in the order wanted, each 0 to rows()-1; one may be there more than once, or not at all
   */
  S select(int[] rows);

  /** Everything that the next step reads: a search keeps these when it gives the rest of a step's memory back. */
  List<Tensor> tensors();
}
