package dev.sluice.spi;

import java.util.List;

/**
 * A reduction of (outer, count, inner) to (outer, inner).
 *
 * @param op how
 * @param outer size of the dimensions before the reduced one
 * @param count size of the reduced dimension; at least 1 for MAX and MIN unless the result is empty
 * @param inner size of the dimensions after it
 */
public record ReductionSpec(ReductionOp op, int outer, int count, int inner) implements KernelSpec {
  public ReductionSpec {
    String name = op.name().toLowerCase();
    Sizes.atLeast(name, "outer", outer, 0);
    Sizes.atLeast(name, "count", count, 0);
    Sizes.atLeast(name, "inner", inner, 0);
    Sizes.elements(name, "input", outer, count, inner);
    boolean takesNothing = op == ReductionOp.SUM || op == ReductionOp.MEAN;
    Sizes.require(takesNothing || count > 0 || outer == 0 || inner == 0, name, "nothing to reduce",
        "1 element or more");
  }

  @Override
  public List<Operand> operands(Pass pass) {
    int in = outer * count * inner;
    int out = outer * inner;
    return switch (pass) {
      case FORWARD -> List.of(Operand.read("x", in), Operand.write("y", out));
      case BACKWARD -> List.of(Operand.read("x", in), Operand.read("y", out), Operand.read("gradY", out),
          Operand.write("gradX", in));
    };
  }
}
