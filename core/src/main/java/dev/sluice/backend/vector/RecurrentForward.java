package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorRecurrent.reals;

import dev.sluice.backend.vector.GemmTiles.Epilogue;
import dev.sluice.backend.vector.GemmTiles.Left;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.RecurrentKernels.Inputs;
import dev.sluice.spi.RecurrentKernels.Outputs;
import dev.sluice.spi.RecurrentKernels.Weights;
import dev.sluice.spi.RecurrentSpec;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One forward call of {@link VectorRecurrent}. */
final class RecurrentForward {
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
  private final float @Nullable [] inputBias;
  private final float @Nullable [] hiddenBias;
  private final float[] hiddenWeights;
  private final float @Nullable [] projection;
  private final float[] output;
  private final float @Nullable [] finalHidden;
  private final float @Nullable [] finalCell;
  private final float @Nullable [] reserve;

  RecurrentForward(Workers workers, Scratch scratch, VectorGemm gemm, RecurrentSpec spec, Timeline timeline,
      Inputs inputs, Weights weights, Outputs outputs, @Nullable Buffer reserve) {
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
    this.inputBias = reals(weights.inputBias());
    this.hiddenBias = reals(weights.hiddenBias());
    this.hiddenWeights = VectorBuffer.reals(weights.hiddenWeights());
    this.projection = reals(weights.projection());
    this.output = VectorBuffer.reals(Objects.requireNonNull(outputs.output()));
    this.finalHidden = reals(outputs.hidden());
    this.finalCell = reals(outputs.cell());
    this.reserve = reals(reserve);
  }

  void run() {
    float[] gates = reserve == null ? scratch.borrow(timeline.places() * spec.gateWidth()) : reserve;
    projectInput(gates);
    int width = spec.outputWidth();
    PackedMatrix recurrent = gemm.pack(width, spec.gateWidth(), hiddenWeights, 0, width, true);
    PackedMatrix projected = projection == null ? null
        : gemm.pack(spec.hiddenWidth(), width, projection, 0, spec.hiddenWidth(), true);
    int chunkRows = VectorRecurrent.chunkRows(spec);
    workers.run(Math.ceilDiv(spec.batch(), chunkRows), chunk -> {
      int first = chunk * chunkRows;
      runRows(first, Math.min(chunkRows, spec.batch() - first), gates, recurrent, projected);
    });
    gemm.release(recurrent);
    if (projected != null) {
      gemm.release(projected);
    }
    if (reserve == null) {
      scratch.release(gates);
    }
  }

  /** {@code gates = x W^T + b}, all steps at once. */
  private void projectInput(float[] gates) {
    int width = spec.inputWidth();
    float[] rows = input;
    if (timeline.isCompact()) {
      rows = scratch.borrow(timeline.places() * width);
      timeline.gather(input, rows, width);
    }
    float[] bias = null;
    if (inputBias != null && hiddenBias != null) {
      bias = scratch.borrow(spec.gateWidth());
      System.arraycopy(inputBias, 0, bias, 0, spec.gateWidth());
      // What a cell keeps apart gets its hidden bias from the cell.
      GateMath.add(bias, 0, hiddenBias, 0, spec.gateWidth() - cell.apart() * spec.hiddenWidth());
    }
    GemmSpec product = GemmSpec.of(timeline.places(), spec.gateWidth(), width, false, true);
    gemm.multiply(bias == null ? product : product.withBias(), rows, inputWeights, bias, gates);
    if (bias != null) {
      scratch.release(bias);
    }
    if (rows != input) {
      scratch.release(rows);
    }
  }

  /** All steps of the rows from the first on in the timeline's order. */
  private void runRows(int first, int count, float[] gates, PackedMatrix recurrentWeights,
      @Nullable PackedMatrix projected) {
    int width = spec.hiddenWidth();
    int outputWidth = spec.outputWidth();
    int gateWidth = spec.gateWidth();
    float[] hidden = scratch.borrow(count * outputWidth);
    float[] unprojected = projected == null ? hidden : scratch.borrow(count * width);
    float[] state = scratch.borrow(count * width);
    float[] recurrent = scratch.borrow(count * gateWidth);
    float[] workspace = scratch.borrow(GemmTiles.WORKSPACE);
    // Without a reserve nobody reads what a cell saves: all rows write to one.
    float[] saved = reserve == null ? scratch.borrow(width) : reserve;
    timeline.readStates(first, count, initialHidden, hidden, outputWidth);
    timeline.readStates(first, count, initialCell, state, width);
    Left hiddenRows = new Left(hidden, 0, outputWidth, false);
    Left unprojectedRows = new Left(unprojected, 0, width, false);
    for (int step = 0; step < timeline.length(first); step++) {
      int active = timeline.active(first, count, step);
      GemmTiles.multiply(hiddenRows, active, recurrentWeights, Epilogue.STORE, recurrent,
          0, gateWidth, workspace);
      advance(first, active, step, gates, recurrent, saved, state, unprojected);
      if (projected != null) {
        GemmTiles.multiply(unprojectedRows, active, projected, Epilogue.STORE, hidden, 0,
            outputWidth, workspace);
      }
      for (int i = 0; i < active; i++) {
        System.arraycopy(hidden, i * outputWidth, output,
            timeline.outputOffset(first + i, timeline.time(first + i, step)), outputWidth);
      }
    }
    clearOutput(first, count);
    timeline.writeStates(first, count, hidden, finalHidden, outputWidth);
    timeline.writeStates(first, count, state, finalCell, width);
    scratch.release(hidden);
    if (projected != null) {
      scratch.release(unprojected);
    }
    scratch.release(state);
    scratch.release(recurrent);
    scratch.release(workspace);
    if (reserve == null) {
      scratch.release(saved);
    }
  }

  /**
   * The cell's arithmetic of one step. A method of its own: inside the loop over the steps the compiler would have
   * inlined too much already, and box the vectors of a gate's function.
   */
  private void advance(int first, int active, int step, float[] gates, float[] recurrent, float[] saved, float[] state,
      float[] hidden) {
    int width = spec.hiddenWidth();
    int gateWidth = spec.gateWidth();
    for (int i = 0; i < active; i++) {
      int place = timeline.place(first + i, step);
      int savedAt = reserve == null ? 0 : VectorRecurrent.savedOffset(spec) + place * width;
      cell.forward(width, gates, place * gateWidth, recurrent, i * gateWidth, saved, savedAt, state, i * width, hidden,
          i * width);
    }
  }

  private void clearOutput(int first, int count) {
    for (int i = first; i < first + count; i++) {
      for (int time = timeline.length(i); time < spec.steps(); time++) {
        int offset = timeline.outputOffset(i, time);
        Arrays.fill(output, offset, offset + spec.outputWidth(), 0);
      }
    }
  }
}
