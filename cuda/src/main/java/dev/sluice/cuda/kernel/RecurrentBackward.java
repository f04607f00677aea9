package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.reals;
import static dev.sluice.cuda.CudaBuffer.realsOrNull;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Gemm;
import dev.sluice.cuda.kernel.RecurrentTools.CellKernels;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.RecurrentKernels.InputGradients;
import dev.sluice.spi.RecurrentKernels.Inputs;
import dev.sluice.spi.RecurrentKernels.Outputs;
import dev.sluice.spi.RecurrentKernels.Weights;
import dev.sluice.spi.RecurrentSpec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One backward call of {@link CudaRecurrent}: the gradients of the gates of every place, step by step; then those of
 * weights, biases and input from all places at once.
 */
final class RecurrentBackward {
  private final RecurrentTools tools;
  private final Gemm gemm;
  private final CellKernels kernels;
  private final CellLayout layout;
  private final RecurrentSpec spec;
  private final int places;
  private final CudaBuffer input;
  private final @Nullable CudaBuffer initialHidden;
  private final @Nullable CudaBuffer lengths;
  private final CudaBuffer inputWeights;
  private final CudaBuffer hiddenWeights;
  private final @Nullable CudaBuffer projection;
  private final CudaBuffer output;
  private final CudaBuffer reserve;
  private final @Nullable CudaBuffer gradOutput;
  private final @Nullable CudaBuffer gradFinalHidden;
  private final @Nullable CudaBuffer gradFinalCell;
  private final @Nullable CudaBuffer gradInput;
  private final @Nullable CudaBuffer gradHidden;
  private final @Nullable CudaBuffer gradCell;
  private final CudaBuffer gradInputWeights;
  private final CudaBuffer gradHiddenWeights;
  private final @Nullable CudaBuffer gradInputBias;
  private final @Nullable CudaBuffer gradHiddenBias;
  private final @Nullable CudaBuffer gradProjection;

  RecurrentBackward(RecurrentTools tools, RecurrentSpec spec, Inputs inputs, @Nullable CudaBuffer lengths,
      Weights weights, Outputs outputs, Buffer reserve, Outputs gradOutputs, InputGradients gradients,
      Weights weightGradients) {
    this.tools = tools;
    this.gemm = tools.gemm();
    this.kernels = tools.cell(spec);
    this.layout = kernels.layout();
    this.spec = spec;
    this.places = spec.steps() * spec.batch();
    this.lengths = lengths;
    this.input = reals(inputs.input());
    this.initialHidden = realsOrNull(inputs.hidden());
    this.inputWeights = reals(weights.inputWeights());
    this.hiddenWeights = reals(weights.hiddenWeights());
    this.projection = realsOrNull(weights.projection());
    this.output = reals(Objects.requireNonNull(outputs.output()));
    this.reserve = reals(reserve);
    this.gradOutput = realsOrNull(gradOutputs.output());
    this.gradFinalHidden = realsOrNull(gradOutputs.hidden());
    this.gradFinalCell = realsOrNull(gradOutputs.cell());
    this.gradInput = realsOrNull(gradients.input());
    this.gradHidden = realsOrNull(gradients.hidden());
    this.gradCell = realsOrNull(gradients.cell());
    this.gradInputWeights = reals(weightGradients.inputWeights());
    this.gradHiddenWeights = reals(weightGradients.hiddenWeights());
    this.gradInputBias = realsOrNull(weightGradients.inputBias());
    this.gradHiddenBias = realsOrNull(weightGradients.hiddenBias());
    this.gradProjection = realsOrNull(weightGradients.projection());
  }

  void run() {
    int outputWidth = spec.outputWidth();
    try (CudaBuffer gradGates = tools.scratch(layout.gates(spec));
        CudaBuffer previous = tools.scratch(places * outputWidth)) {
      tools.previous(spec, lengths, output, initialHidden, previous);
      if (projection != null && gradProjection != null) {
        projectedSteps(projection, previous, gradGates, gradProjection);
      } else if (FusedGrid.fits(spec)) {
        allSteps(previous, gradGates);
      } else {
        eachStep(previous, gradGates, null, null);
      }
      weightGradients(gradGates, previous);
      biasGradients(gradGates);
      inputGradient(gradGates);
    }
  }

  private void allSteps(CudaBuffer previous, CudaBuffer gradGates) {
    int state = spec.stateOffset(0, spec.hiddenWidth());
    FusedGrid grid = FusedGrid.backward(tools.multiprocessors(), spec);
    grid.run(RecurrentTools.startRun(kernels.runBackward(), spec).buffer(lengths).buffer(hiddenWeights).buffer(reserve)
        .buffer(reserve, layout.gates(spec)).buffer(previous).buffer(gradOutput).buffer(gradFinalHidden, state)
        .buffer(gradFinalCell, state).buffer(gradGates).buffer(gradHidden, state).buffer(gradCell, state));
  }

  /** All steps with a projection, and its gradient. */
  private void projectedSteps(CudaBuffer projection, CudaBuffer previous, CudaBuffer gradGates,
      CudaBuffer gradProjection) {
    int width = spec.hiddenWidth();
    int outputWidth = spec.outputWidth();
    try (CudaBuffer unprojected = tools.scratch(places * width);
        CudaBuffer gradProjected = tools.scratch(places * outputWidth)) {
      eachStep(previous, gradGates, unprojected, gradProjected);
      gemm.multiply(true, false, outputWidth, width, places, 1, gradProjected, 0, outputWidth, 0,
          unprojected, 0, width, 0, 0, gradProjection, 0, width, 0, 1);
    }
  }

