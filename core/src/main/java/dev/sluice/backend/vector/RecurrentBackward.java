package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorRecurrent.reals;

import dev.sluice.backend.vector.GemmTiles.Epilogue;
import dev.sluice.backend.vector.GemmTiles.Left;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.RecurrentKernels.InputGradients;
import dev.sluice.spi.RecurrentKernels.Inputs;
import dev.sluice.spi.RecurrentKernels.Outputs;
import dev.sluice.spi.RecurrentKernels.Weights;
import dev.sluice.spi.RecurrentSpec;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One backward call of {@link VectorRecurrent}. Each chunk of rows walks back through the steps and leaves, at the
 * place of every (row, step), the gradient of the gates and the hidden state that they read, and with a projection its
 * input and its result's gradient. The gradients of weights and input are products of those. The gradients of the
 * biases are summed on the way, over the rows of a step, then over some steps, then over these, then over the chunks.
 */
final class RecurrentBackward {
  /** Steps whose gradients are summed before they are added to a chunk's: short chains keep the rounding small. */
  private static final int SUM_STEPS = 8;

  private final Workers workers;
  private final Scratch scratch;
  private final VectorGemm gemm;
  private final RecurrentSpec spec;
  private final CellKernel cell;
  private final Timeline timeline;
  private final float[] input;
  private final float @Nullable [] initialHidden;
  private final float @Nullable [] initialCell;
  private final float[] inputWeights;
  private final float[] hiddenWeights;
  private final float @Nullable [] projection;
  private final float[] output;
  private final float[] reserve;
  private final float @Nullable [] gradOutput;
  private final float @Nullable [] gradFinalHidden;
  private final float @Nullable [] gradFinalCell;
  private final float @Nullable [] gradInput;
  private final float @Nullable [] gradInitialHidden;
  private final float @Nullable [] gradInitialCell;

  private final float[] gradGates;
  /** The gradient of what the gates get from the hidden state; another than {@link #gradGates} only if kept apart. */
  private final float[] gradHiddenParts;
  private final float[] previousHidden;
  /** For each chunk the sum of {@link #gradGates}, and behind it that of the hidden parts. */
  private final float[] biasSums;
  private final float @Nullable [] unprojected;
  private final float @Nullable [] gradProjected;

  RecurrentBackward(Workers workers, Scratch scratch, VectorGemm gemm, RecurrentSpec spec, Timeline timeline,
      Inputs inputs, Weights weights, Outputs outputs, Buffer reserve, Outputs gradOutputs,
      InputGradients inputGradients) {
    this.workers = workers;
    this.scratch = scratch;
    this.gemm = gemm;
    this.spec = spec;
    this.cell = VectorRecurrent.cell(spec, weights);
    this.timeline = timeline;
    this.input = VectorBuffer.reals(inputs.input());
    this.initialHidden = reals(inputs.hidden());
    this.initialCell = reals(inputs.cell());
    this.inputWeights = VectorBuffer.reals(weights.inputWeights());
    this.hiddenWeights = VectorBuffer.reals(weights.hiddenWeights());
    this.projection = reals(weights.projection());
    this.output = VectorBuffer.reals(Objects.requireNonNull(outputs.output()));
    this.reserve = VectorBuffer.reals(reserve);
    this.gradOutput = reals(gradOutputs.output());
    this.gradFinalHidden = reals(gradOutputs.hidden());
    this.gradFinalCell = reals(gradOutputs.cell());
    this.gradInput = reals(inputGradients.input());
    this.gradInitialHidden = reals(inputGradients.hidden());
    this.gradInitialCell = reals(inputGradients.cell());
    this.gradGates = scratch.borrow(timeline.places() * spec.gateWidth());
    this.gradHiddenParts = cell.apart() == 0 ? gradGates : scratch.borrow(timeline.places() * spec.gateWidth());
    this.previousHidden = scratch.borrow(timeline.places() * spec.outputWidth());
    this.biasSums = scratch.borrow(chunks() * sumsWidth());
    this.unprojected = projection == null ? null : scratch.borrow(timeline.places() * spec.hiddenWidth());
    this.gradProjected = projection == null ? null : scratch.borrow(timeline.places() * spec.outputWidth());
  }

