package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.IndRnnKernels;
import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.IndRnnSpec.Activation;
import org.jspecify.annotations.Nullable;

/** Recurrences whose neurons see only themselves (Li et al.: IndRNN, arXiv 1803.04831). */
public final class IndependentRecurrences {
  /** What {@link #indRnn} computed. */
  public record Result(Tensor output, Tensor hidden) {}

  private IndependentRecurrences() {}

  /**
   * {@code h_t = act(x_t + u * h_{t-1})} over all time steps, element by element, on an input that is already
   * projected. Of two directions the second runs from each row's own end, and its output at a step is its state after
   * that step.
   *
   * @param activation what closes a step
   * @param projected x: (T, B, D*H), or (B, T, D*H) if batchFirst
   * @param recurrent u: (D*H)
   * @param directions D: 1, or 2
   * @param hidden (D, B, H), the initial state, or null for 0
   * @param lengths INT32 (B): each row's number of valid steps, 0 to T, or null for T; later steps are not read
   * @param batchFirst whether sequences have the batch first; states never do
   * @return output laid out as the projected input, 0 past a row's length; hidden (D, B, H), after each row's last step
   */
  public static Result indRnn(Activation activation, Tensor projected, Tensor recurrent, int directions,
      @Nullable Tensor hidden, @Nullable Tensor lengths, boolean batchFirst) {
    Backend backend = Checks.backend("indRnn", projected, recurrent, hidden, lengths);
    Checks.real("indRnn", "projected", projected);
    Checks.real("indRnn", "recurrent", recurrent);
    Checks.real("indRnn", "hidden", hidden);
    Checks.type("indRnn", "lengths", lengths, ElementType.INT32);
    Checks.require(directions == 1 || directions == 2, "indRnn", "directions is " + directions, "1 or 2");
    Checks.shape(projected.rank() == 3 && projected.size(2) > 0 && projected.size(2) % directions == 0, "indRnn",
        "projected", projected, (batchFirst ? "(batch, steps, " : "(steps, batch, ") + directions + " * width)");
    int steps = projected.size(batchFirst ? 1 : 0);
    int batch = projected.size(batchFirst ? 0 : 1);
    int width = projected.size(2) / directions;
    Shape state = Shape.of(directions, batch, width);
    Checks.shape("indRnn", "recurrent", recurrent, Shape.of(directions * width));
    Checks.shape("indRnn", "hidden", hidden, state);
    Checks.shape("indRnn", "lengths", lengths, Shape.of(batch));

    IndRnnSpec spec = new IndRnnSpec(activation, steps, batch, directions, width, batchFirst, lengths != null);
    IndRnnKernels.Inputs inputs = new IndRnnKernels.Inputs(projected.buffer(), recurrent.buffer(),
        Checks.buffer(hidden), Checks.buffer(lengths));
    Tensor output = Checks.real(backend, projected.shape());
    Tensor finalHidden = Checks.real(backend, state);
    backend.indRnn().indRnn(spec, inputs, output.buffer(), finalHidden.buffer());
    Tape.record("indRnn", Checks.present(projected, recurrent, hidden),
        Checks.present(projected, recurrent, hidden, lengths, output), Checks.present(output, finalHidden),
        gradients -> {
          Tensor gradProjected = Checks.real(backend, projected.shape());
          Tensor gradRecurrent = Checks.real(backend, recurrent.shape());
          Tensor gradHidden = Checks.gradientOf(hidden);
          backend.indRnn().indRnnBackward(spec, inputs, output.buffer(), Checks.buffer(gradients[0]),
              Checks.buffer(gradients[1]), gradProjected.buffer(), gradRecurrent.buffer(), Checks.buffer(gradHidden));
          return Checks.gradients(new Tensor[] {projected, recurrent, hidden}, gradProjected, gradRecurrent,
              gradHidden);
        });
    return new Result(output, finalHidden);
  }
}
