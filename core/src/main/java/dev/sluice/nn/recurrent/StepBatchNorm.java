package dev.sluice.nn.recurrent;

import dev.sluice.Tensor;
import dev.sluice.autograd.Normalization;
import dev.sluice.autograd.Shaping;
import dev.sluice.nn.BatchNorm1d;
import dev.sluice.nn.Module;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.ElementType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation of each step by itself, over the rows that have it, with one weight and bias for all steps.
 *
 * <p>Parameters: {@code weight} (width), 1 at first, {@code bias} (width), 0 at first. Buffers: {@code running_mean}
 * (maxSteps, width), 0 at first, {@code running_var} (maxSteps, width), 1 at first. In training a step that fewer than
 * two rows have is normalised by its running statistics, which stay.
 */
final class StepBatchNorm extends Module {
  private final int width;

  StepBatchNorm(int width, int maxSteps) {
    this.width = width;
    parameter("weight", Tensor.ones(width));
    parameter("bias", Tensor.zeros(width));
    buffer("running_mean", Tensor.zeros(maxSteps, width));
    buffer("running_var", Tensor.ones(maxSteps, width));
  }

  /** Normalises (steps, batch, width) or (batch, steps, width). */
  Tensor forward(Tensor sequence, Steps steps) {
    if (steps.steps() == 0) {
      return sequence;
    }
    if (steps.lengths() == null) {
      // Without lengths all steps are one normalisation, of steps * width channels.
      Tensor rows = steps.batchFirst() ? sequence : Shaping.transpose(sequence, 0, 1);
      Tensor flat = Shaping.reshape(rows, steps.batch(), steps.steps() * width);
      Tensor normalized = Shaping.reshape(span(flat, 0, steps.steps(), null, isTraining()), rows.shape().toArray());
      return steps.batchFirst() ? normalized : Shaping.transpose(normalized, 0, 1);
    }
    List<Tensor> each = Shaping.chunk(sequence, steps.steps(), steps.dimension());
    List<Tensor> normalized = new ArrayList<>();
    for (int step = 0; step < steps.steps(); step++) {
      boolean[] rows = steps.rows(step);
      int count = count(rows);
      normalized.add(span(Shaping.squeeze(each.get(step), steps.dimension()), step, 1,
          Tensor.of(sequence.backend(), rows, rows.length), isTraining() && count > 1));
    }
    return Shaping.stack(normalized, steps.dimension());
  }

  /** Normalises (batch, steps * width), the steps from one on. */
  private Tensor span(Tensor x, int first, int steps, @Nullable Tensor mask, boolean batchStatistics) {
    Tensor mean = part(buffer("running_mean"), first, steps);
    Tensor variance = part(buffer("running_var"), first, steps);
    Tensor y = Normalization.batchNorm(x, mean, variance, repeated(parameter("weight"), steps),
        repeated(parameter("bias"), steps), mask, batchStatistics, BatchNorm1d.DEFAULT_MOMENTUM,
        BatchNorm1d.DEFAULT_EPS);
    if (batchStatistics) {
      putBack(mean, buffer("running_mean"), first);
      putBack(variance, buffer("running_var"), first);
    }
    return y;
  }

  private Tensor part(Tensor statistics, int first, int steps) {
    return Shaping.reshape(Shaping.narrow(statistics, 0, first, steps), steps * width);
  }

  private void putBack(Tensor part, Tensor statistics, int first) {
    statistics.backend().memory().copy(new CopySpec(ElementType.REAL, new int[] {part.elements()}, 0, new int[] {1},
        first * width, new int[] {1}, 1, false), part.buffer(), statistics.buffer());
    statistics.markModified();
  }

  private Tensor repeated(Tensor parameter, int steps) {
    return Shaping.reshape(Shaping.expand(parameter, steps, width), steps * width);
  }

  private static int count(boolean[] rows) {
    int count = 0;
    for (boolean row : rows) {
      count += row ? 1 : 0;
    }
    return count;
  }
}
