package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.reals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.DropoutKernels;
import dev.sluice.spi.DropoutSpec;
import dev.sluice.spi.KernelSpec.Pass;

/**
 * Inverted dropout: {@code y[i] = keeps(i) ? x[i] / (1 - probability) : 0}, and the same of the gradient.
 *
 * <p>Numbers of the spec enter by lines of their own, where the float twin rounds them.
 */
final class ReferenceDropout implements DropoutKernels {
  @Override
  public void dropout(DropoutSpec spec, Buffer x, Buffer y) {
    ReferenceArguments.check("dropout", spec.operands(Pass.FORWARD), x, y);
    drop(spec, reals(x), reals(y));
  }

  @Override
  public void dropoutBackward(DropoutSpec spec, Buffer gradY, Buffer gradX) {
    ReferenceArguments.check("dropoutBackward", spec.operands(Pass.BACKWARD), gradY, gradX);
    drop(spec, reals(gradY), reals(gradX));
  }

  private static void drop(DropoutSpec spec, double[] x, double[] y) {
    double scale = spec.dropout().scale();
    ReferenceDrops drops = new ReferenceDrops(spec.dropout());
    for (int i = 0; i < spec.length(); i++) {
      y[i] = drops.keeps(i) ? x[i] * scale : 0;
    }
  }
}
