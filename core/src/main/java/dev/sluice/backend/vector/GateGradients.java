package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorRecurrent.reals;

import dev.sluice.backend.vector.GemmTiles.Epilogue;
import dev.sluice.backend.vector.GemmTiles.Left;
import dev.sluice.backend.vector.GemmTiles.Right;
import dev.sluice.spi.RecurrentKernels.Weights;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of the gates' weights and biases, from the gradients of the gates and the rows x and h that they read,
 * of some places at a time: {@code dW = gradGates^T x}, {@code dU = gradGates^T h}, {@code db = sum gradGates}.
 * {@link GateLayout} says how a row of the gates' gradients is laid out. Threads share the gates.
 */
final class GateGradients {
  /** Gates that are worked on together: whole tiles, and pieces enough for some threads. */
  private static final int GATES = 64;
  /** Rows that are summed before they are added to a bias's gradient: short chains keep the rounding small. */
  private static final int SUM_ROWS = 64;

  private final Workers workers;
  private final Scratch scratch;
  private final GateLayout layout;
  private final float[] inputWeights;
  private final float[] hiddenWeights;
  private final float @Nullable [] inputBias;
  private final float @Nullable [] hiddenBias;
  private final float[] sums;
  /** What becomes of the next products: the first are stored, later ones added. */
  private Epilogue epilogue = Epilogue.STORE;

  GateGradients(Workers workers, Scratch scratch, GateLayout layout, Weights gradients) {
    this.workers = workers;
    this.scratch = scratch;
    this.layout = layout;
    this.inputWeights = VectorBuffer.reals(gradients.inputWeights());
    this.hiddenWeights = VectorBuffer.reals(gradients.hiddenWeights());
    this.inputBias = reals(gradients.inputBias());
    this.hiddenBias = reals(gradients.hiddenBias());
    this.sums = scratch.borrow(layout.gradients());
    Arrays.fill(sums, 0, layout.gradients(), 0);
  }

  /** Takes in as many places as the rows x and h have. */
  void add(float[] gradGates, PackedMatrix inputs, PackedMatrix hidden) {
    int jointPieces = Math.ceilDiv(layout.joint(), GATES);
    int pieces = jointPieces + Math.ceilDiv(layout.apart(), GATES);
    long work = Math.max(1, (long) inputs.depth() * layout.depth() * GATES);
    int piecesPerChunk = (int) Math.clamp(VectorGemm.CHUNK / work, 1, pieces);
    Left gates = new Left(gradGates, 0, layout.gradients(), true);
    workers.run(Math.ceilDiv(pieces, piecesPerChunk), chunk -> {
      float[] workspace = scratch.borrow(GemmTiles.WORKSPACE);
      int first = chunk * piecesPerChunk;
      for (int piece = first; piece < Math.min(pieces, first + piecesPerChunk); piece++) {
        if (piece < jointPieces) {
          addJoint(piece * GATES, gates, inputs, hidden, workspace);
        } else {
          addApart((piece - jointPieces) * GATES, gates, inputs, hidden, workspace);
        }
      }
      scratch.release(workspace);
    });
    epilogue = Epilogue.ADD;
  }

  private void addJoint(int gate, Left gates, PackedMatrix inputs, PackedMatrix hidden, float[] workspace) {
    int count = Math.min(GATES, layout.joint() - gate);
    addSums(gate, count, gates, inputs.depth());
    GemmTiles.multiply(gates, gate, count, workspace, toInput(gate, inputs), toHidden(gate, hidden));
  }

  private void addApart(int from, Left gates, PackedMatrix inputs, PackedMatrix hidden, float[] workspace) {
    int gate = layout.joint() + from;
    int count = Math.min(GATES, layout.apart() - from);
    addSums(gate, count, gates, inputs.depth());
    GemmTiles.multiply(gates, gate, count, workspace, toInput(gate, inputs));
    addSums(gate + layout.apart(), count, gates, inputs.depth());
    GemmTiles.multiply(gates, gate + layout.apart(), count, workspace, toHidden(gate, hidden));
  }

  private Right toInput(int gate, PackedMatrix inputs) {
    return new Right(inputs, epilogue, inputWeights, gate * layout.input(), layout.input());
  }

  private Right toHidden(int gate, PackedMatrix hidden) {
    return new Right(hidden, epilogue, hiddenWeights, gate * layout.hidden(), layout.hidden());
  }

  private void addSums(int from, int count, Left gates, int places) {
    for (int place = 0; place < places && inputBias != null; place += SUM_ROWS) {
      GateMath.addRows(sums, from, count, gates.values(), place * gates.stride() + from,
          Math.min(SUM_ROWS, places - place), gates.stride());
    }
  }

  /** Writes the biases' gradients, after the last places. */
  void finish() {
    if (inputBias != null && hiddenBias != null) {
      System.arraycopy(sums, 0, inputBias, 0, layout.gates());
      System.arraycopy(sums, 0, hiddenBias, 0, layout.joint());
      System.arraycopy(sums, layout.gates(), hiddenBias, layout.joint(), layout.apart());
    }
    scratch.release(sums);
  }
}
