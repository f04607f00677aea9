package dev.sluice.spi;

import java.util.List;

/**
 * Cross-entropy of (rows, classes) against one label per row.
 *
 * @param rows how many rows
 * @param classes elements of a row, at least 1
 * @param reduction what becomes of the rows' losses
 * @param ignoreIndex the label of rows that do not count; PyTorch's default is -100
 * @param labelSmoothing the share of the target spread evenly over all classes, 0 to 1
 */
public record CrossEntropySpec(int rows, int classes, Reduction reduction, int ignoreIndex, double labelSmoothing)
    implements KernelSpec {
  /** What becomes of the rows' losses. */
  public enum Reduction {
    /** One loss per row. */
    NONE,
    /** Their sum. */
    SUM,
    /** Their sum divided by the number of rows that count. */
    MEAN
  }

  public CrossEntropySpec {
    Sizes.atLeast("crossEntropy", "rows", rows, 0);
    Sizes.atLeast("crossEntropy", "classes", classes, 1);
    Sizes.elements("crossEntropy", "logits", rows, classes);
    Sizes.probability("crossEntropy", "labelSmoothing", labelSmoothing);
  }

  /** Elements of the loss: one per row without reduction, else 1. */
  public int losses() {
    return reduction == Reduction.NONE ? rows : 1;
  }

  @Override
  public List<Operand> operands(Pass pass) {
    int size = rows * classes;
    Operand labels = Operand.read("labels", rows).of(ElementType.INT32);
    return switch (pass) {
      case FORWARD -> List.of(Operand.read("logits", size), labels, Operand.write("loss", losses()),
          Operand.write("reserve", 0).orNull());
      case BACKWARD -> List.of(Operand.read("logits", size), labels, Operand.read("gradLoss", losses()),
          Operand.read("reserve", 0), Operand.write("gradLogits", size));
    };
  }
}
