package dev.sluice.cuda.work;

import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.DropoutSpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.ElementwiseKernels;
import dev.sluice.spi.FillSpec;
import dev.sluice.spi.LogicalOp;
import dev.sluice.spi.LogicalSpec;
import dev.sluice.spi.MemoryKernels;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.Locale;

/** Works that do the same to every element. */
final class PointWorks {
  private PointWorks() {}

  private static int length(Shop shop) {
    return side(shop) * side(shop);
  }

  private static int side(Shop shop) {
    return shop.size(4096, 256);
  }

  /** What goes over the bus; no kernel does it. */
  static void transfers(Shop shop) {
    int n = length(shop);
    float[] host = new float[n];
    Buffer x = shop.reals(n);
    shop.add("write from the host", n, () -> shop.backend().write(host, 0, x, 0, n));
    shop.add("read to the host", n, () -> shop.backend().read(x, 0, host, 0, n));
  }

  static void memory(Shop shop) {
    MemoryKernels memory = shop.backend().memory();
    int n = length(shop);
    int side = side(shop);
    Buffer x = shop.reals(n);
    Buffer y = shop.reals(n);
    Buffer flags = shop.flags(n);
    Buffer copied = shop.flags(n);
    shop.add("fill of one element", 1, () -> memory.fill(new FillSpec(ElementType.REAL, 1, 2), y));
    shop.add("fill", n, () -> memory.fill(new FillSpec(ElementType.REAL, n, 2), y));
    shop.add("fill bytes", n, () -> memory.fill(new FillSpec(ElementType.BOOL, n, 1), copied));
    shop.add("copy", n, () -> memory.copy(CopySpec.contiguous(ElementType.REAL, n), x, y));
    shop.add("copy bytes", n, () -> memory.copy(CopySpec.contiguous(ElementType.BOOL, n), flags, copied));
    shop.add("accumulate", n, () -> memory.copy(CopySpec.accumulating(n, 2), x, y));
    shop.add("transpose", n, () -> memory.copy(transposed(side, 1, false), x, y));
    shop.add("transpose and accumulate", n, () -> memory.copy(transposed(side, 2, true), x, y));
    shop.add("transpose bytes", n, () -> memory.copy(new CopySpec(ElementType.BOOL, new int[] {side, side}, 0,
        new int[] {1, side}, 0, new int[] {side, 1}, 1, false), flags, copied));
  }

  private static CopySpec transposed(int side, double scale, boolean accumulate) {
    return new CopySpec(ElementType.REAL, new int[] {side, side}, 0, new int[] {1, side}, 0, new int[] {side, 1},
        scale, accumulate);
  }

  static void unary(Shop shop) {
    ElementwiseKernels kernels = shop.backend().elementwise();
    int n = length(shop);
    Buffer x = shop.reals(n);
    Buffer y = shop.reals(n);
    Buffer gradY = shop.reals(n);
    Buffer gradX = shop.reals(n);
    for (UnaryOp op : UnaryOp.values()) {
      boolean cubes = op == UnaryOp.POWER;
      UnarySpec spec = new UnarySpec(op, n, cubes ? 3 : 0.5, 1);
      String name = cubes ? "power of 3" : name(op);
      shop.add(name, n, () -> kernels.unary(spec, x, y));
      shop.add(name + " backward", n, () -> kernels.unaryBackward(spec, x, y, gradY, gradX));
    }
  }

  private static String name(Enum<?> op) {
    return op.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Of arguments as large as the result, and of a row and a column that are broadcast over it. */
  static void binary(Shop shop) {
    ElementwiseKernels kernels = shop.backend().elementwise();
    int side = side(shop);
    int n = length(shop);
    Buffer left = shop.reals(n);
    Buffer right = shop.reals(n);
    Buffer y = shop.reals(n);
    Buffer gradLeft = shop.reals(n);
    Buffer gradRight = shop.reals(n);
    Buffer line = shop.reals(side);
    for (BinaryOp op : BinaryOp.values()) {
      BinarySpec same = BinarySpec.of(op, n);
      shop.add(name(op), n, () -> kernels.binary(same, left, right, y));
      shop.add(name(op) + " backward", n, () -> kernels.binaryBackward(same, left, right, y, gradLeft, gradRight));
      BinarySpec row = broadcast(op, side, 0, 1);
      shop.add(name(op) + " a row", n, () -> kernels.binary(row, left, line, y));
      shop.add(name(op) + " a row, its gradient", n,
          () -> kernels.binaryBackward(row, left, line, y, null, gradRight));
      BinarySpec column = broadcast(op, side, 1, 0);
      shop.add(name(op) + " a column, its gradient", n,
          () -> kernels.binaryBackward(column, left, line, y, null, gradRight));
    }
    Buffer flags = shop.flags(n);
    Buffer otherFlags = shop.flags(n);
    Buffer result = shop.flags(n);
    for (LogicalOp op : LogicalOp.values()) {
      shop.add(name(op), n, () -> kernels.logical(LogicalSpec.of(op, n), flags, otherFlags, result));
    }
  }

  private static BinarySpec broadcast(BinaryOp op, int side, int rowStride, int columnStride) {
    return new BinarySpec(op, new int[] {side, side}, new int[] {side, 1}, new int[] {rowStride, columnStride});
  }

  static void dropout(Shop shop) {
    int n = length(shop);
    Buffer x = shop.reals(n);
    Buffer y = shop.reals(n);
    shop.add("dropout", n, () -> shop.backend().dropout().dropout(new DropoutSpec(n, new Dropout(0.1, 3, 4)), x, y));
  }
}
