package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.flags;
import static dev.sluice.cuda.CudaBuffer.reals;
import static dev.sluice.cuda.CudaBuffer.realsOrNull;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementwiseKernels;
import dev.sluice.spi.LogicalOp;
import dev.sluice.spi.LogicalSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Functions of each element, and of two elements with broadcasting: four elements at a time where they lie side by
 * side. The gradient of a broadcast argument is a fold over the dimensions along which it was.
 */
public final class CudaElementwise implements ElementwiseKernels {
  private static final int THREADS = 256;
  private static final int WIDE = 4;

  private final Device device;
  private final Kernel[] unaryForward;
  private final Kernel[] unaryBackward;
  private final Kernel[] binaryForward;
  private final Kernel[] binaryBackward;
  private final Kernel[] logicalForward;
  private final Kernel[] sumAlong;
  private final Kernel[] sumAcross;
  private final Kernel sumPartials;

  /** The kernels of a device. */
  public CudaElementwise(Device device) {
    this.device = device;
    unaryForward = kernels(device, "unary", UnaryOp.values(), "forward");
    unaryBackward = kernels(device, "unary", UnaryOp.values(), "backward");
    binaryForward = kernels(device, "binary", BinaryOp.values(), "forward");
    binaryBackward = kernels(device, "binary", BinaryOp.values(), "backward");
    logicalForward = kernels(device, "logical", LogicalOp.values(), "forward");
    sumAlong = kernels(device, "binary", BinaryOp.values(), "sum_along");
    sumAcross = kernels(device, "binary", BinaryOp.values(), "sum_across");
    sumPartials = device.kernel("reduce_sum_partials");
  }

  private static Kernel[] kernels(Device device, String kind, Enum<?>[] ops, String pass) {
    return Arrays.stream(ops).map(op -> device.kernel(kind + "_" + op.name().toLowerCase(Locale.ROOT) + "_" + pass))
        .toArray(Kernel[]::new);
  }

  @Override
  public void unary(UnarySpec spec, Buffer x, Buffer y) {
    CudaBuffer argument = reals(x);
    CudaBuffer result = reals(y);
    run(spec, unaryForward[spec.op().ordinal()].start().buffer(argument).buffer(result));
  }

  @Override
  public void unaryBackward(UnarySpec spec, Buffer x, Buffer y, Buffer gradY, Buffer gradX) {
    CudaBuffer argument = reals(x);
    CudaBuffer result = reals(y);
    CudaBuffer gradResult = reals(gradY);
    CudaBuffer gradArgument = reals(gradX);
    run(spec, unaryBackward[spec.op().ordinal()].start().buffer(argument).buffer(result).buffer(gradResult)
        .buffer(gradArgument));
  }

  private void run(UnarySpec spec, Launch launch) {
    int blocks = device.blocks(Math.ceilDiv((long) spec.length(), WIDE), THREADS);
    launch.integer(spec.length()).real(spec.a()).real(spec.b()).run(blocks, THREADS);
  }

  @Override
  public void binary(BinarySpec spec, Buffer left, Buffer right, Buffer y) {
    CudaBuffer lefts = reals(left);
    CudaBuffer rights = reals(right);
    CudaBuffer result = reals(y);
    int length = spec.length();
    if (length > 0) {
      run(spec, length, binaryForward[spec.op().ordinal()].start().buffer(lefts).buffer(rights).buffer(result));
    }
  }

  @Override
  public void binaryBackward(BinarySpec spec, Buffer left, Buffer right, Buffer gradY, @Nullable Buffer gradLeft,
      @Nullable Buffer gradRight) {
    CudaBuffer lefts = reals(left);
    CudaBuffer rights = reals(right);
    CudaBuffer gradResult = reals(gradY);
    CudaBuffer gradLefts = realsOrNull(gradLeft);
    CudaBuffer gradRights = realsOrNull(gradRight);
    int length = spec.length();
    boolean leftLiesAsY = length > 0 && spec.leftLength() == length;
    boolean rightLiesAsY = length > 0 && spec.rightLength() == length;
    CudaBuffer aloneLeft = leftLiesAsY ? gradLefts : null;
    CudaBuffer aloneRight = rightLiesAsY ? gradRights : null;
    if (aloneLeft != null || aloneRight != null) {
      run(spec, length, binaryBackward[spec.op().ordinal()].start().buffer(lefts).buffer(rights).buffer(gradResult)
          .buffer(aloneLeft).buffer(aloneRight));
    }
    if (gradLefts != null && !leftLiesAsY) {
      sum(spec, lefts, rights, gradResult, gradLefts, true);
    }
    if (gradRights != null && !rightLiesAsY) {
      sum(spec, lefts, rights, gradResult, gradRights, false);
    }
  }