  void run(Weights weightGradients) {
    int width = spec.outputWidth();
    PackedMatrix recurrent = gemm.pack(spec.gateWidth(), width, hiddenWeights, 0, width, false);
    PackedMatrix projected = projection == null ? null
        : gemm.pack(width, spec.hiddenWidth(), projection, 0, spec.hiddenWidth(), false);
    int chunkRows = VectorRecurrent.chunkRows(spec);
    workers.run(chunks(), chunk -> {
      int first = chunk * chunkRows;
      runRows(first, Math.min(chunkRows, spec.batch() - first), recurrent, projected, chunk * sumsWidth());
    });
    gemm.release(recurrent);
    if (projected != null) {
      gemm.release(projected);
    }
    weightGradients(weightGradients);
    inputGradient();
    scratch.release(gradGates);
    if (gradHiddenParts != gradGates) {
      scratch.release(gradHiddenParts);
    }
    scratch.release(previousHidden);
    scratch.release(biasSums);
    if (unprojected != null && gradProjected != null) {
      scratch.release(unprojected);
      scratch.release(gradProjected);
    }
  }

  private int chunks() {
    return Math.ceilDiv(spec.batch(), VectorRecurrent.chunkRows(spec));
  }

  private int sumsWidth() {
    return gradHiddenParts == gradGates ? spec.gateWidth() : 2 * spec.gateWidth();
  }

  /** All steps, from the last to the first, of the rows from the first on in the timeline's order. */
  private void runRows(int first, int count, PackedMatrix recurrentWeights, @Nullable PackedMatrix projected,
      int sumsAt) {
    int width = spec.hiddenWidth();
    int outputWidth = spec.outputWidth();
    int gateWidth = spec.gateWidth();
    float[] gradHidden = scratch.borrow(count * outputWidth);
    float[] gradUnprojected = projected == null ? gradHidden : scratch.borrow(count * width);
    float[] gradState = scratch.borrow(count * width);
    float[] gates = scratch.borrow(count * gateWidth);
    float[] zeros = scratch.borrow(width);
    float[] workspace = scratch.borrow(GemmTiles.WORKSPACE);
    Arrays.fill(zeros, 0, width, 0);
    float[] recent = scratch.borrow(sumsWidth());
    Arrays.fill(recent, 0, sumsWidth(), 0);
    Arrays.fill(biasSums, sumsAt, sumsAt + sumsWidth(), 0);
    timeline.readStates(first, count, gradFinalHidden, gradHidden, outputWidth);
    timeline.readStates(first, count, gradFinalCell, gradState, width);
    Epilogue carry = cell.carriesHidden() ? Epilogue.ADD : Epilogue.STORE;
    Left gateRows = new Left(gates, 0, gateWidth, false);
    Left gradHiddenRows = new Left(gradHidden, 0, outputWidth, false);
    for (int step = timeline.length(first) - 1; step >= 0; step--) {
      int active = timeline.active(first, count, step);
      for (int i = 0; i < active; i++) {
        readPreviousHidden(first + i, step);
        if (gradOutput != null) {
          int from = timeline.outputOffset(first + i, timeline.time(first + i, step));
          GateMath.add(gradHidden, i * outputWidth, gradOutput, from, outputWidth);
        }
      }
      if (projected != null) {
        keepProjection(first, active, step, gradHidden);
        GemmTiles.multiply(gradHiddenRows, active, projected, Epilogue.STORE,
            gradUnprojected, 0, width, workspace);
      }
      for (int i = 0; i < active; i++) {
        stepBack(first + i, step, zeros, gradUnprojected, i * width, gradState, i * width, gates, i * gateWidth);
      }
      GateMath.addRows(recent, 0, gates, active, gateWidth);
      if (gradHiddenParts != gradGates) {
        for (int i = 0; i < active; i++) {
          toHiddenPart(first + i, step, gates, i * gateWidth);
        }
        GateMath.addRows(recent, gateWidth, gates, active, gateWidth);
      }
      if (step % SUM_STEPS == 0) {
        GateMath.add(biasSums, sumsAt, recent, 0, sumsWidth());
        Arrays.fill(recent, 0, sumsWidth(), 0);
      }
      GemmTiles.multiply(gateRows, active, recurrentWeights, carry, gradHidden, 0,
          outputWidth, workspace);
    }
    timeline.writeStates(first, count, gradHidden, gradInitialHidden, outputWidth);
    timeline.writeStates(first, count, gradState, gradInitialCell, width);
    scratch.release(gradHidden);
    if (projected != null) {
      scratch.release(gradUnprojected);
    }
    scratch.release(gradState);
    scratch.release(gates);
    scratch.release(zeros);
    scratch.release(recent);
    scratch.release(workspace);
  }

