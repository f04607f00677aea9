package dev.sluice;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records operations and walks them back. An operation computes its outputs with kernels and then records how gradients
 * flow through it; recording does nothing where no input requires a gradient, or inside {@link #noGrad}. Writing an
 * operation of one's own needs nothing but {@link #record}, like torch.autograd.Function.
 */
public final class Tape {
  /** How gradients flow through one operation. */
  @FunctionalInterface
  public interface Backward {
    /**
     * Computes the gradients of the inputs. Runs without recording.
     *
     * @param gradOutputs one per output, in the order recorded; null where no gradient arrived (never for an only
     *     output). Not to be changed in place.
     * @return one per input, in the order recorded, of the input's shape; null for 0 or where the input needs none
     */
    @Nullable Tensor[] apply(@Nullable Tensor[] gradOutputs);
  }

  /** Ends a stretch without recording. */
  public interface NoGrad extends AutoCloseable {
    @Override
    void close();
  }

  private static final ThreadLocal<Boolean> RECORDING = ThreadLocal.withInitial(() -> true);

  private Tape() {}

  /** Whether an operation on these inputs would be recorded: recording is on and one of them requires a gradient. */
  public static boolean records(Tensor... inputs) {
    return records(Arrays.asList(inputs));
  }

  /** The same for a list of inputs. */
  public static boolean records(List<Tensor> inputs) {
    if (!RECORDING.get()) {
      return false;
    }
    for (Tensor input : inputs) {
      if (input.requiresGrad()) {
        return true;
      }
    }
    return false;
  }

  /** Turns recording off on this thread until the result is closed; stretches nest. */
  public static NoGrad noGrad() {
    boolean before = RECORDING.get();
    RECORDING.set(false);
    return () -> RECORDING.set(before);
  }

  /**
   * Records an operation, if any input requires a gradient: its outputs then do too.
   *
   * @param operation what messages call it, lower camel case
   * @param inputs the tensors whose gradients the backward returns
   * @param saved the tensors that the backward reads; it is refused if one of them was changed in place or closed in
   *     between
   * @param outputs what was computed
   * @param backward how gradients flow; a tensor that it makes and returns belongs to whoever receives it, and may
   *     become a leaf's gradient as it is
   */
  public static void record(String operation, List<Tensor> inputs, List<Tensor> saved, List<Tensor> outputs,
      Backward backward) {
    if (!records(inputs)) {
      return;
    }
    Node node = new Node(operation, inputs, saved, outputs, backward);
    for (int i = 0; i < outputs.size(); i++) {
      outputs.get(i).attach(node, i);
    }
  }

  /** See {@link Tensor#backward(Tensor, boolean)}. */
  static void backward(Tensor root, @Nullable Tensor gradient, boolean retainGraph) {
    if (!root.requiresGrad()) {
      throw new IllegalStateException("backward: " + root.describe()
          + " does not require a gradient: nothing it was computed from does, or it was computed without recording");
    }
    if (gradient == null && root.elements() != 1) {
      throw new IllegalArgumentException("backward: tensor has shape " + root.shape()
          + " and no gradient was given, wanted a single number or a gradient of that shape");
    }
    if (gradient != null) {
      BackwardWalk.requireLike("gradient", () -> "", gradient, root.shape(), root);
    }
    try (NoGrad _ = noGrad()) {
      Tensor start = gradient != null ? gradient : Tensor.full(root.backend(), root.shape(), 1);
      new BackwardWalk(retainGraph).run(root, start);
    }
  }
}
