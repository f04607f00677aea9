package dev.sluice.spi;

import java.util.ArrayList;
import java.util.List;

/**
 * One direction of one recurrent layer over all steps.
 *
 * @param cell which recurrence
 * @param steps time steps, T
 * @param batch rows, B
 * @param inputWidth width of an input step, I
 * @param hiddenWidth width of a gate and of the cell state, H
 * @param projectionWidth width of the projected hidden state, below H; 0 for no projection (LSTM only)
 * @param bias whether there are biases
 * @param batchFirst whether input and output are (batch, steps, width) in place of (steps, batch, width); states never
 *     are
 * @param reverse whether time runs backwards
 * @param directions how many directions share output and state buffers, 1 or 2
 * @param direction which of them this is: output columns {@code direction*R} on, state row {@code direction}
 * @param lengths whether a number of valid steps per row is given
 * @param beta JANET's surplus of accumulation over forgetting; 0 for the other cells
 * @param accumulateInput whether the backward adds to the input's gradient in place of overwriting it
 */
public record RecurrentSpec(RecurrentCell cell, int steps, int batch, int inputWidth, int hiddenWidth,
    int projectionWidth, boolean bias, boolean batchFirst, boolean reverse, int directions, int direction,
    boolean lengths, double beta, boolean accumulateInput) implements KernelSpec {
  public RecurrentSpec {
    String name = cell.name().toLowerCase();
    Sizes.atLeast(name, "steps", steps, 0);
    Sizes.atLeast(name, "batch", batch, 0);
    Sizes.atLeast(name, "inputWidth", inputWidth, 0);
    Sizes.atLeast(name, "hiddenWidth", hiddenWidth, 1);
    Sizes.require(projectionWidth >= 0 && projectionWidth < hiddenWidth, name, "projectionWidth is " + projectionWidth,
        "0 for none, or less than hiddenWidth " + hiddenWidth);
    Sizes.require(projectionWidth == 0 || cell == RecurrentCell.LSTM, name, "projectionWidth is " + projectionWidth,
        "0: only LSTM has a projection");
    Sizes.require(directions == 1 || directions == 2, name, "directions is " + directions, "1 or 2");
    Sizes.require(direction >= 0 && direction < directions, name, "direction is " + direction, "0 to "
        + (directions - 1));
    Sizes.require(beta == 0 || cell == RecurrentCell.JANET, name, "beta is " + beta, "0: only JANET has it");
    Sizes.elements(name, "input", steps, batch, inputWidth);
    Sizes.elements(name, "output", steps, batch, directions, hiddenWidth);
    Sizes.elements(name, "gates", steps, batch, cell.gates(), hiddenWidth);
    Sizes.elements(name, "inputWeights", cell.gates(), hiddenWidth, inputWidth);
    Sizes.elements(name, "hiddenWeights", cell.gates(), hiddenWidth, hiddenWidth);
  }

  /** Width of the hidden state and of a direction's output, R. */
  public int outputWidth() {
    return projectionWidth > 0 ? projectionWidth : hiddenWidth;
  }

  /** Rows of the weight matrices: gates times hidden width. */
  public int gateWidth() {
    return cell.gates() * hiddenWidth;
  }

  /** The first element of input or output row (step, row) where a row has so many elements. */
  public int rowOffset(int step, int row, int width) {
    return (batchFirst ? row * steps + step : step * batch + row) * width;
  }

  /** The first element of this direction's state of a row, where a state row has so many elements. */
  public int stateOffset(int row, int width) {
    return (direction * batch + row) * width;
  }

  @Override
  public List<Operand> operands(Pass pass) {
    boolean backward = pass == Pass.BACKWARD;
    List<Operand> operands = new ArrayList<>();
    operands.add(Operand.read("input", inputLength()));
    operands.add(Operand.read("hidden", stateLength(outputWidth())).orNull());
    operands.add(Operand.read("cell", cell.hasCellState() ? stateLength(hiddenWidth) : 0).orNull());
    Operand lengthsOperand = Operand.read("lengths", lengths ? batch : 0).of(ElementType.INT32);
    operands.add(lengths ? lengthsOperand : lengthsOperand.orNull());
    addWeights(operands, "", Operand.Access.READ);
    // Two directions write their own parts of shared buffers.
    addOutputs(operands, "", backward ? Operand.Access.READ : Operand.Access.UPDATE, false);
    if (backward) {
      operands.add(Operand.read("reserve", 0));
      addOutputs(operands, "grad ", Operand.Access.READ, true);
      operands.add(Operand.update("grad input", inputLength()).orNull());
      operands.add(Operand.update("grad initial hidden", stateLength(outputWidth())).orNull());
      operands.add(Operand.update("grad initial cell", cell.hasCellState() ? stateLength(hiddenWidth) : 0).orNull());
      addWeights(operands, "grad ", Operand.Access.WRITE);
    } else {
      operands.add(Operand.write("reserve", 0).orNull());
    }
    return operands;
  }

  private void addWeights(List<Operand> operands, String prefix, Operand.Access access) {
    operands.add(Operand.read(prefix + "inputWeights", (long) gateWidth() * inputWidth).as(access));
    operands.add(Operand.read(prefix + "hiddenWeights", (long) gateWidth() * outputWidth()).as(access));
    operands.add(present(bias, Operand.read(prefix + "inputBias", bias ? gateWidth() : 0).as(access)));
    operands.add(present(bias, Operand.read(prefix + "hiddenBias", bias ? gateWidth() : 0).as(access)));
    operands.add(present(projectionWidth > 0,
        Operand.read(prefix + "projection", (long) projectionWidth * hiddenWidth).as(access)));
  }

  private void addOutputs(List<Operand> operands, String prefix, Operand.Access access, boolean optional) {
    long outputLength = (long) steps * batch * directions * outputWidth();
    operands.add(present(!optional, Operand.read(prefix + "output", outputLength).as(access)));
    operands.add(present(!optional, Operand.read(prefix + "final hidden", stateLength(outputWidth())).as(access)));
    operands.add(present(!optional && cell.hasCellState(),
        Operand.read(prefix + "final cell", cell.hasCellState() ? stateLength(hiddenWidth) : 0).as(access)));
  }

  private static Operand present(boolean required, Operand operand) {
    return required ? operand : operand.orNull();
  }

  private long inputLength() {
    return (long) steps * batch * inputWidth;
  }

  private long stateLength(int width) {
    return (long) directions * batch * width;
  }
}
