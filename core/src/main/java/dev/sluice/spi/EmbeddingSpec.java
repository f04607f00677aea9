package dev.sluice.spi;

import java.util.List;

/**
 * A look-up of count rows in a table.
 *
 * @param count how many rows are looked up
 * @param vocabulary rows of the table
 * @param width elements of a row
 * @param paddingIndex the row that gets no gradient, or -1 for none
 */
public record EmbeddingSpec(int count, int vocabulary, int width, int paddingIndex) implements KernelSpec {
  /** No padding row. */
  public static final int NO_PADDING = -1;

  public EmbeddingSpec {
    Sizes.atLeast("embedding", "count", count, 0);
    Sizes.atLeast("embedding", "vocabulary", vocabulary, 0);
    Sizes.atLeast("embedding", "width", width, 0);
    Sizes.elements("embedding", "table", vocabulary, width);
    Sizes.elements("embedding", "output", count, width);
    Sizes.require(paddingIndex >= NO_PADDING && paddingIndex < Math.max(vocabulary, 1), "embedding",
        "paddingIndex is " + paddingIndex, "-1 for none, or a row of the table: 0 to " + (vocabulary - 1));
  }

  @Override
  public List<Operand> operands(Pass pass) {
    Operand indices = Operand.read("indices", count).of(ElementType.INT32);
    return switch (pass) {
      case FORWARD -> List.of(Operand.read("table", vocabulary * width), indices, Operand.write("y", count * width));
      case BACKWARD -> List.of(indices, Operand.read("gradY", count * width),
          Operand.write("gradTable", vocabulary * width));
    };
  }
}
