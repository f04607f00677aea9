package dev.sluice.backend.vector;

import dev.sluice.spi.Selection;
import dev.sluice.spi.SelectionSpec;
import java.util.Arrays;

/** Selections from the rows of weights that were made already: {@link KeptKeys}, row by row. */
final class VectorSelection {
  private VectorSelection() {}

  /** The forward pass of some rows. */
  record Forward(SelectionSpec spec, int rowsPerChunk, Scratch scratch, float[] weights, boolean[] predicate,
      float[] selected, boolean[] kept) implements Workers.Task {
    @Override
    public void run(int chunk) {
      int start = chunk * rowsPerChunk;
      float[] order = scratch.borrow(KeptKeys.padded(spec.width()));
      try (KeptKeys keys = new KeptKeys(spec.selection(), spec.width(), scratch)) {
        for (int row = start; row < Chunks.end(start, rowsPerChunk, spec.rows()); row++) {
          row(row, row * spec.width(), keys, order);
        }
      }
      scratch.release(order);
    }

    private void row(int row, int at, KeptKeys keys, float[] order) {
      int n = spec.width();
      float sum = Lanes.sum(weights, at, n);
      choose(row, at, keys, order);
      if (spec.selection().picksOne() && sum == 0) {
        keys.none();
      }
      Arrays.fill(selected, at, at + n, 0);
      Arrays.fill(kept, at, at + n, false);
      keys.gather(weights, at, order, 0);
      float factor = 1;
      if (spec.selection().renormalises()) {
        float keptSum = 0;
        for (int i = 0; i < keys.count(); i++) {
          keptSum += order[i];
        }
        factor = keptSum == 0 ? 0 : 1 / keptSum;
      }
      for (int i = 0; i < keys.count(); i++) {
        int to = at + keys.indices[i];
        selected[to] = spec.selection().picksOne() ? sum / sum : order[i] * factor;
        kept[to] = true;
      }
    }

    private void choose(int row, int at, KeptKeys keys, float[] order) {
      int n = spec.width();
      for (int j = 0; j < n; j++) {
        order[j] = Float.isNaN(weights[at + j]) ? Float.POSITIVE_INFINITY : weights[at + j];
      }
      KeptKeys.pad(order, 0, n);
      switch (spec.selection()) {
        case Selection.All _ -> keys.open(order, 0, n);
        case Selection.Threshold(double least, boolean _) -> keys.atLeast(order, 0, n, (float) least);
        case Selection.Largest(int count, boolean _) -> keys.largest(order, 0, n, n, count, Rows.max(order, 0, n));
        case Selection.Predicate(var layout, boolean _) ->
            keys.flagged(predicate, row * layout.row(), n);
        case Selection.Sampled sampled -> keys.draw(weights, at, n, sampled.uniform(row));
        case Selection.ArgMax _ -> {
          keys.atLeast(order, 0, n, Rows.max(order, 0, n));
          keys.first(1);
        }
      }
    }
  }

  /** The backward pass of some rows. */
  record Backward(SelectionSpec spec, int rowsPerChunk, float[] weights, boolean[] kept, float[] gradSelected,
      float[] gradWeights) implements Workers.Task {
    @Override
    public void run(int chunk) {
      int start = chunk * rowsPerChunk;
      for (int row = start; row < Chunks.end(start, rowsPerChunk, spec.rows()); row++) {
        row(row * spec.width(), spec.width());
      }
    }

    private void row(int at, int n) {
      if (spec.selection().picksOne()) {
        System.arraycopy(gradSelected, at, gradWeights, at, n);
        return;
      }
      float factor = 1;
      float delta = 0;
      if (spec.selection().renormalises()) {
        float sum = 0;
        float dot = 0;
        for (int j = at; j < at + n; j++) {
          sum += kept[j] ? weights[j] : 0;
          dot = kept[j] ? Math.fma(weights[j], gradSelected[j], dot) : dot;
        }
        factor = sum == 0 ? 0 : 1 / sum;
        delta = sum == 0 ? 0 : dot / sum;
      }
      for (int j = at; j < at + n; j++) {
        gradWeights[j] = kept[j] && factor != 0 ? (gradSelected[j] - delta) * factor : 0;
      }
    }
  }
}
