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
 * One backward call of {@link VectorRecurrent}, in spans of steps from the last to the first. Through a span each chunk
 * of rows walks back by itself and leaves, at the place of every (row, step), the gradient of the gates and, packed for
 * the products to come, the rows x and h that they read; with a projection its input and its result's gradient as well.
 * Of those the gradients of the weights take in the span while it is in the cache.
 */
final class RecurrentBackward {
  /** Places of a span, whole blocks of the products over them: fewer stay nearer, but cost these more. */
  private static final int SPAN = PackedMatrix.BLOCK;

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

  /** That of {@link #gradRows}: without x where nobody wants its gradient. */
  private final GateLayout gradLayout;
  /** For each batch row the gradient of the row [x, h] that a step reads. */
  private final float[] gradRows;
  private final float[] gradStates;
  private final float[] gradGates;
  private final float[] packedInputs;
  private final float[] packedHidden;
  private final float @Nullable [] unprojected;
  private final float @Nullable [] gradProjected;

  RecurrentBackward(Workers workers, Scratch scratch, VectorGemm gemm, RecurrentSpec spec, Timeline timeline,
      Inputs inputs, Weights weights, Outputs outputs, Buffer reserve, Outputs gradOutputs,
      InputGradients inputGradients) {
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
    this.gradLayout = gradInput == null ? layout.withoutInput() : layout;
    int places = spanSteps() * spec.batch();
    this.gradRows = scratch.borrow(spec.batch() * gradLayout.row());
    this.gradStates = scratch.borrow(spec.batch() * spec.hiddenWidth());
    this.gradGates = scratch.borrow(places * layout.gradients());
    this.packedInputs = scratch.borrow(PackedMatrix.size(places, layout.input()));
    this.packedHidden = scratch.borrow(PackedMatrix.size(places, layout.hidden()));
    this.unprojected = projection == null ? null : scratch.borrow(places * spec.hiddenWidth());
    this.gradProjected = projection == null ? null : scratch.borrow(places * layout.hidden());
  }

  private int spanSteps() {
    return Math.clamp(SPAN / Math.max(1, spec.batch()), 1, Math.max(1, spec.steps()));
  }

  void run(Weights weightGradients) {
    GateWeights packed = GateWeights.backward(gemm, scratch, gradLayout, inputWeights, hiddenWeights);
    PackedMatrix projected = projection == null ? null
        : gemm.pack(layout.hidden(), spec.hiddenWidth(), projection, 0, spec.hiddenWidth(), false);
    timeline.readStates(0, spec.batch(), gradFinalHidden, layout.hidden(), gradRows, gradLayout.input(),
        gradLayout.row());
    timeline.readStates(0, spec.batch(), gradFinalCell, spec.hiddenWidth(), gradStates, 0, spec.hiddenWidth());
    GateGradients gateGradients = new GateGradients(workers, scratch, layout, weightGradients);
    int chunkRows = VectorRecurrent.chunkRows(spec, workers.threads());
    int end = spec.steps();
    do {
      int to = end;
      int from = Math.max(0, to - spanSteps());
      int places = timeline.place(0, to) - timeline.place(0, from);
      PackedMatrix inputs = new PackedMatrix(places, layout.input(), packedInputs);
      PackedMatrix hidden = new PackedMatrix(places, layout.hidden(), packedHidden);
      workers.run(Math.ceilDiv(spec.batch(), chunkRows), chunk -> {
        int first = chunk * chunkRows;
        runRows(first, Math.min(chunkRows, spec.batch() - first), from, to, inputs, hidden, packed, projected);
      });
      gateGradients.add(gradGates, inputs, hidden);
      projectionGradient(places, reals(weightGradients.projection()), to < spec.steps());
      end = from;
    } while (end > 0);
    gateGradients.finish();
    clearInputGradient();
    timeline.writeStates(0, spec.batch(), gradRows, gradLayout.input(), gradLayout.row(), gradInitialHidden,
        layout.hidden());
    timeline.writeStates(0, spec.batch(), gradStates, 0, spec.hiddenWidth(), gradInitialCell, spec.hiddenWidth());
    packed.release(gemm);
    if (projected != null) {
      gemm.release(projected);
    }
    release();
  }

