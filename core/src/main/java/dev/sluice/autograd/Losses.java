package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.CrossEntropySpec;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.spi.ElementType;
import java.util.List;
import java.util.stream.IntStream;

/** What training makes small. */
public final class Losses {
  /** The label that PyTorch ignores unless told otherwise. */
  public static final int IGNORE_INDEX = -100;

  private Losses() {}

  /** The mean cross-entropy of logits against labels, a scalar; see the long form. */
  public static Tensor crossEntropy(Tensor logits, Tensor labels) {
    return crossEntropy(logits, labels, Reduction.MEAN, IGNORE_INDEX, 0);
  }

  /**
   * {@code -log softmax(logits)[label]}, as torch.nn.functional.cross_entropy with class indices.
   *
   * @param logits (N, C), or (N, C, d1, ...), or (C)
   * @param labels INT32 (N), or (N, d1, ...), or a scalar: each 0 to C-1, or the ignored one
   * @param reduction what becomes of the losses: one of the labels' shape, their sum, or their mean over those not
   *     ignored (NaN of none)
   * @param ignoreIndex the label that does not count
   * @param labelSmoothing the share of the target spread evenly over all classes, 0 to 1
   * @throws IllegalArgumentException for a label out of range, before anything is computed
   */
  public static Tensor crossEntropy(Tensor logits, Tensor labels, Reduction reduction, int ignoreIndex,
      double labelSmoothing) {
    Backend backend = Checks.backend("crossEntropy", logits, labels);
    Checks.real("crossEntropy", "logits", logits);
    Checks.type("crossEntropy", "labels", labels, ElementType.INT32);
    Checks.shape(logits.rank() >= 1, "crossEntropy", "logits", logits, "(N, C), (N, C, d1, ...) or (C)");
    int classDimension = logits.rank() == 1 ? 0 : 1;
    Checks.shape("crossEntropy", "labels", labels, logits.shape().without(classDimension));
    Tensor classesLast = logits.rank() <= 2 ? logits : Shaping.permute(logits,
        IntStream.range(0, logits.rank()).map(d -> d == 0 ? 0 : d == logits.rank() - 1 ? 1 : d + 1).toArray());

    CrossEntropySpec spec =
        new CrossEntropySpec(labels.elements(), logits.size(classDimension), reduction, ignoreIndex, labelSmoothing);
    Tensor loss = Checks.real(backend, reduction == Reduction.NONE ? labels.shape() : Shape.SCALAR);
    Tensor reserve = Tape.records(classesLast) ? Checks.reserve(backend, backend.loss().crossEntropyReserve(spec))
        : null;
    backend.loss().crossEntropy(spec, classesLast.buffer(), labels.buffer(), loss.buffer(), Checks.buffer(reserve));
    Tape.record("crossEntropy", List.of(classesLast), Checks.present(classesLast, labels, reserve), List.of(loss),
        gradients -> {
          Tensor gradLogits = Checks.real(backend, classesLast.shape());
          backend.loss().crossEntropyBackward(spec, classesLast.buffer(), labels.buffer(), gradients[0].buffer(),
              reserve.buffer(), gradLogits.buffer());
          return new Tensor[] {gradLogits};
        });
    return loss;
  }

  /** The mean squared difference, a scalar. */
  public static Tensor mseLoss(Tensor input, Tensor target) {
    return mseLoss(input, target, Reduction.MEAN);
  }

  /**
   * {@code (input - target)^2}.
   *
   * @param input any shape
   * @param target the input's shape: unlike PyTorch, nothing is broadcast, since that is nearly always a mistake
   * @param reduction what becomes of the squares
   */
  public static Tensor mseLoss(Tensor input, Tensor target, Reduction reduction) {
    Checks.backend("mseLoss", input, target);
    Checks.shape("mseLoss", "target", target, input.shape());
    Tensor squares = Pointwise.square(Arithmetic.sub(input, target));
    return switch (reduction) {
      case NONE -> squares;
      case SUM -> Reductions.sum(squares);
      case MEAN -> Reductions.mean(squares);
    };
  }
}
