package dev.sluice.spi;

import java.util.List;

/**
 * A selection from the weights of each row of (rows, width).
 *
 * @param rows how many rows
 * @param width weights of a row
 * @param selection which of them count; of a predicate's layout, the row step alone is looked at
 */
public record SelectionSpec(int rows, int width, Selection selection) implements KernelSpec {
  public SelectionSpec {
    Sizes.atLeast("select", "rows", rows, 0);
    Sizes.atLeast("select", "width", width, 0);
    Sizes.elements("select", "weights", rows, width);
  }

  @Override
  public List<Operand> operands(Pass pass) {
    int size = rows * width;
    Operand kept = Operand.read("kept", size).of(ElementType.BOOL);
    return switch (pass) {
      case FORWARD -> List.of(Operand.read("weights", size), predicate(), Operand.write("selected", size),
          kept.as(Operand.Access.WRITE));
      case BACKWARD -> List.of(Operand.read("weights", size), kept, Operand.read("gradSelected", size),
          Operand.write("gradWeights", size));
    };
  }

  private Operand predicate() {
    if (selection instanceof Selection.Predicate given) {
      int length = Sizes.extent("select", "predicate", 0, new int[] {rows, width}, new int[] {given.layout().row(), 1});
      return Operand.read("predicate", length).of(ElementType.BOOL);
    }
    return Operand.read("predicate", 0).of(ElementType.BOOL).orNull();
  }
}