  private void eachStep(CudaBuffer previous, CudaBuffer gradGates, @Nullable CudaBuffer unprojected,
      @Nullable CudaBuffer gradProjected) {
    int width = spec.hiddenWidth();
    int outputWidth = spec.outputWidth();
    boolean hasCell = spec.cell().hasCellState();
    try (CudaBuffer ownHidden = gradHidden == null ? tools.scratch(spec.batch() * outputWidth) : null;
        CudaBuffer ownCell = gradCell == null && hasCell ? tools.scratch(spec.batch() * width) : null;
        CudaBuffer gradUnprojected = unprojected == null ? null : tools.scratch(spec.batch() * width)) {
      CudaBuffer runningHidden = ownHidden == null ? Objects.requireNonNull(gradHidden) : ownHidden;
      CudaBuffer runningCell = ownCell == null ? gradCell : ownCell;
      int hiddenAt = ownHidden == null ? spec.stateOffset(0, outputWidth) : 0;
      int cellAt = ownCell == null ? spec.stateOffset(0, width) : 0;
      tools.state(spec, outputWidth, gradFinalHidden, runningHidden, hiddenAt);
      if (runningCell != null) {
        tools.state(spec, width, gradFinalCell, runningCell, cellAt);
      }
      int line = layout.width(spec);
      for (int k = spec.steps() - 1; k >= 0; k--) {
        int time = spec.reverse() ? spec.steps() - 1 - k : k;
        if (projection != null && gradProjected != null && gradUnprojected != null) {
          tools.projectBackward(spec, time, lengths, gradOutput, runningHidden, hiddenAt, gradProjected);
          gemm.multiply(false, false, spec.batch(), width, outputWidth, 1,
              gradProjected, spec.rowOffset(time, 0, outputWidth), lineStride(outputWidth), 0,
              projection, 0, width, 0, 0, gradUnprojected, 0, width, 0, 1);
        }
        tools.run(RecurrentTools.startStep(kernels.stepBackward(), spec, time).buffer(lengths).buffer(reserve)
            .buffer(reserve, layout.gates(spec)).buffer(previous).buffer(unprojected == null ? gradOutput : null)
            .buffer(runningHidden, hiddenAt).buffer(runningCell, cellAt).buffer(gradGates).buffer(gradUnprojected)
            .buffer(unprojected), spec.batch() * width);
        gemm.multiply(false, false, spec.batch(), outputWidth, spec.gateWidth(), 1,
            gradGates, spec.rowOffset(time, 0, line) + layout.hiddenColumn() * width, lineStride(line), 0,
            hiddenWeights, 0, outputWidth, 0, 1, runningHidden, hiddenAt, outputWidth, 0, 1);
      }
    }
  }

  /** From a row of a step to the next in a matrix (places, width). */
  private int lineStride(int width) {
    return spec.batchFirst() ? spec.steps() * width : width;
  }

  /** {@code dW = sum da x^T} and {@code dU = sum da h^T} over all places. */
  private void weightGradients(CudaBuffer gradGates, CudaBuffer previous) {
    int width = spec.inputWidth();
    int hiddenWidth = spec.hiddenWidth();
    int outputWidth = spec.outputWidth();
    int line = layout.width(spec);
    try (CudaBuffer copy = tools.valid(spec, input, lengths)) {
      for (CellLayout.Part part : layout.parts()) {
        gemm.multiply(true, false, part.blocks() * hiddenWidth, width, places, 1,
            gradGates, part.column() * hiddenWidth, line, 0,
            copy == null ? input : copy, 0, width, 0,
            0, gradInputWeights, part.block() * hiddenWidth * width, width, 0, 1);
      }
    }
    gemm.multiply(true, false, spec.gateWidth(), outputWidth, places, 1,
        gradGates, layout.hiddenColumn() * hiddenWidth, line, 0, previous, 0, outputWidth, 0,
        0, gradHiddenWeights, 0, outputWidth, 0, 1);
  }

  private void biasGradients(CudaBuffer gradGates) {
    if (gradInputBias == null || gradHiddenBias == null) {
      return;
    }
    int width = spec.hiddenWidth();
    int line = layout.width(spec);
    int chunks = ColumnSums.chunks(places);
    ColumnSums sums = tools.sums();
    try (CudaBuffer partials = sums.workspace(places, line)) {
      sums.partials(gradGates, places, line, partials);
      for (CellLayout.Part part : layout.parts()) {
        sums.totals(partials, chunks, line, part.column() * width, part.blocks() * width, gradInputBias,
            part.block() * width);
      }
      sums.totals(partials, chunks, line, layout.hiddenColumn() * width, spec.gateWidth(), gradHiddenBias, 0);
    }
  }

  /** {@code dx = W^T da} of all places. */
  private void inputGradient(CudaBuffer gradGates) {
    if (gradInput == null) {
      return;
    }
    int width = spec.inputWidth();
    int hiddenWidth = spec.hiddenWidth();
    double beta = spec.accumulateInput() ? 1 : 0;
    for (CellLayout.Part part : layout.parts()) {
      gemm.multiply(false, false, places, width, part.blocks() * hiddenWidth, 1,
          gradGates, part.column() * hiddenWidth, layout.width(spec), 0,
          inputWeights, part.block() * hiddenWidth * width, width, 0, beta, gradInput, 0, width, 0, 1);
      beta = 1;
    }
  }
}
