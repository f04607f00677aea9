package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceFunctions.sigmoid;

/**
 * GRU (Cho et al. 2014) as torch.nn.GRU, which resets after the product. With the pre-activations (a_r, a_z) and the
 * candidate's two parts, {@code x_n = W_n x + b_in} and {@code h_n = U_n h + b_hn}: {@code r, z = sigmoid(a)},
 * {@code n = tanh(x_n + r h_n)}, {@code h' = (1 - z) n + z h}. Backward, with {@code D = dh' (1 - z) (1 - n^2)}:
 * {@code da_r = D h_n r (1-r)}, {@code da_z = dh' (h - n) z (1-z)}, {@code dx_n = D}, {@code dh_n = D r}, {@code dh =
 * dh' z} beside what comes through the gates.
 *
 * <p>Saved: r, z, n, h_n, h, each of the width.
 *
 * @param width of a gate
 */
record ReferenceGru(int width) implements ReferenceCell {
  @Override
  public int apart() {
    return width;
  }

  @Override
  public int saves() {
    return 5 * width;
  }

  @Override
  public void forward(double[] gates, double[] cell, double[] hidden, double[] saved, int at) {
    for (int j = 0; j < width; j++) {
      double r = sigmoid(gates[j]);
      double z = sigmoid(gates[width + j]);
      double fromHidden = gates[3 * width + j];
      double n = Math.tanh(gates[2 * width + j] + r * fromHidden);
      saved[at + j] = r;
      saved[at + width + j] = z;
      saved[at + 2 * width + j] = n;
      saved[at + 3 * width + j] = fromHidden;
      saved[at + 4 * width + j] = hidden[j];
      hidden[j] = (1 - z) * n + z * hidden[j];
    }
  }

  @Override
  public void backward(double[] saved, int at, double[] gradHidden, double[] gradCell, double[] gradGates,
      double[] gradHiddenBefore) {
    for (int j = 0; j < width; j++) {
      double r = saved[at + j];
      double z = saved[at + width + j];
      double n = saved[at + 2 * width + j];
      double fromHidden = saved[at + 3 * width + j];
      double hiddenBefore = saved[at + 4 * width + j];
      double candidate = gradHidden[j] * (1 - z) * (1 - n * n);
      gradGates[j] = candidate * fromHidden * r * (1 - r);
      gradGates[width + j] = gradHidden[j] * (hiddenBefore - n) * z * (1 - z);
      gradGates[2 * width + j] = candidate;
      gradGates[3 * width + j] = candidate * r;
      gradHiddenBefore[j] += gradHidden[j] * z;
    }
  }
}
