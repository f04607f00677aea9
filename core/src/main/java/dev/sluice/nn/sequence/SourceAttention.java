package dev.sluice.nn.sequence;

import static dev.sluice.autograd.Shaping.indexSelect;

import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Module;
import dev.sluice.nn.attention.Attended;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Attention of many queries q_1 .. q_T over the valid outputs h_1 .. h_S of an encoder: a context for each query. All
 * queries of a batch are one call. A row without a valid output has weights 0.
 */
public abstract sealed class SourceAttention extends Module permits ScoredSourceAttention, MultiHeadSourceAttention {
  static final String NAME = "sourceAttention";

  private final int queryWidth;
  private final int width;

  /**
   * What is attended over, prepared once for all queries.
   *
   * @param keys (batch, steps, width), what queries are compared with
   * @param values (batch, steps, width), what a context is made of
   * @param lengths INT32 (batch), how many positions of each row are valid; null for all
   */
  public record Source(Tensor keys, Tensor values, @Nullable Tensor lengths) {
    /** Those rows, in that order. */
    Source select(int[] rows) {
      Tensor selected = indexSelect(values, 0, rows);
      int[] valid = lengths == null ? null : lengths.toInts();
      return new Source(keys == values ? selected : indexSelect(keys, 0, rows), selected, valid == null ? null
          : Tensor.of(values.backend(), Arrays.stream(rows).map(row -> valid[row]).toArray(), rows.length));
    }

    /** All of them. */
    List<Tensor> tensors() {
      List<Tensor> tensors = new ArrayList<>(List.of(keys, values));
      if (lengths != null) {
        tensors.add(lengths);
      }
      return tensors;
    }
  }

  /** What attention made of queries: contexts (batch, queries, width) and, if asked for, weights. */
  record Contexts(Tensor contexts, @Nullable Tensor weights) {}

  /**
   * Of queries of a width over outputs of a width.
   *
   * @param queryWidth Q, 1 or more
   * @param width W, 1 or more
   */
  SourceAttention(int queryWidth, int width) {
    Arguments.positive(NAME, "queryWidth", queryWidth);
    Arguments.positive(NAME, "width", width);
    this.queryWidth = queryWidth;
    this.width = width;
  }

  /** Width of a context. */
  public abstract int contextWidth();

  /** What is attended over, of outputs (batch, steps, width). */
  abstract Source source(Tensor outputs, @Nullable Tensor lengths);

  /** Of queries (batch, queries, queryWidth); the weights may be left out unless they are wanted. */
  abstract Contexts contexts(Tensor queries, Source source, boolean needWeights);

  /** Prepares what an encoder made, of outputs of this layer's width. */
  public final Source prepare(Encoded encoded) {
    Tensor outputs = encoded.outputs();
    Arguments.require(outputs.rank() == 3 && outputs.size(2) == width, NAME, "outputs has shape " + outputs.shape(),
        "(batch, steps, " + width + ")");
    Arguments.lengths(NAME, encoded.lengths(), outputs.size(0));
    return source(outputs, encoded.lengths());
  }

  /** The contexts alone; see {@link #attend}. */
  public final Tensor forward(Tensor queries, Source source) {
    requireQueries(queries, source);
    return contexts(queries, source, false).contexts();
  }

  /**
   * Attends. Positions past a row's length have weight 0; they must be finite, as those of an encoder are.
   *
   * @param queries REAL (batch, queries, queryWidth)
   * @return output (batch, queries, contextWidth) and weights (batch, queries, steps)
   */
  public final Attended attend(Tensor queries, Source source) {
    requireQueries(queries, source);
    Contexts contexts = contexts(queries, source, true);
    return new Attended(contexts.contexts(), Objects.requireNonNull(contexts.weights()));
  }

  private void requireQueries(Tensor queries, Source source) {
    int batch = source.values().size(0);
    Arguments.require(queries.rank() == 3 && queries.size(2) == queryWidth && queries.size(0) == batch, NAME,
        "queries has shape " + queries.shape(), "(" + batch + ", queries, " + queryWidth + ")");
  }
}
