package dev.sluice.backend.vector;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The packed weights of a recurrence's gates, {@link GateLayout} says which are joint.
 *
 * @param joint [W, U] of the joint gates, in the backward as wide as a row [x, h]
 * @param input W of the gate kept apart; null if there is none
 * @param hidden U of the gate kept apart; null if there is none
 */
record GateWeights(PackedMatrix joint, @Nullable PackedMatrix input, @Nullable PackedMatrix hidden) {
  /** To multiply rows [x, h]: the gates are the columns. */
  static GateWeights forward(VectorGemm gemm, Scratch scratch, GateLayout layout, float[] inputWeights,
      float[] hiddenWeights) {
    float[] weights = join(scratch, layout, inputWeights, hiddenWeights);
    PackedMatrix joint = gemm.pack(layout.depth(), layout.joint(), weights, 0, layout.row(), true);
    scratch.release(weights);
    if (layout.apart() == 0) {
      return new GateWeights(joint, null, null);
    }
    return new GateWeights(joint,
        gemm.pack(layout.input(), layout.apart(), inputWeights, layout.joint() * layout.input(), layout.input(), true),
        gemm.pack(layout.hidden(), layout.apart(), hiddenWeights, layout.joint() * layout.hidden(), layout.hidden(),
            true));
  }

  /** To multiply gradients of the gates: these are the rows; the columns are those of a row [x, h]. */
  static GateWeights backward(VectorGemm gemm, Scratch scratch, GateLayout layout, float[] inputWeights,
      float[] hiddenWeights) {
    float[] weights = join(scratch, layout, inputWeights, hiddenWeights);
    PackedMatrix joint = gemm.pack(layout.joint(), layout.row(), weights, 0, layout.row(), false);
    scratch.release(weights);
    if (layout.apart() == 0) {
      return new GateWeights(joint, null, null);
    }
    return new GateWeights(joint,
        gemm.pack(layout.apart(), layout.input(), inputWeights, layout.joint() * layout.input(), layout.input(), false),
        gemm.pack(layout.apart(), layout.hidden(), hiddenWeights, layout.joint() * layout.hidden(), layout.hidden(),
            false));
  }

  /** [W, U] of the joint gates, row by row. */
  private static float[] join(Scratch scratch, GateLayout layout, float[] inputWeights, float[] hiddenWeights) {
    int input = layout.input();
    int hidden = layout.hidden();
    float[] weights = scratch.borrow(Math.multiplyExact(layout.joint(), layout.row()));
    for (int gate = 0; gate < layout.joint(); gate++) {
      System.arraycopy(inputWeights, gate * input, weights, gate * layout.row(), input);
      System.arraycopy(hiddenWeights, gate * hidden, weights, gate * layout.row() + input, hidden);
      Arrays.fill(weights, gate * layout.row() + layout.depth(), (gate + 1) * layout.row(), 0);
    }
    return weights;
  }

  void release(VectorGemm gemm) {
    gemm.release(joint);
    if (input != null) {
      gemm.release(input);
    }
    if (hidden != null) {
      gemm.release(hidden);
    }
  }
}
