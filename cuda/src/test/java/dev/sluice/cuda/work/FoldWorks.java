package dev.sluice.cuda.work;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ReductionKernels;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import java.util.List;
import java.util.Locale;

/** Works that fold many elements to one: of each row, of each column, and of all. */
final class FoldWorks {
  private static final List<ReductionOp> OPS = List.of(ReductionOp.SUM, ReductionOp.MAX, ReductionOp.MIN);

  private FoldWorks() {}

  private static int side(Shop shop) {
    return shop.size(4096, 512);
  }

  static void reductions(Shop shop) {
    ReductionKernels kernels = shop.backend().reduction();
    int side = side(shop);
    int n = side * side;
    Buffer x = shop.reals(n);
    Buffer y = shop.reals(side);
    Buffer indices = shop.indices(side, 1);
    for (ReductionOp op : OPS) {
      String name = op.name().toLowerCase(Locale.ROOT);
      shop.add(name + " of rows", n, () -> kernels.reduce(new ReductionSpec(op, side, side, 1), x, y));
      shop.add(name + " of columns", n, () -> kernels.reduce(new ReductionSpec(op, 1, side, side), x, y));
      shop.add(name + " of all", n, () -> kernels.reduce(new ReductionSpec(op, 1, n, 1), x, y));
    }
    shop.add("arg-max of rows", n,
        () -> kernels.argMax(new ReductionSpec(ReductionOp.MAX, side, side, 1), x, indices));
    shop.add("arg-max of columns", n,
        () -> kernels.argMax(new ReductionSpec(ReductionOp.MAX, 1, side, side), x, indices));
    shop.add("arg-max of all", n, () -> kernels.argMax(new ReductionSpec(ReductionOp.MAX, 1, n, 1), x, indices));
  }

  static void gradients(Shop shop) {
    ReductionKernels kernels = shop.backend().reduction();
    int side = side(shop);
    int n = side * side;
    Buffer x = shop.reals(n);
    Buffer y = shop.reals(side);
    Buffer gradY = shop.reals(side);
    Buffer gradX = shop.reals(n);
    for (ReductionOp op : List.of(ReductionOp.SUM, ReductionOp.MAX)) {
      String name = op.name().toLowerCase(Locale.ROOT);
      shop.add(name + " of rows backward", n,
          () -> kernels.reduceBackward(new ReductionSpec(op, side, side, 1), x, y, gradY, gradX));
      shop.add(name + " of columns backward", n,
          () -> kernels.reduceBackward(new ReductionSpec(op, 1, side, side), x, y, gradY, gradX));
    }
    shop.add("max of all backward", n,
        () -> kernels.reduceBackward(new ReductionSpec(ReductionOp.MAX, 1, n, 1), x, y, gradY, gradX));
  }
}
