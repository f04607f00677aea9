package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceFunctions.sigmoid;

/**
 * LSTM (Hochreiter and Schmidhuber 1997). With the pre-activations (a_i, a_f, a_g, a_o): {@code i, f, o = sigmoid(a)},
 * {@code g = tanh(a_g)}, {@code c' = f c + i g}, {@code h' = o tanh(c')}. Backward, with {@code D = dc' + dh' o (1 -
 * tanh(c')^2)}: {@code da_i = D g i (1-i)}, {@code da_f = D c f (1-f)}, {@code da_g = D i (1 - g^2)}, {@code da_o = dh'
 * tanh(c') o (1-o)}, {@code dc = D f}.
 *
 * <p>Saved: i, f, g, o, c, tanh(c'), each of the width.
 *
 * @param width of a gate
 */
record ReferenceLstm(int width) implements ReferenceCell {
  @Override
  public int saves() {
    return 6 * width;
  }

  @Override
  public void forward(double[] gates, double[] cell, double[] hidden, double[] saved, int at) {
    for (int j = 0; j < width; j++) {
      double i = sigmoid(gates[j]);
      double f = sigmoid(gates[width + j]);
      double g = Math.tanh(gates[2 * width + j]);
      double o = sigmoid(gates[3 * width + j]);
      saved[at + j] = i;
      saved[at + width + j] = f;
      saved[at + 2 * width + j] = g;
      saved[at + 3 * width + j] = o;
      saved[at + 4 * width + j] = cell[j];
      cell[j] = f * cell[j] + i * g;
      double squashed = Math.tanh(cell[j]);
      saved[at + 5 * width + j] = squashed;
      hidden[j] = o * squashed;
    }
  }

  @Override
  public void backward(double[] saved, int at, double[] gradHidden, double[] gradCell, double[] gradGates,
      double[] gradHiddenBefore) {
    for (int j = 0; j < width; j++) {
      double i = saved[at + j];
      double f = saved[at + width + j];
      double g = saved[at + 2 * width + j];
      double o = saved[at + 3 * width + j];
      double cellBefore = saved[at + 4 * width + j];
      double squashed = saved[at + 5 * width + j];
      double total = gradCell[j] + gradHidden[j] * o * (1 - squashed * squashed);
      gradGates[j] = total * g * i * (1 - i);
      gradGates[width + j] = total * cellBefore * f * (1 - f);
      gradGates[2 * width + j] = total * i * (1 - g * g);
      gradGates[3 * width + j] = gradHidden[j] * squashed * o * (1 - o);
      gradCell[j] = total * f;
    }
  }
}
