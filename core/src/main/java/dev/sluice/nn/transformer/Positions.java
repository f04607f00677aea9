package dev.sluice.nn.transformer;

import static dev.sluice.autograd.Arithmetic.add;
import static dev.sluice.autograd.Shaping.unsqueeze;

import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Layer;
import dev.sluice.nn.Module;

/** Adds to each position of a sequence a vector that says which position it is. */
public abstract sealed class Positions extends Module implements Layer
    permits SinusoidalPositions, LearnedPositions {
  private final int width;
  private final boolean batchFirst;

  /**
   * Of a width and a layout.
   *
   * @param width of a position, 1 or more
   */
  Positions(int width, boolean batchFirst) {
    Arguments.positive("positions", "width", width);
    this.width = width;
    this.batchFirst = batchFirst;
  }

  /** Of a sequence that begins at position 0. */
  @Override
  public final Tensor forward(Tensor input) {
    return forward(input, 0);
  }

  /**
   * Of a part of a sequence, as decoding step by step has it.
   *
   * @param input REAL (batch, length, width) if batch first, else (length, batch, width); unbatched (length, width)
   * @param start the position of the first, 0 or more
   * @return of the input's shape
   */
  public final Tensor forward(Tensor input, int start) {
    Arguments.require((input.rank() == 2 || input.rank() == 3) && input.size(-1) == width, "positions",
        "input has shape " + input.shape(), (batchFirst ? "(batch, length, " : "(length, batch, ") + width
            + ") or (length, " + width + ")");
    Arguments.require(start >= 0, "positions", "start is " + start, "0 or more");
    Tensor rows = rows(input, start, input.size(input.rank() == 3 && batchFirst ? 1 : 0));
    return add(input, input.rank() == 3 && !batchFirst ? unsqueeze(rows, 1) : rows);
  }

  final int width() {
    return width;
  }

  /** The vectors of so many positions, (length, width), on the backend of the input. */
  abstract Tensor rows(Tensor like, int start, int length);
}
