package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.ELEMENTS;
import static dev.sluice.bench.jmh.Kernels.WIDTH;

import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementwiseKernels;
import dev.sluice.spi.LogicalOp;
import dev.sluice.spi.LogicalSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Every function of one and of two elements, and of two truth values. */
public class ElementwiseBenchmark extends KernelBenchmark {
  /** Parameters for whatever function: an exponent, a slope, a lower bound; an offset, an upper bound. */
  private static final double A = 0.3;
  private static final double B = 0.7;

  /** Functions of an instruction or two, without a branch or a call. */
  private static final Set<UnaryOp> PLAIN_FORWARD =
      EnumSet.of(UnaryOp.AFFINE, UnaryOp.ABS, UnaryOp.SQUARE, UnaryOp.RELU, UnaryOp.CLAMP);
  /** The same of derivatives. */
  private static final Set<UnaryOp> PLAIN_BACKWARD = EnumSet.of(UnaryOp.AFFINE, UnaryOp.SQUARE, UnaryOp.RECIPROCAL,
      UnaryOp.EXP, UnaryOp.LOG, UnaryOp.TANH, UnaryOp.SIGMOID);

  static List<Kernel> kernels() {
    List<Kernel> kernels = new ArrayList<>();
    for (UnaryOp op : UnaryOp.values()) {
      var spec = new UnarySpec(op, ELEMENTS, A, B);
      Kernel forward = Kernel.of(ElementwiseBenchmark.class, op + " forward", buffers -> unary(spec, buffers));
      Kernel backward =
          Kernel.of(ElementwiseBenchmark.class, op + " backward", buffers -> unaryBackward(spec, buffers));
      kernels.add(PLAIN_FORWARD.contains(op) ? forward.plain() : forward);
      kernels.add(PLAIN_BACKWARD.contains(op) ? backward.plain() : backward);
    }
    for (BinaryOp op : BinaryOp.values()) {
      BinarySpec spec = BinarySpec.of(op, ELEMENTS);
      String name = "two " + op;
      add(kernels, name + " forward", buffers -> binary(spec, buffers));
      add(kernels, name + " backward", buffers -> binaryBackward(spec, buffers));
    }
    var row = new BinarySpec(BinaryOp.ADD, new int[] {ELEMENTS / WIDTH, WIDTH}, new int[] {WIDTH, 1}, new int[] {0, 1});
    add(kernels, "two add row forward", buffers -> binary(row, buffers));
    add(kernels, "two add row backward", buffers -> binaryBackward(row, buffers));
    for (LogicalOp op : LogicalOp.values()) {
      LogicalSpec spec = LogicalSpec.of(op, ELEMENTS);
      add(kernels, "truth " + op, buffers -> logical(spec, buffers));
    }
    return kernels;
  }

  private static void add(List<Kernel> kernels, String name, Kernel.Call call) {
    kernels.add(Kernel.of(ElementwiseBenchmark.class, name, call));
  }

  /** Above 0, where every function is defined. */
  private static Buffer positive(Buffers buffers, int length) {
    return buffers.real(length, 0.1, 2);
  }

  private static Runnable unary(UnarySpec spec, Buffers buffers) {
    Buffer x = positive(buffers, ELEMENTS);
    Buffer y = buffers.real(ELEMENTS);
    return () -> buffers.backend().elementwise().unary(spec, x, y);
  }

  private static Runnable unaryBackward(UnarySpec spec, Buffers buffers) {
    ElementwiseKernels kernels = buffers.backend().elementwise();
    Buffer x = positive(buffers, ELEMENTS);
    Buffer y = buffers.real(ELEMENTS);
    kernels.unary(spec, x, y);
    Buffer gradY = buffers.real(ELEMENTS);
    Buffer gradX = buffers.real(ELEMENTS);
    return () -> kernels.unaryBackward(spec, x, y, gradY, gradX);
  }

  private static Runnable binary(BinarySpec spec, Buffers buffers) {
    Buffer left = positive(buffers, spec.leftLength());
    Buffer right = positive(buffers, spec.rightLength());
    Buffer y = buffers.real(ELEMENTS);
    return () -> buffers.backend().elementwise().binary(spec, left, right, y);
  }

  private static Runnable logical(LogicalSpec spec, Buffers buffers) {
    Buffer left = buffers.flags(ELEMENTS);
    Buffer right = buffers.flags(ELEMENTS);
    Buffer y = buffers.flags(ELEMENTS);
    return () -> buffers.backend().elementwise().logical(spec, left, right, y);
  }

  private static Runnable binaryBackward(BinarySpec spec, Buffers buffers) {
    Buffer left = positive(buffers, spec.leftLength());
    Buffer right = positive(buffers, spec.rightLength());
    Buffer gradY = buffers.real(ELEMENTS);
    Buffer gradLeft = buffers.real(spec.leftLength());
    Buffer gradRight = buffers.real(spec.rightLength());
    return () -> buffers.backend().elementwise().binaryBackward(spec, left, right, gradY, gradLeft, gradRight);
  }
}
