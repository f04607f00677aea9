package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorRecurrent.reals;

import dev.sluice.backend.vector.GemmTiles.Epilogue;
import dev.sluice.backend.vector.GemmTiles.Left;
import dev.sluice.spi.Buffer;
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
  private final GateLayout layout;
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
    this.cell = VectorRecurrent.cell(spec);
    this.layout = GateLayout.of(spec, cell);
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
    int width = spec.outputWidth();
    GateWeights packed = GateWeights.forward(gemm, scratch, layout, inputWeights, hiddenWeights);
    PackedMatrix projected = projection == null ? null
        : gemm.pack(spec.hiddenWidth(), width, projection, 0, spec.hiddenWidth(), true);
    float[] bias = inputBias == null || hiddenBias == null ? null : sumBiases(inputBias, hiddenBias);
    int chunkRows = VectorRecurrent.chunkRows(spec, workers.threads());
    workers.run(Math.ceilDiv(spec.batch(), chunkRows), chunk -> {
      int first = chunk * chunkRows;
      runRows(first, Math.min(chunkRows, spec.batch() - first), packed, projected, bias);
    });
    packed.release(gemm);
    if (projected != null) {
      gemm.release(projected);
    }
    if (bias != null) {
      scratch.release(bias);
    }
  }

  /** What is added to a row of gates: of a gate kept apart, the input's bias. */
  private float[] sumBiases(float[] inputBias, float[] hiddenBias) {
    float[] bias = scratch.borrow(layout.gates());
    System.arraycopy(inputBias, 0, bias, 0, layout.gates());
    Rows.add(bias, 0, hiddenBias, 0, layout.joint());
    return bias;
  }

  /** All steps of the rows from the first on in the timeline's order. */
  private void runRows(int first, int count, GateWeights weights, @Nullable PackedMatrix projected,
      float @Nullable [] bias) {
    int width = spec.hiddenWidth();
    int row = layout.row();
    float[] rows = scratch.borrow(count * row);
    float[] unprojected = projected == null ? rows : scratch.borrow(count * width);
    float[] state = scratch.borrow(count * width);
    float[] gates = reserve == null ? scratch.borrow(count * layout.gates()) : reserve;
    float[] saved = reserve == null ? scratch.borrow(count * width) : reserve;
    float[] workspace = scratch.borrow(GemmTiles.WORKSPACE);
    timeline.readStates(first, count, initialHidden, layout.hidden(), rows, layout.input(), row);
    timeline.readStates(first, count, initialCell, width, state, 0, width);
    Products products = new Products(weights, rows, bias, gates, saved, workspace);
    Left unprojectedRows = new Left(unprojected, 0, width, false);
    for (int step = 0; step < timeline.length(first); step++) {
      int active = timeline.active(first, count, step);
      int place = reserve == null ? 0 : timeline.place(first, step);
      int savedAt = reserve == null ? 0 : VectorRecurrent.savedOffset(spec) + place * width;
      for (int i = 0; i < active; i++) {
        System.arraycopy(input, timeline.inputOffset(first + i, timeline.time(first + i, step)), rows, i * row,
            layout.input());
      }
      products.multiply(active, place * layout.gates(), savedAt);
      if (projected == null) {
        advance(active, gates, place * layout.gates(), saved, savedAt, state, rows, layout.input(), row);
      } else {
        advance(active, gates, place * layout.gates(), saved, savedAt, state, unprojected, 0, width);
        GemmTiles.multiply(unprojectedRows, active, projected, Epilogue.STORE, rows, layout.input(), row, workspace);
      }
      for (int i = 0; i < active; i++) {
        System.arraycopy(rows, i * row + layout.input(), output,
            timeline.outputOffset(first + i, timeline.time(first + i, step)), layout.hidden());
      }
    }
    clearOutput(first, count);
    timeline.writeStates(first, count, rows, layout.input(), row, finalHidden, layout.hidden());
    timeline.writeStates(first, count, state, 0, width, finalCell, width);
    scratch.release(rows);
    if (projected != null) {
      scratch.release(unprojected);
    }
    scratch.release(state);
    scratch.release(workspace);
    if (reserve == null) {
      scratch.release(gates);
      scratch.release(saved);
    }
  }

  /**
   * The cell's arithmetic of one step. A method of its own: inside the loop over the steps the compiler would have
   * inlined too much already, and box the vectors of a gate's function.
   */
  private void advance(int active, float[] gates, int gatesAt, float[] saved, int savedAt, float[] state,
      float[] hidden, int hiddenAt, int hiddenStride) {
    int width = spec.hiddenWidth();
    for (int i = 0; i < active; i++) {
      cell.forward(width, gates, gatesAt + i * layout.gates(), saved, savedAt + i * width, state, i * width, hidden,
          hiddenAt + i * hiddenStride);
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

  /** What rows [x, h] give to the gates. */
  private final class Products {
    private final GateWeights weights;
    private final Left rows;
    private final Epilogue toGates;
    private final Epilogue toApart;
    private final Epilogue toSaved;
    private final float[] gates;
    private final float[] saved;
    private final float[] workspace;

    Products(GateWeights weights, float[] rows, float @Nullable [] bias, float[] gates, float[] saved,
        float[] workspace) {
      this.weights = weights;
      this.rows = new Left(rows, 0, layout.row(), false);
      this.toGates = new Epilogue(1, 0, bias, 0);
      this.toApart = new Epilogue(1, 0, bias, layout.joint());
      this.toSaved = new Epilogue(1, 0, hiddenBias, layout.joint());
      this.gates = gates;
      this.saved = saved;
      this.workspace = workspace;
    }

    /** Of so many rows to the gates, and of a gate kept apart {@code U h} with its bias to what is saved. */
    void multiply(int count, int gatesAt, int savedAt) {
      GemmTiles.multiply(rows, count, weights.joint(), toGates, gates, gatesAt, layout.gates(), workspace);
      if (weights.input() != null && weights.hidden() != null) {
        GemmTiles.multiply(rows, count, weights.input(), toApart, gates, gatesAt + layout.joint(), layout.gates(),
            workspace);
        GemmTiles.multiply(rows, layout.input(), count, weights.hidden(), 0, layout.apart(), toSaved, saved, savedAt,
            layout.apart(), workspace);
      }
    }
  }
}