  @Override
  public void logical(LogicalSpec spec, Buffer left, Buffer right, Buffer y) {
    CudaBuffer lefts = flags(left);
    CudaBuffer rights = flags(right);
    CudaBuffer result = flags(y);
    int length = spec.length();
    if (length > 0) {
      Launch launch = logicalForward[spec.op().ordinal()].start().buffer(lefts).buffer(rights).buffer(result);
      walk(spec.shape(), spec.leftStrides(), spec.rightStrides()).pass(launch.integer(length))
          .run(device.blocks(length, THREADS), THREADS);
    }
  }

  /** The walk over two arguments in the result's shape. */
  private static Walk walk(int[] shape, int[] leftStrides, int[] rightStrides) {
    Walk walk = Walk.of(2);
    for (int d = shape.length - 1; d >= 0; d--) {
      walk.add(shape[d], leftStrides[d], rightStrides[d]);
    }
    return walk;
  }

  /** Queues a kernel over all elements, given its buffers. */
  private void run(BinarySpec spec, int length, Launch launch) {
    Walk walk = walk(spec.shape(), spec.leftStrides(), spec.rightStrides());
    int wide = spec.op() == BinaryOp.POWER ? 0 : walk.widen(WIDE, 0);
    walk.pass(launch.integer(wide).integer(length)).run(device.blocks(length - (WIDE - 1) * (long) wide, THREADS),
        THREADS);
  }

  /** The gradient of an argument that is broadcast. */
  private void sum(BinarySpec spec, CudaBuffer lefts, CudaBuffer rights, CudaBuffer gradResult, CudaBuffer gradient,
      boolean isLeft) {
    int[] own = isLeft ? spec.leftStrides() : spec.rightStrides();
    int results = isLeft ? spec.leftLength() : spec.rightLength();
    int terms = 1;
    for (int d = 0; d < own.length; d++) {
      terms *= own[d] == 0 ? spec.shape()[d] : 1;
    }
    Walk walk = Walk.of(3);
    if (results > 0 && terms > 0) {
      addDimensions(walk, spec, own, true);
    }
    int kept = walk.rank();
    walk.fence();
    if (results > 0 && terms > 0) {
      addDimensions(walk, spec, own, false);
    }
    boolean across = kept > 0 && walk.stride(0, 0) == 1 && walk.size(0) >= Folding.LEAST_ACROSS;
    Folding folding = new Folding(results, terms, across);
    try (CudaBuffer partials = folding.partials(device, 1)) {
      Launch launch = (across ? sumAcross : sumAlong)[spec.op().ordinal()].start().buffer(lefts).buffer(rights)
          .buffer(gradResult).buffer(gradient).flag(isLeft).integer(kept).integer(terms);
      folding.run(walk.pass(folding.pass(launch, partials)));
      if (partials != null) {
        folding.finish(sumPartials.start().buffer(gradient).real(1), partials);
      }
    }
  }

  /** Adds the walks over y, left and right of the dimensions that an argument has, or of those it has not. */
  private static void addDimensions(Walk walk, BinarySpec spec, int[] own, boolean kept) {
    int stride = 1;
    for (int d = spec.shape().length - 1; d >= 0; d--) {
      int size = spec.shape()[d];
      if ((own[d] != 0) == kept) {
        walk.add(size, stride, spec.leftStrides()[d], spec.rightStrides()[d]);
      }
      stride *= size;
    }
  }
}
