package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceFunctions.rectifierSlope;

/**
 * The plain recurrence (Elman 1990): {@code h' = tanh(a)} or {@code h' = max(a, 0)} of the pre-activation a. Backward:
 * {@code da = dh' (1 - h'^2)}, or dh' where h' is positive and 0 else.
 *
 * <p>Saved: h', of the width.
 *
 * @param width of the hidden state
 * @param rectified whether max in place of tanh
 */
record ReferenceElman(int width, boolean rectified) implements ReferenceCell {
  @Override
  public int saves() {
    return width;
  }

  @Override
  public void forward(double[] gates, double[] cell, double[] hidden, double[] saved, int at) {
    for (int j = 0; j < width; j++) {
      hidden[j] = rectified ? Math.max(gates[j], 0) : Math.tanh(gates[j]);
      saved[at + j] = hidden[j];
    }
  }

  @Override
  public void backward(double[] saved, int at, double[] gradHidden, double[] gradCell, double[] gradGates,
      double[] gradHiddenBefore) {
    for (int j = 0; j < width; j++) {
      double h = saved[at + j];
      gradGates[j] = gradHidden[j] * (rectified ? rectifierSlope(h) : 1 - h * h);
    }
  }
}
