package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What operations check before they compute. Messages read: operation: argument and what was given, wanted what is
 * wanted.
 */
final class Checks {
  private Checks() {}

  static void require(boolean condition, String operation, String given, String wanted) {
    if (!condition) {
      throw refusal(operation, given, wanted);
    }
  }

  /** What a caller throws that makes its message only when it is wanted: every step of a training checks its shapes. */
  static IllegalArgumentException refusal(String operation, String given, String wanted) {
    return new IllegalArgumentException(operation + ": " + given + ", wanted " + wanted);
  }

  static void shape(boolean condition, String operation, String argument, Tensor tensor, String wanted) {
    if (!condition) {
      throw new IllegalArgumentException(operation + ": " + argument + " has shape " + tensor.shape() + ", wanted "
          + wanted);
    }
  }

  static void shape(String operation, String argument, @Nullable Tensor tensor, Shape wanted) {
    // Only a failure spells the shape out: this runs at every call.
    if (tensor != null && !tensor.shape().equals(wanted)) {
      shape(false, operation, argument, tensor, wanted.toString());
    }
  }

  static void type(String operation, String argument, @Nullable Tensor tensor, ElementType wanted) {
    if (tensor != null && tensor.type() != wanted) {
      throw new IllegalArgumentException(operation + ": " + argument + " is " + tensor.type() + ", wanted " + wanted);
    }
  }

  static void real(String operation, String argument, @Nullable Tensor tensor) {
    type(operation, argument, tensor, ElementType.REAL);
  }

  /** The one backend of all tensors given, of which the first is not null. */
  static Backend backend(String operation, @Nullable Tensor... tensors) {
    Backend backend = null;
    for (Tensor tensor : tensors) {
      if (tensor == null) {
        continue;
      }
      if (backend == null) {
        backend = tensor.backend();
      } else if (tensor.backend() != backend) {
        throw new IllegalArgumentException(operation + ": tensors are on " + backend.id() + " and "
            + tensor.backend().id()
            + ", wanted all on one backend; move them with to(backend)");
      }
    }
    if (backend == null) {
      throw new IllegalArgumentException(operation + ": no tensor given, wanted one or more");
    }
    return backend;
  }

  /** A kernel reaches over no more than the planes (..., height, width) and their padding. */
  static void windows(String operation, Tensor planes, Size2 kernel, Size2 padding, Size2 dilation) {
    window(operation, planes.size(-2), kernel.height(), padding.height(), dilation.height());
    window(operation, planes.size(-1), kernel.width(), padding.width(), dilation.width());
  }

  private static void window(String operation, int size, int kernel, int padding, int dilation) {
    long reach = (kernel - 1L) * dilation + 1;
    long padded = size + 2L * padding;
    if (reach > padded) {
      throw new IllegalArgumentException(operation + ": the kernel reaches over " + reach + " positions of " + padded
          + ", wanted at most all of the input and its padding");
    }
  }

  static Tensor real(Backend backend, Shape shape) {
    return Tensor.allocate(backend, ElementType.REAL, shape);
  }

  /** What a forward kernel keeps for its backward. */
  static Tensor reserve(Backend backend, int length) {
    return real(backend, Shape.of(length)).named("reserve");
  }

  /** A place for the gradient of a tensor that is there and requires one, else null. */
  static @Nullable Tensor gradientOf(@Nullable Tensor tensor) {
    return tensor != null && tensor.requiresGrad() ? real(tensor.backend(), tensor.shape()) : null;
  }

  static @Nullable Buffer buffer(@Nullable Tensor tensor) {
    return tensor == null ? null : tensor.buffer();
  }

  /** The tensors that are there. */
  static List<Tensor> present(@Nullable Tensor... tensors) {
    List<Tensor> present = new ArrayList<>(tensors.length);
    for (Tensor tensor : tensors) {
      if (tensor != null) {
        present.add(tensor);
      }
    }
    return present;
  }

  /** The gradients of those inputs that are there, as backward returns them. */
  static @Nullable Tensor[] gradients(@Nullable Tensor[] inputs, @Nullable Tensor... gradients) {
    List<@Nullable Tensor> present = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i] != null) {
        present.add(gradients[i]);
      }
    }
    return present.toArray(new Tensor[0]);
  }
}
