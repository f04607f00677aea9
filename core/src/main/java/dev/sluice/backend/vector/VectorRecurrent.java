package dev.sluice.backend.vector;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.RecurrentKernels;
import dev.sluice.spi.RecurrentSpec;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The recurrences. Each chunk of batch rows runs through all steps by itself: at every step one product of its rows
 * [x, h] with the packed weights, {@link GateLayout}, and the cell's arithmetic, {@link CellKernel}. The backward does
 * so by spans of steps, after each of which the gradients of the weights take it in, {@link GateGradients}.
 * {@link Timeline} has the order.
 *
 * <p>The reserve holds the gates after their functions, (places, gates * hiddenWidth), and from {@link #savedOffset}
 * on what the cell saves, (places, hiddenWidth), where it saves anything.
 */
final class VectorRecurrent implements RecurrentKernels {
  /** What the arithmetic of a gate's element costs, in multiply-adds. */
  private static final int GATE_WORK = 32;

  private final Workers workers;
  private final Scratch scratch;
  private final VectorGemm gemm;

  VectorRecurrent(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
    this.gemm = new VectorGemm(workers, scratch);
  }

  @Override
  public int recurrenceReserve(RecurrentSpec spec) {
    long elements = (long) spec.steps() * spec.batch() * (spec.gateWidth() + savedWidth(spec));
    if (elements > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(spec.cell().name().toLowerCase(Locale.ROOT) + ": reserve has " + elements
          + " elements, wanted at most " + Integer.MAX_VALUE);
    }
    return (int) elements;
  }

  @Override
  public void recurrence(RecurrentSpec spec, Inputs inputs, Weights weights, Outputs outputs,
      @Nullable Buffer reserve) {
    new RecurrentForward(workers, scratch, gemm, spec, timeline(spec, inputs), inputs, weights, outputs, reserve).run();
  }

  @Override
  public void recurrenceBackward(RecurrentSpec spec, Inputs inputs, Weights weights, Outputs outputs, Buffer reserve,
      Outputs gradOutputs, InputGradients inputGradients, Weights weightGradients) {
    new RecurrentBackward(workers, scratch, gemm, spec, timeline(spec, inputs), inputs, weights, outputs, reserve,
        gradOutputs, inputGradients).run(weightGradients);
  }

  private static Timeline timeline(RecurrentSpec spec, Inputs inputs) {
    return new Timeline(spec, inputs.lengths() == null ? null : VectorBuffer.ints(inputs.lengths()));
  }

  static CellKernel cell(RecurrentSpec spec) {
    return switch (spec.cell()) {
      case LSTM -> new LstmKernel();
      case JANET -> new JanetKernel((float) spec.beta());
      case GRU -> new GruKernel();
      case RNN_TANH -> new ElmanKernel(false);
      case RNN_RELU -> new ElmanKernel(true);
    };
  }

  /** How much of each (row, step) a cell saves beside its gates. */
  private static int savedWidth(RecurrentSpec spec) {
    return switch (spec.cell()) {
      case LSTM, JANET, GRU -> spec.hiddenWidth();
      case RNN_TANH, RNN_RELU -> 0;
    };
  }

  /** Where the second part of the reserve starts. */
  static int savedOffset(RecurrentSpec spec) {
    return spec.steps() * spec.batch() * spec.gateWidth();
  }

  /**
   * Batch rows of a chunk: one chunk for each thread that finds enough to do, of about as many whole tiles. No bits
   * depend on it, for rows never meet before the weights' gradients.
   */
  static int chunkRows(RecurrentSpec spec, int threads) {
    long weights = (long) spec.gateWidth() * (spec.inputWidth() + spec.outputWidth());
    long rowWork = Math.max(1, spec.steps() * (weights + (long) GATE_WORK * spec.gateWidth()));
    int worthwhile = (int) Math.clamp(Math.ceilDiv(VectorGemm.CHUNK, rowWork), 1, GemmTiles.ROWS);
    int rows = Math.clamp(Math.ceilDiv(spec.batch(), threads), worthwhile, GemmTiles.ROWS);
    int chunks = Math.max(1, Math.ceilDiv(spec.batch(), rows));
    return Math.max(1, Math.ceilDiv(Math.ceilDiv(spec.batch(), chunks), Microkernel.LEAST)) * Microkernel.LEAST;
  }

  /** The elements of a REAL buffer, null for none. */
  static float @Nullable [] reals(@Nullable Buffer buffer) {
    return buffer == null ? null : VectorBuffer.reals(buffer);
  }
}
