package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorRecurrent.reals;

import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.GemmSpec.Matrix;
import dev.sluice.spi.RecurrentKernels.Weights;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of the gates' weights and biases, from the gradients of the gates and the rows [x, h] that they read,
 * of some places at a time: {@code [dW, dU] = gradGates^T [x, h]} of the joint gates is one product, and
 * {@code db = sum gradGates}. {@link GateLayout} says which gates are joint.
 */
final class GateGradients {
  /** Rows that are summed before they are added to a bias's gradient: short chains keep the rounding small. */
  private static final int SUM_ROWS = 64;

  private final Scratch scratch;
  private final VectorGemm gemm;
  private final GateLayout layout;
  private final float[] inputWeights;
  private final float[] hiddenWeights;
  private final float @Nullable [] inputBias;
  private final float @Nullable [] hiddenBias;
  /** [dW, dU] of the joint gates. */
  private final float[] joint;
  private final float[] sums;
  private boolean started;

  GateGradients(Scratch scratch, VectorGemm gemm, GateLayout layout, Weights gradients) {
    this.scratch = scratch;
    this.gemm = gemm;
    this.layout = layout;
    this.inputWeights = VectorBuffer.reals(gradients.inputWeights());
    this.hiddenWeights = VectorBuffer.reals(gradients.hiddenWeights());
    this.inputBias = reals(gradients.inputBias());
    this.hiddenBias = reals(gradients.hiddenBias());
    this.joint = scratch.borrow(Math.multiplyExact(layout.joint(), layout.row()));
    this.sums = scratch.borrow(layout.gradients());
    Arrays.fill(sums, 0, layout.gradients(), 0);
  }

  /** Takes in so many rows of both. */
  void add(int places, float[] gradGates, float[] rows) {
    int apart = layout.apart();
    multiply(places, gradGates, 0, layout.joint(), rows, 0, layout.row(), joint, 0);
    if (apart > 0) {
      multiply(places, gradGates, layout.joint(), apart, rows, 0, layout.input(), inputWeights,
          layout.joint() * layout.input());
      multiply(places, gradGates, layout.joint() + apart, apart, rows, layout.input(), layout.hidden(), hiddenWeights,
          layout.joint() * layout.hidden());
    }
    started = true;
    for (int place = 0; place < places && inputBias != null; place += SUM_ROWS) {
      int count = Math.min(SUM_ROWS, places - place);
      GateMath.addRows(sums, gradGates, place * layout.gradients(), count, layout.gradients());
    }
  }

  /** {@code C (m, n) = A^T B}, or added to it: A are m columns of the gates' gradients, B n columns of the rows. */
  private void multiply(int places, float[] gradGates, int aFrom, int m, float[] rows, int bFrom, int n, float[] c,
      int cFrom) {
    Matrix left = new Matrix(aFrom, layout.gradients(), 0, true);
    Matrix right = new Matrix(bFrom, layout.row(), 0, false);
    Matrix product = new Matrix(cFrom, n, 0, false);
    gemm.multiply(new GemmSpec(1, m, n, places, left, right, product, 1, started ? 1 : 0, false), gradGates, rows,
        null, c);
  }

  /** Writes the gradients, after the last rows. */
  void finish() {
    int input = layout.input();
    int hidden = layout.hidden();
    for (int gate = 0; gate < layout.joint(); gate++) {
      System.arraycopy(joint, gate * layout.row(), inputWeights, gate * input, input);
      System.arraycopy(joint, gate * layout.row() + input, hiddenWeights, gate * hidden, hidden);
    }
    if (inputBias != null && hiddenBias != null) {
      System.arraycopy(sums, 0, inputBias, 0, layout.gates());
      System.arraycopy(sums, 0, hiddenBias, 0, layout.joint());
      System.arraycopy(sums, layout.gates(), hiddenBias, layout.joint(), layout.apart());
    }
    scratch.release(joint);
    scratch.release(sums);
  }
}
