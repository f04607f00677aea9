package dev.sluice.backend.vector;

import dev.sluice.spi.RecurrentSpec;

/**
 * How the gates of a recurrence meet its rows [x, h], an input step and the hidden state before it, side by side. Most
 * gates are joint: they sum {@code W x + U h}, one product with the weights [W, U]. The last gate of a cell may keep
 * the two apart. A row of gates has the joint ones, then that gate; a row of their gradients has the joint ones, then
 * that of {@code W x}, then that of {@code U h}.
 *
 * @param input width of x
 * @param hidden width of h
 * @param joint width of the joint gates
 * @param apart width of the gate kept apart; 0 for none
 */
record GateLayout(int input, int hidden, int joint, int apart) {
  static GateLayout of(RecurrentSpec spec, CellKernel cell) {
    int apart = cell.keepsApart() ? spec.hiddenWidth() : 0;
    return new GateLayout(spec.inputWidth(), spec.outputWidth(), spec.gateWidth() - apart, apart);
  }

  /** The same gates over h alone. */
  GateLayout withoutInput() {
    return new GateLayout(0, hidden, joint, apart);
  }

  /** Width of [x, h]. */
  int depth() {
    return input + hidden;
  }

  /** Width of a row [x, h] with zeros behind it to a whole vector: products into such rows have no columns over. */
  int row() {
    return Lanes.padded(depth());
  }

  /** Width of a row of gates. */
  int gates() {
    return joint + apart;
  }

  /** Width of a row of the gates' gradients. */
  int gradients() {
    return joint + 2 * apart;
  }
}
