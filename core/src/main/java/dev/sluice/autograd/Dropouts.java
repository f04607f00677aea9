package dev.sluice.autograd;

import dev.sluice.Generator;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.DropoutSpec;
import java.util.List;

/** Dropout (Srivastava et al.: Dropout, JMLR 2014). */
public final class Dropouts {
  private Dropouts() {}

  /**
   * Sets each element to 0 with a probability and multiplies the others by {@code 1/(1-probability)}. There is no
   * training flag: who evaluates does not call it. The same draw of the generator drops the same elements on every
   * backend.
   *
   * @param probability 0 to 1; at 0 this is x itself
   * @param generator takes one draw of x's size
   */
  public static Tensor dropout(Tensor x, double probability, Generator generator) {
    Checks.real("dropout", "tensor", x);
    DropoutSpec spec = new DropoutSpec(x.elements(), generator.dropout(probability, x.elements()));
    if (!spec.dropout().drops()) {
      return x;
    }
    Tensor y = Checks.real(x.backend(), x.shape());
    x.backend().dropout().dropout(spec, x.buffer(), y.buffer());
    Tape.record("dropout", List.of(x), List.of(), List.of(y), gradients -> {
      Tensor gradX = Checks.real(x.backend(), x.shape());
      x.backend().dropout().dropoutBackward(spec, gradients[0].buffer(), gradX.buffer());
      return new Tensor[] {gradX};
    });
    return y;
  }
}
