package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.reals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClampSpec;
import dev.sluice.spi.ClippingKernels;
import dev.sluice.spi.KernelSpec.Pass;
import dev.sluice.spi.NormSpec;
import dev.sluice.spi.ScaleToNormSpec;
import java.util.List;

/**
 * Norms and bounds of lists of buffers, as torch.nn.utils: clip_grad_norm_ is norm and scaleToNorm, clip_grad_value_ is
 * clamp.
 *
 * <p>Numbers of the spec enter by lines of their own, where the float twin rounds them.
 */
final class ReferenceClipping implements ClippingKernels {
  @Override
  public void norm(NormSpec spec, List<Buffer> tensors, Buffer norm) {
    ReferenceArguments.checkLists("norm", spec.operands(Pass.FORWARD), tensors);
    ReferenceArguments.check("norm", spec.operands(Pass.FORWARD), norm);
    double total = ReferenceScalars.norm(spec, tensors);
    reals(norm)[0] = total;
  }

  @Override
  public void scaleToNorm(ScaleToNormSpec spec, Buffer norm, List<Buffer> tensors) {
    ReferenceArguments.check("scaleToNorm", spec.operands(Pass.FORWARD), norm);
    ReferenceArguments.checkLists("scaleToNorm", spec.operands(Pass.FORWARD), tensors);
    double coefficient = ReferenceScalars.clipCoefficient(spec, norm);
    for (Buffer tensor : tensors) {
      for (int i = 0; i < tensor.length(); i++) {
        reals(tensor)[i] *= coefficient;
      }
    }
  }

  @Override
  public void clamp(ClampSpec spec, List<Buffer> tensors) {
    ReferenceArguments.checkLists("clamp", spec.operands(Pass.FORWARD), tensors);
    double lower = spec.lower();
    double upper = spec.upper();
    for (Buffer tensor : tensors) {
      for (int i = 0; i < tensor.length(); i++) {
        reals(tensor)[i] = Math.min(Math.max(reals(tensor)[i], lower), upper);
      }
    }
  }
}
