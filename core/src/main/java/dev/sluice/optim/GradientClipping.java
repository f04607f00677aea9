package dev.sluice.optim;

import dev.sluice.Backends;
import dev.sluice.HookHandle;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClampSpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.NormSpec;
import dev.sluice.spi.ScaleToNormSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Bounds on gradients, as torch.nn.utils.clip_grad: by the norm of all of them, by value, and by a hook at each
 * parameter.
 *
 * <p>The first two change the gradients of the parameters in place, after backward; parameters without one are left
 * out, and one listed twice counts twice and is changed twice. The hook bounds what each backward contributes, before
 * it is accumulated. Norms are summed in double, stay on the device, and nothing is recorded.
 */
public final class GradientClipping {
  private GradientClipping() {}

  /** {@link #clipGradNorm(List, double, double, boolean)} by the Euclidean norm, whatever it is. */
  public static Tensor clipGradNorm(List<Tensor> parameters, double maxNorm) {
    return clipGradNorm(parameters, maxNorm, 2);
  }

  /** {@link #clipGradNorm(List, double, double, boolean)} by the p-norm, whatever it is. */
  public static Tensor clipGradNorm(List<Tensor> parameters, double maxNorm, double p) {
    return clipGradNorm(parameters, maxNorm, p, false);
  }

  /**
   * Multiplies all gradients by {@code min(maxNorm / (norm + 1e-6), 1)}, always, so that their norm is at most maxNorm.
   * An infinite norm makes finite gradients 0 and infinite ones NaN; a NaN norm makes all NaN.
   *
   * @param p order of the norm: 1, 2, ... or infinity for the largest magnitude; 0 counts the gradients that are not
   *     all zero
   * @param errorIfNonfinite whether an infinite or NaN norm is refused, before anything is changed; this reads the norm
   *     on the host
   * @return the norm before clipping: a scalar on the parameters' backend; 0 if there are no gradients
   * @throws NonFiniteNormException if the norm is not finite and that is to be refused
   */
  public static Tensor clipGradNorm(List<Tensor> parameters, double maxNorm, double p, boolean errorIfNonfinite) {
    Backend backend = backend("clipGradNorm", parameters);
    List<Tensor> gradients = gradients(parameters);
    Tensor norm = norm("clipGradNorm", backend, gradients, p, errorIfNonfinite);
    scale(backend, gradients, maxNorm, norm);
    return norm;
  }

  /** Clamps every element of all gradients to -clipValue .. clipValue; NaN stays NaN. */
  public static void clipGradValue(List<Tensor> parameters, double clipValue) {
    Arguments.notNegative("clipGradValue", "clipValue", clipValue);
    Backend backend = backend("clipGradValue", parameters);
    List<Tensor> gradients = gradients(parameters);
    if (!gradients.isEmpty()) {
      backend.clipping().clamp(new ClampSpec(-clipValue, clipValue), buffers(gradients));
      gradients.forEach(Tensor::markModified);
    }
  }

  /** The Euclidean norm of all elements of these tensors, whatever it is. */
  public static Tensor getTotalNorm(List<Tensor> tensors) {
    return getTotalNorm(tensors, 2, false);
  }

  /**
   * The p-norm of all elements of these tensors (give gradients, not parameters), as {@link #clipGradNorm} returns it.
   *
   * @param tensors REAL, of any shapes, on one backend
   * @return a scalar on the tensors' backend; 0 for no tensors
   * @throws NonFiniteNormException if the norm is not finite and that is to be refused, which reads it on the host
   */
  public static Tensor getTotalNorm(List<Tensor> tensors, double p, boolean errorIfNonfinite) {
    for (Tensor tensor : tensors) {
      Arguments.require(tensor.type() == ElementType.REAL, "getTotalNorm",
          tensor.describe() + " is " + tensor.type(), "REAL");
    }
    return norm("getTotalNorm", backend("getTotalNorm", tensors), tensors, p, errorIfNonfinite);
  }

  /**
   * The second half of {@link #clipGradNorm}: scales the gradients of these parameters with a norm that is known, for
   * example of more parameters than these.
   *
   * @param totalNorm REAL, one element, on the parameters' backend
   */
  public static void clipGradsWithNorm(List<Tensor> parameters, double maxNorm, Tensor totalNorm) {
    Arguments.require(totalNorm.elements() == 1 && totalNorm.type() == ElementType.REAL, "clipGradsWithNorm",
        "totalNorm is " + totalNorm.type() + " " + totalNorm.shape(), "one REAL number");
    Backend backend = backend("clipGradsWithNorm", parameters);
    List<Tensor> gradients = gradients(parameters);
    if (!gradients.isEmpty()) {
      Arguments.require(totalNorm.backend() == backend, "clipGradsWithNorm",
          "totalNorm is on " + totalNorm.backend().id(), backend.id() + " as the parameters");
    }
    scale(backend, gradients, maxNorm, totalNorm);
  }

  /**
   * Clamps what each backward contributes to a parameter's gradient, before it is accumulated: the sum over two
   * backwards may reach twice the bounds. NaN stays NaN.
   *
   * @param parameter requires a gradient
   * @param lower the least value, not above the upper
   * @param upper the largest value
   * @return takes the hook back
   * @throws IllegalStateException if the parameter does not require a gradient
   */
  public static HookHandle clipGradHook(Tensor parameter, double lower, double upper) {
    Arguments.require(lower <= upper, "clipGradHook", "bounds are " + lower + " and " + upper, "lower <= upper");
    UnarySpec spec = new UnarySpec(UnaryOp.CLAMP, parameter.elements(), lower, upper);
    return parameter.registerHook(gradient -> {
      Tensor clamped = Tensor.allocate(gradient.backend(), ElementType.REAL, gradient.shape());
      gradient.backend().elementwise().unary(spec, gradient.buffer(), clamped.buffer());
      return clamped;
    });
  }

  private static Tensor norm(String operation, Backend backend, List<Tensor> tensors, double p,
      boolean errorIfNonfinite) {
    Tensor norm = Tensor.allocate(backend, ElementType.REAL, Shape.SCALAR).named("total norm");
    backend.clipping().norm(new NormSpec(p), buffers(tensors), norm.buffer());
    if (errorIfNonfinite) {
      double value = norm.item();
      if (!Double.isFinite(value)) {
        throw new NonFiniteNormException(operation, p, value);
      }
    }
    return norm;
  }

  private static void scale(Backend backend, List<Tensor> gradients, double maxNorm, Tensor norm) {
    if (!gradients.isEmpty()) {
      backend.clipping().scaleToNorm(new ScaleToNormSpec(maxNorm), norm.buffer(), buffers(gradients));
      gradients.forEach(Tensor::markModified);
    }
  }

  /** Where all of them are; the selected backend for none. */
  private static Backend backend(String operation, List<Tensor> tensors) {
    if (tensors.isEmpty()) {
      return Backends.selected();
    }
    Backend backend = tensors.getFirst().backend();
    Arguments.onBackend(operation, backend, tensors);
    return backend;
  }

  private static List<Tensor> gradients(List<Tensor> parameters) {
    List<Tensor> gradients = new ArrayList<>();
    for (Tensor parameter : parameters) {
      Tensor gradient = parameter.gradient();
      if (gradient != null) {
        gradients.add(gradient);
      }
    }
    return gradients;
  }

  private static List<Buffer> buffers(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::buffer).toList();
  }
}
