package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.reals;
import static dev.sluice.cuda.CudaBuffer.realsOrNull;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.RecurrentKernels;
import dev.sluice.spi.RecurrentSpec;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The recurrences. The input's part of the gates of all steps is one product. Where the hidden weights fit into shared
 * memory one kernel then runs all steps; else each step is a product, added straight onto the gates, and a kernel for
 * the cell's arithmetic. Backward likewise, and the gradients of weights, biases and input from all steps at once.
 *
 * <p>The reserve holds the columns of every place ({@link CellLayout}), and behind them what the cell saves apart.
 */
public final class CudaRecurrent implements RecurrentKernels {
  private final RecurrentTools tools;

  /** The recurrences of a device. */
  public CudaRecurrent(Device device) {
    tools = new RecurrentTools(device, new ColumnSums(device));
  }

  @Override
  public int recurrenceReserve(RecurrentSpec spec) {
    long elements = CellLayout.of(spec.cell()).reserve(spec);
    if (elements > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(name(spec) + ": reserve has " + elements + " elements, wanted at most "
          + Integer.MAX_VALUE);
    }
    return (int) elements;
  }

  @Override
  public void recurrence(RecurrentSpec spec, Inputs inputs, Weights weights, Outputs outputs,
      @Nullable Buffer reserve) {
    recurrenceReserve(spec);
    new RecurrentForward(tools, spec, inputs, lengths(spec, inputs), weights, outputs, reserve).run();
  }

  @Override
  public void recurrenceBackward(RecurrentSpec spec, Inputs inputs, Weights weights, Outputs outputs, Buffer reserve,
      Outputs gradOutputs, InputGradients inputGradients, Weights weightGradients) {
    // Read by no kernel, yet a closed one is refused.
    reals(Objects.requireNonNull(outputs.hidden()));
    realsOrNull(outputs.cell());
    new RecurrentBackward(tools, spec, inputs, lengths(spec, inputs), weights, outputs, reserve, gradOutputs,
        inputGradients, weightGradients).run();
  }

  private static @Nullable CudaBuffer lengths(RecurrentSpec spec, Inputs inputs) {
    if (!spec.lengths()) {
      return null;
    }
    CudaBuffer lengths = CudaBuffer.readInts(Objects.requireNonNull(inputs.lengths()));
    Lengths.check(name(spec), lengths, spec.batch(), spec.steps());
    return lengths;
  }

  private static String name(RecurrentSpec spec) {
    return spec.cell().name().toLowerCase(Locale.ROOT);
  }
}