  /** One row's gates: their gradients, also at the place of the step. */
  private void stepBack(int i, int step, float[] zeros, float[] gradHidden, int gradHiddenAt, float[] gradState,
      int gradStateAt, float[] gates, int gatesAt) {
    int width = spec.hiddenWidth();
    int gateWidth = spec.gateWidth();
    int place = timeline.place(i, step);
    int saved = VectorRecurrent.savedOffset(spec);
    float[] previous = zeros;
    int previousAt = 0;
    if (cell.carriesHidden()) {
      previous = previousHidden;
      previousAt = place * width;
    } else if (step > 0) {
      previous = reserve;
      previousAt = saved + timeline.place(i, step - 1) * width;
    } else if (initialCell != null) {
      previous = initialCell;
      previousAt = spec.stateOffset(timeline.row(i), width);
    }
    cell.backward(width, reserve, place * gateWidth, reserve, saved + place * width, previous, previousAt, gradHidden,
        gradHiddenAt, gradState, gradStateAt, gates, gatesAt);
    System.arraycopy(gates, gatesAt, gradGates, place * gateWidth, gateWidth);
  }

  /** One row's hidden parts, where they are kept apart. */
  private void toHiddenPart(int i, int step, float[] gates, int gatesAt) {
    int gateWidth = spec.gateWidth();
    int placeAt = timeline.place(i, step) * gateWidth;
    cell.toHiddenPart(spec.hiddenWidth(), reserve, placeAt, gates, gatesAt);
    System.arraycopy(gates, gatesAt, gradHiddenParts, placeAt, gateWidth);
  }

  private void readPreviousHidden(int i, int step) {
    int width = spec.outputWidth();
    int target = timeline.place(i, step) * width;
    if (step > 0) {
      int source = timeline.outputOffset(i, timeline.time(i, step - 1));
      System.arraycopy(output, source, previousHidden, target, width);
    } else if (initialHidden != null) {
      System.arraycopy(initialHidden, spec.stateOffset(timeline.row(i), width), previousHidden, target, width);
    } else {
      Arrays.fill(previousHidden, target, target + width, 0);
    }
  }

  /** What the gradient of the projection is made of. */
  private void keepProjection(int first, int active, int step, float[] gradHidden) {
    int width = spec.hiddenWidth();
    int outputWidth = spec.outputWidth();
    for (int i = 0; i < active && unprojected != null && gradProjected != null; i++) {
      int place = timeline.place(first + i, step);
      System.arraycopy(gradHidden, i * outputWidth, gradProjected, place * outputWidth, outputWidth);
      LstmKernel.hidden(width, reserve, place * spec.gateWidth(), reserve,
          VectorRecurrent.savedOffset(spec) + place * width, unprojected, place * width);
    }
  }

  private void weightGradients(Weights gradients) {
    float[] rows = input;
    if (timeline.isCompact()) {
      rows = scratch.borrow(timeline.places() * spec.inputWidth());
      timeline.gather(input, rows, spec.inputWidth());
    }
    int gateWidth = spec.gateWidth();
    sumOfProducts(gradGates, gateWidth, rows, spec.inputWidth(), VectorBuffer.reals(gradients.inputWeights()));
    if (rows != input) {
      scratch.release(rows);
    }
    sumOfProducts(gradHiddenParts, gateWidth, previousHidden, spec.outputWidth(),
        VectorBuffer.reals(gradients.hiddenWeights()));
    float[] gradInputBias = reals(gradients.inputBias());
    float[] gradHiddenBias = reals(gradients.hiddenBias());
    if (gradInputBias != null && gradHiddenBias != null) {
      sumChunks(0, gradInputBias);
      sumChunks(sumsWidth() - gateWidth, gradHiddenBias);
    }
    float[] gradProjection = reals(gradients.projection());
    if (gradProjection != null && gradProjected != null && unprojected != null) {
      sumOfProducts(gradProjected, spec.outputWidth(), unprojected, spec.hiddenWidth(), gradProjection);
    }
  }

  /** {@code target (m, n) = left^T right} over all places. */
  private void sumOfProducts(float[] left, int m, float[] right, int n, float[] target) {
    gemm.multiply(GemmSpec.of(m, n, timeline.places(), true, false), left, right, null, target);
  }

  /** The gradient of a bias: what starts there in the sums of every chunk. */
  private void sumChunks(int from, float[] target) {
    Arrays.fill(target, 0, spec.gateWidth(), 0);
    for (int chunk = 0; chunk < chunks(); chunk++) {
      GateMath.add(target, 0, biasSums, chunk * sumsWidth() + from, spec.gateWidth());
    }
  }

  private void inputGradient() {
    if (gradInput == null) {
      return;
    }
    int width = spec.inputWidth();
    GemmSpec product = GemmSpec.of(timeline.places(), width, spec.gateWidth(), false, false);
    if (timeline.isCompact()) {
      float[] rows = scratch.borrow(timeline.places() * width);
      gemm.multiply(product, gradGates, inputWeights, null, rows);
      timeline.scatter(rows, gradInput, width, spec.accumulateInput());
      scratch.release(rows);
    } else {
      gemm.multiply(spec.accumulateInput() ? product.accumulating() : product, gradGates, inputWeights, null,
          gradInput);
    }
  }
}
