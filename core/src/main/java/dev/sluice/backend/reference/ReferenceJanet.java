package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceFunctions.sigmoid;

/**
 * JANET (van der Westhuizen and Lasenby, arXiv 1804.04849). With the pre-activations (s, a_g): {@code f = sigmoid(s)},
 * {@code k = sigmoid(s - beta)}, {@code g = tanh(a_g)}, {@code h' = f h + (1 - k) g}. Backward: {@code ds = dh' (h f
 * (1-f) - g k (1-k))}, {@code da_g = dh' (1 - k) (1 - g^2)}, {@code dh = dh' f} beside what comes through the gates.
 *
 * <p>Saved: f, k, g, h, each of the width.
 *
 * @param width of a gate
 * @param beta surplus of accumulation over forgetting
 */
record ReferenceJanet(int width, double beta) implements ReferenceCell {
  @Override
  public int saves() {
    return 4 * width;
  }

  @Override
  public void forward(double[] gates, double[] cell, double[] hidden, double[] saved, int at) {
    for (int j = 0; j < width; j++) {
      double f = sigmoid(gates[j]);
      double k = sigmoid(gates[j] - beta);
      double g = Math.tanh(gates[width + j]);
      saved[at + j] = f;
      saved[at + width + j] = k;
      saved[at + 2 * width + j] = g;
      saved[at + 3 * width + j] = hidden[j];
      hidden[j] = f * hidden[j] + (1 - k) * g;
    }
  }

  @Override
  public void backward(double[] saved, int at, double[] gradHidden, double[] gradCell, double[] gradGates,
      double[] gradHiddenBefore) {
    for (int j = 0; j < width; j++) {
      double f = saved[at + j];
      double k = saved[at + width + j];
      double g = saved[at + 2 * width + j];
      double hiddenBefore = saved[at + 3 * width + j];
      gradGates[j] = gradHidden[j] * (hiddenBefore * f * (1 - f) - g * k * (1 - k));
      gradGates[width + j] = gradHidden[j] * (1 - k) * (1 - g * g);
      gradHiddenBefore[j] += gradHidden[j] * f;
    }
  }
}
