package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.reals;
import static dev.sluice.cuda.CudaBuffer.realsOrNull;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Gemm;
import dev.sluice.cuda.kernel.RecurrentTools.CellKernels;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.RecurrentKernels.Inputs;
import dev.sluice.spi.RecurrentKernels.Outputs;
import dev.sluice.spi.RecurrentKernels.Weights;
import dev.sluice.spi.RecurrentSpec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One forward call of {@link CudaRecurrent}. The final states are the states of the steps on the way. */
final class RecurrentForward {
  private final RecurrentTools tools;
  private final Gemm gemm;
  private final CellKernels kernels;
  private final CellLayout layout;
  private final RecurrentSpec spec;
  private final CudaBuffer input;
  private final @Nullable CudaBuffer initialHidden;
  private final @Nullable CudaBuffer initialCell;
  private final @Nullable CudaBuffer lengths;
  private final CudaBuffer inputWeights;
  private final CudaBuffer hiddenWeights;
  private final @Nullable CudaBuffer inputBias;
  private final @Nullable CudaBuffer hiddenBias;
  private final @Nullable CudaBuffer projection;
  private final CudaBuffer output;
  private final CudaBuffer hidden;
  private final @Nullable CudaBuffer cell;
  private final @Nullable CudaBuffer reserve;

  RecurrentForward(RecurrentTools tools, RecurrentSpec spec, Inputs inputs, @Nullable CudaBuffer lengths,
      Weights weights, Outputs outputs, @Nullable Buffer reserve) {
    this.tools = tools;
    this.gemm = tools.gemm();
    this.kernels = tools.cell(spec);
    this.layout = kernels.layout();
    this.spec = spec;
    this.lengths = lengths;
    this.input = reals(inputs.input());
    this.initialHidden = realsOrNull(inputs.hidden());
    this.initialCell = realsOrNull(inputs.cell());
    this.inputWeights = reals(weights.inputWeights());
    this.hiddenWeights = reals(weights.hiddenWeights());
    this.inputBias = realsOrNull(weights.inputBias());
    this.hiddenBias = realsOrNull(weights.hiddenBias());
    this.projection = realsOrNull(weights.projection());
    this.output = reals(Objects.requireNonNull(outputs.output()));
    this.hidden = reals(Objects.requireNonNull(outputs.hidden()));
    this.cell = realsOrNull(outputs.cell());
    this.reserve = realsOrNull(reserve);
  }

  void run() {
    try (CudaBuffer own = reserve == null ? tools.scratch(layout.gates(spec)) : null) {
      CudaBuffer gates = own == null ? Objects.requireNonNull(reserve) : own;
      inputParts(gates);
      if (FusedGrid.fits(spec)) {
        allSteps(gates);
      } else {
        eachStep(gates);
      }
    }
  }

  /** {@code W x} of all steps. */
  private void inputParts(CudaBuffer gates) {
    int width = spec.inputWidth();
    int hiddenWidth = spec.hiddenWidth();
    try (CudaBuffer copy = tools.valid(spec, input, lengths)) {
      for (CellLayout.Part part : layout.parts()) {
        gemm.multiply(false, true, spec.steps() * spec.batch(), part.blocks() * hiddenWidth, width, 1,
            copy == null ? input : copy, 0, width, 0,
            inputWeights, part.block() * hiddenWidth * width, width, 0,
            0, gates, part.column() * hiddenWidth, layout.width(spec), 0, 1);
      }
    }
  }

  private void allSteps(CudaBuffer gates) {
    int width = spec.hiddenWidth();
    int state = spec.stateOffset(0, width);
    FusedGrid grid = FusedGrid.forward(tools.multiprocessors(), spec);
    grid.run(RecurrentTools.startRun(kernels.run(), spec).buffer(lengths).buffer(inputBias).buffer(hiddenBias)
        .buffer(hiddenWeights).buffer(initialHidden, state)
        .buffer(initialCell, state).buffer(gates).buffer(reserve, layout.gates(spec)).buffer(hidden, state)
        .buffer(cell, state).buffer(output).flag(reserve != null));
  }

  private void eachStep(CudaBuffer gates) {
    int width = spec.hiddenWidth();
    int outputWidth = spec.outputWidth();
    int hiddenAt = spec.stateOffset(0, outputWidth);
    tools.state(spec, outputWidth, initialHidden, hidden, hiddenAt);
    if (cell != null) {
      tools.state(spec, width, initialCell, cell, spec.stateOffset(0, width));
    }
    if (layout.hiddenColumn() > 0) {
      tools.clear(spec, gates);
    }
    int line = layout.width(spec);
    int lineStride = spec.batchFirst() ? spec.steps() * line : line;
    try (CudaBuffer unprojected = projection == null ? null : tools.scratch(spec.batch() * width);
        CudaBuffer projected = projection == null ? null : tools.scratch(spec.batch() * outputWidth)) {
      for (int k = 0; k < spec.steps(); k++) {
        int time = spec.reverse() ? spec.steps() - 1 - k : k;
        gemm.multiply(false, true, spec.batch(), spec.gateWidth(), outputWidth, 1, hidden, hiddenAt, outputWidth, 0,
            hiddenWeights, 0, outputWidth, 0,
            1, gates, spec.rowOffset(time, 0, line) + layout.hiddenColumn() * width, lineStride, 0, 1);
        step(time, gates, unprojected);
        if (projection != null && unprojected != null && projected != null) {
          gemm.multiply(false, true, spec.batch(), outputWidth, width, 1, unprojected, 0, width, 0,
              projection, 0, width, 0, 0, projected, 0, outputWidth, 0, 1);
          tools.project(spec, time, lengths, projected, hidden, output);
        }
      }
    }
  }

  private void step(int time, CudaBuffer gates, @Nullable CudaBuffer unprojected) {
    int width = spec.hiddenWidth();
    tools.run(RecurrentTools.startStep(kernels.step(), spec, time).buffer(lengths).buffer(inputBias)
        .buffer(hiddenBias).buffer(gates).buffer(reserve, layout.gates(spec))
        .buffer(hidden, spec.stateOffset(0, spec.outputWidth())).buffer(cell, spec.stateOffset(0, width))
        .buffer(output).buffer(unprojected), spec.batch() * width);
  }
}