  private void release() {
    scratch.release(gradRows);
    scratch.release(gradStates);
    scratch.release(gradGates);
    scratch.release(packedInputs);
    scratch.release(packedHidden);
    if (unprojected != null && gradProjected != null) {
      scratch.release(unprojected);
      scratch.release(gradProjected);
    }
  }

  /** The steps of a span, from the last to the first, of the rows from the first on in the timeline's order. */
  private void runRows(int first, int count, int from, int to, PackedMatrix inputs, PackedMatrix hidden,
      GateWeights weights, @Nullable PackedMatrix projected) {
    int width = spec.hiddenWidth();
    int stride = gradLayout.row();
    int hiddenAt = first * stride + gradLayout.input();
    float[] gradUnprojected = projected == null ? gradRows : scratch.borrow(count * width);
    float[] zeros = scratch.borrow(width);
    float[] workspace = scratch.borrow(GemmTiles.WORKSPACE);
    Arrays.fill(zeros, 0, width, 0);
    Left gateRows = new Left(gradGates, 0, layout.gradients(), false);
    Left gradHiddenRows = new Left(gradRows, hiddenAt, stride, false);
    for (int step = Math.min(to, timeline.length(first)) - 1; step >= from; step--) {
      int active = timeline.active(first, count, step);
      int place = timeline.place(first, step) - timeline.place(0, from);
      for (int i = 0; i < active; i++) {
        inputs.packRow(place + i, input, timeline.inputOffset(first + i, timeline.time(first + i, step)));
        hidden.packRow(place + i, hiddenBefore(step, zeros), hiddenBeforeAt(first + i, step));
        if (gradOutput != null) {
          Rows.add(gradRows, hiddenAt + i * stride, gradOutput,
              timeline.outputOffset(first + i, timeline.time(first + i, step)), layout.hidden());
        }
      }
      if (projected == null) {
        stepBack(first, active, step, place, zeros, gradRows, hiddenAt, stride);
      } else {
        keepProjection(first, active, step, place);
        GemmTiles.multiply(gradHiddenRows, active, projected, Epilogue.STORE, gradUnprojected, 0, width, workspace);
        stepBack(first, active, step, place, zeros, gradUnprojected, 0, width);
      }
      int wanted = step == 0 && gradInitialHidden == null ? gradLayout.input() : gradLayout.row();
      multiply(gateRows, place * layout.gradients(), active, weights, wanted, first * stride, workspace);
      writeInputGradient(first, active, step);
    }
    if (projected != null) {
      scratch.release(gradUnprojected);
    }
    scratch.release(zeros);
    scratch.release(workspace);
  }

  /** What holds the hidden states that a step reads. */
  private float[] hiddenBefore(int step, float[] zeros) {
    if (step > 0) {
      return output;
    }
    return initialHidden == null ? zeros : initialHidden;
  }

  /** Where in {@link #hiddenBefore} that of the i-th row starts. */
  private int hiddenBeforeAt(int i, int step) {
    if (step > 0) {
      return timeline.outputOffset(i, timeline.time(i, step - 1));
    }
    return initialHidden == null ? 0 : spec.stateOffset(timeline.row(i), layout.hidden());
  }

