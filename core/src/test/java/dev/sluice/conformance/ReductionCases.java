package dev.sluice.conformance;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import java.util.ArrayList;
import java.util.List;

/** Reductions and arg-max: every operation x shapes, with ties and NaN. */
final class ReductionCases {
  private static final String FAMILY = "reduction";
  private static final int[][] LARGER = {{1, 257, 1}, {257, 1, 1}, {1, 1, 257}, {67, 130, 1}, {1, 130, 67},
      {5, 67, 33}, {1, 3001, 1}, {2, 700, 9}};

  private ReductionCases() {}

  static List<Case> cases() {
    List<int[]> shapes = new ArrayList<>(List.of(LARGER));
    List<int[]> crossing = new ArrayList<>();
    for (int outer : Awkward.SMALL) {
      for (int count : Awkward.SMALL) {
        for (int inner : Awkward.SMALL) {
          crossing.add(new int[] {outer, count, inner});
        }
      }
    }
    shapes.addAll(Sample.of(crossing, 60));
    List<Case> cases = new ArrayList<>();
    for (ReductionOp op : ReductionOp.values()) {
      boolean takesNothing = op == ReductionOp.SUM || op == ReductionOp.MEAN;
      for (int[] shape : shapes) {
        if (takesNothing || shape[0] * shape[2] == 0 || shape[1] > 0) {
          ReductionSpec spec = new ReductionSpec(op, shape[0], shape[1], shape[2]);
          String name = shape[0] + "x" + shape[1] + "x" + shape[2];
          cases.add(Case.of(FAMILY, "reduce " + op, name, bench -> reduce(bench, spec)));
          cases.add(Case.special(FAMILY, "reduce " + op, name, bench -> reduce(bench, spec)));
        }
      }
    }
    return cases;
  }

  static void large(Bench bench) {
    reduce(bench, new ReductionSpec(ReductionOp.SUM, 1, 200_003, 1));
    reduce(bench, new ReductionSpec(ReductionOp.MEAN, 1, 403, 509));
    reduce(bench, new ReductionSpec(ReductionOp.MAX, 1009, 203, 1));
  }

  static void tiny(Bench bench) {
    for (ReductionOp op : ReductionOp.values()) {
      reduce(bench, new ReductionSpec(op, 3, 37, 1));
      reduce(bench, new ReductionSpec(op, 2, 7, 19));
    }
  }

  private static void reduce(Bench bench, ReductionSpec spec) {
    int in = spec.outer() * spec.count() * spec.inner();
    int out = spec.outer() * spec.inner();
    boolean ties = spec.op() == ReductionOp.MAX || spec.op() == ReductionOp.MIN;
    Buffer x = bench.input(ties ? bench.drawTied(in) : bench.draw(in));
    Buffer y = bench.output("y", out);
    bench.backend().reduction().reduce(spec, x, y);
    bench.backend().reduction().reduceBackward(spec, x, y, bench.input(out), bench.output("gradX", in));
    if (ties) {
      bench.backend().reduction().argMax(spec, x, bench.indices("indices", out));
    }
  }
}
