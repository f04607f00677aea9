package dev.sluice.spi;

import java.util.List;

/**
 * The recurrent part of an IndRNN layer over all steps.
 *
 * @param activation what closes a step
 * @param steps time steps, T
 * @param batch rows, B
 * @param directions 1, or 2 for a second that runs backwards
 * @param width neurons per direction, H
 * @param batchFirst whether sequences are (batch, steps, width) in place of (steps, batch, width); states never are
 * @param lengths whether a number of valid steps per row is given
 */
public record IndRnnSpec(Activation activation, int steps, int batch, int directions, int width, boolean batchFirst,
    boolean lengths) implements KernelSpec {
  /** What closes a step. */
  public enum Activation {
    /** {@code max(a, 0)}; derivative 0 at 0. */
    RELU,
    /** The hyperbolic tangent. */
    TANH
  }

  public IndRnnSpec {
    Sizes.atLeast("indRnn", "steps", steps, 0);
    Sizes.atLeast("indRnn", "batch", batch, 0);
    Sizes.require(directions == 1 || directions == 2, "indRnn", "directions is " + directions, "1 or 2");
    Sizes.atLeast("indRnn", "width", width, 1);
    Sizes.elements("indRnn", "projected", steps, batch, directions, width);
  }

  /** The first element of a direction's part of sequence row (step, row). */
  public int rowOffset(int step, int row, int direction) {
    return ((batchFirst ? row * steps + step : step * batch + row) * directions + direction) * width;
  }

  /** The first element of a direction's state of a row. */
  public int stateOffset(int direction, int row) {
    return (direction * batch + row) * width;
  }

  @Override
  public List<Operand> operands(Pass pass) {
    int sequence = steps * batch * directions * width;
    int state = directions * batch * width;
    Operand lengthsOperand = Operand.read("lengths", lengths ? batch : 0).of(ElementType.INT32);
    Operand projected = Operand.read("projected", sequence);
    Operand recurrent = Operand.read("recurrent", directions * width);
    Operand hidden = Operand.read("hidden", state).orNull();
    Operand lengthsOrNull = lengths ? lengthsOperand : lengthsOperand.orNull();
    return switch (pass) {
      case FORWARD -> List.of(projected, recurrent, hidden, lengthsOrNull, Operand.write("output", sequence),
          Operand.write("finalHidden", state));
      case BACKWARD -> List.of(projected, recurrent, hidden, lengthsOrNull, Operand.read("output", sequence),
          Operand.read("gradOutput", sequence).orNull(), Operand.read("gradFinalHidden", state).orNull(),
          Operand.write("gradProjected", sequence), Operand.write("gradRecurrent", directions * width),
          Operand.write("gradHidden", state).orNull());
    };
  }
}