  /** The gradients of the gates of some rows, by the cell. */
  private void stepBack(int first, int active, int step, int place, float[] zeros, float[] gradHidden, int gradHiddenAt,
      int gradHiddenStride) {
    int width = spec.hiddenWidth();
    int saved = VectorRecurrent.savedOffset(spec);
    for (int i = 0; i < active; i++) {
      int reserved = timeline.place(first + i, step);
      float[] previous = zeros;
      int previousAt = 0;
      if (cell.carriesHidden()) {
        previous = hiddenBefore(step, zeros);
        previousAt = hiddenBeforeAt(first + i, step);
      } else if (step > 0) {
        previous = reserve;
        previousAt = saved + timeline.place(first + i, step - 1) * width;
      } else if (initialCell != null) {
        previous = initialCell;
        previousAt = spec.stateOffset(timeline.row(first + i), width);
      }
      cell.backward(width, reserve, reserved * layout.gates(), reserve, saved + reserved * width, previous, previousAt,
          gradHidden, gradHiddenAt + i * gradHiddenStride, gradStates, (first + i) * width, gradGates,
          (place + i) * layout.gradients());
    }
  }

  /** From the gradients of the gates to those of the first columns, so many, of the rows [x, h]. */
  private void multiply(Left gates, int skip, int active, GateWeights weights, int wanted, int target,
      float[] workspace) {
    int inputWidth = gradLayout.input();
    int stride = gradLayout.row();
    Epilogue epilogue = Epilogue.STORE;
    if (cell.carriesHidden()) {
      epilogue = Epilogue.ADD;
      for (int i = 0; i < active; i++) {
        Arrays.fill(gradRows, target + i * stride, target + i * stride + inputWidth, 0);
      }
    }
    GemmTiles.multiply(gates, skip, active, weights.joint(), 0, wanted, epilogue, gradRows, target, stride, workspace);
    if (weights.input() != null && weights.hidden() != null) {
      GemmTiles.multiply(gates, skip + layout.joint(), active, weights.input(), 0, inputWidth, Epilogue.ADD, gradRows,
          target, stride, workspace);
      GemmTiles.multiply(gates, skip + layout.joint() + layout.apart(), active, weights.hidden(), 0,
          Math.min(wanted - inputWidth, layout.hidden()), Epilogue.ADD, gradRows, target + inputWidth, stride,
          workspace);
    }
  }

  private void writeInputGradient(int first, int active, int step) {
    for (int i = first; i < first + active && gradInput != null; i++) {
      int source = i * gradLayout.row();
      int target = timeline.inputOffset(i, timeline.time(i, step));
      if (spec.accumulateInput()) {
        Rows.add(gradInput, target, gradRows, source, layout.input());
      } else {
        System.arraycopy(gradRows, source, gradInput, target, layout.input());
      }
    }
  }

  /** Past a row's last step the input has no part in anything. */
  private void clearInputGradient() {
    for (int i = 0; i < spec.batch() && gradInput != null && !spec.accumulateInput(); i++) {
      for (int time = timeline.length(i); time < spec.steps(); time++) {
        int offset = timeline.inputOffset(i, time);
        Arrays.fill(gradInput, offset, offset + layout.input(), 0);
      }
    }
  }

  /** What the gradient of the projection is made of. */
  private void keepProjection(int first, int active, int step, int place) {
    int width = spec.hiddenWidth();
    int outputWidth = layout.hidden();
    for (int i = 0; i < active && unprojected != null && gradProjected != null; i++) {
      int reserved = timeline.place(first + i, step);
      System.arraycopy(gradRows, (first + i) * gradLayout.row() + gradLayout.input(), gradProjected,
          (place + i) * outputWidth, outputWidth);
      LstmKernel.hidden(width, reserve, reserved * layout.gates(), reserve,
          VectorRecurrent.savedOffset(spec) + reserved * width, unprojected, (place + i) * width);
    }
  }

  /** {@code dP = gradProjected^T unprojected} of a span's places, added to that of the spans before. */
  private void projectionGradient(int places, float @Nullable [] gradProjection, boolean started) {
    if (gradProjection == null || gradProjected == null || unprojected == null) {
      return;
    }
    GemmSpec product = GemmSpec.of(layout.hidden(), spec.hiddenWidth(), places, true, false);
    gemm.multiply(started ? product.accumulating() : product, gradProjected, unprojected, null, gradProjection);
  }
}
