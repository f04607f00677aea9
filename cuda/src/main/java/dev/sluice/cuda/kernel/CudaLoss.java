package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.readInts;
import static dev.sluice.cuda.CudaBuffer.reals;
import static dev.sluice.cuda.CudaBuffer.realsOrNull;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.CrossEntropySpec;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.LossKernels;
import org.jspecify.annotations.Nullable;

/**
 * Cross-entropy, a warp or a block per row; rows are summed in double. The reserve holds each row's max and log sum.
 */
public final class CudaLoss implements LossKernels {
  private static final int THREADS = 256;
  private static final int ROWS = 8;
  private static final int MOST_SHORT = 1024;
  private static final int SEGMENT = 8192;
  private static final int DOUBLE_WORDS = 2;

  private final Device device;
  private final Kernel forwardShort;
  private final Kernel forwardLong;
  private final Kernel backwardShort;
  private final Kernel backwardLong;
  private final Kernel sum;
  private final Kernel total;

  /** The kernels of a device. */
  public CudaLoss(Device device) {
    this.device = device;
    forwardShort = device.kernel("cross_entropy_short");
    forwardLong = device.kernel("cross_entropy_long");
    backwardShort = device.kernel("cross_entropy_short_backward");
    backwardLong = device.kernel("cross_entropy_long_backward");
    sum = device.kernel("cross_entropy_sum");
    total = device.kernel("cross_entropy_total");
  }

  @Override
  public int crossEntropyReserve(CrossEntropySpec spec) {
    return Math.multiplyExact(2, spec.rows());
  }

  @Override
  public void crossEntropy(CrossEntropySpec spec, Buffer logits, Buffer labels, Buffer loss,
      @Nullable Buffer reserve) {
    CudaBuffer x = reals(logits);
    CudaBuffer targets = readInts(labels);
    CudaBuffer result = reals(loss);
    CudaBuffer saved = realsOrNull(reserve);
    int counted = counted("crossEntropy", spec, targets);
    if (spec.reduction() == Reduction.NONE) {
      forward(spec, x, targets, result, saved);
      return;
    }
    try (CudaBuffer losses = device.scratch(ElementType.REAL, spec.rows())) {
      forward(spec, x, targets, losses, saved);
      sum(spec.rows(), losses, result, spec.reduction() == Reduction.MEAN ? counted : 1);
    }
  }

  private void forward(CrossEntropySpec spec, CudaBuffer x, CudaBuffer targets, CudaBuffer losses,
      @Nullable CudaBuffer saved) {
    run(spec, numbers(spec, (isShort(spec) ? forwardShort : forwardLong).start().buffer(x).buffer(targets)
        .buffer(losses).buffer(saved)));
  }

  private void sum(int rows, CudaBuffer losses, CudaBuffer result, double divisor) {
    int segments = Math.max(Math.ceilDiv(rows, SEGMENT), 1);
    try (CudaBuffer partials = segments == 1 ? null : device.scratch(ElementType.REAL, DOUBLE_WORDS * segments)) {
      sum.start().buffer(losses).buffer(partials).buffer(result).integer(rows).integer(SEGMENT).doubleReal(divisor)
          .run(segments, THREADS);
      if (partials != null) {
        total.start().buffer(partials).buffer(result).integer(segments).doubleReal(divisor).run(1, THREADS);
      }
    }
  }

  @Override
  public void crossEntropyBackward(CrossEntropySpec spec, Buffer logits, Buffer labels, Buffer gradLoss, Buffer reserve,
      Buffer gradLogits) {
    CudaBuffer x = reals(logits);
    CudaBuffer targets = readInts(labels);
    CudaBuffer gradLosses = reals(gradLoss);
    CudaBuffer saved = reals(reserve);
    CudaBuffer gradX = reals(gradLogits);
    int counted = counted("crossEntropyBackward", spec, targets);
    Launch launch = (isShort(spec) ? backwardShort : backwardLong).start().buffer(x).buffer(targets).buffer(gradLosses)
        .buffer(saved).buffer(gradX);
    run(spec, numbers(spec, launch).integer(spec.reduction() == Reduction.NONE ? 1 : 0)
        .real(spec.reduction() == Reduction.MEAN ? counted : 1));
  }

  private static boolean isShort(CrossEntropySpec spec) {
    return spec.classes() <= MOST_SHORT;
  }

  private static Launch numbers(CrossEntropySpec spec, Launch launch) {
    return launch.integer(spec.rows()).integer(spec.classes()).integer(spec.ignoreIndex()).real(spec.labelSmoothing());
  }

  private static void run(CrossEntropySpec spec, Launch launch) {
    launch.run(isShort(spec) ? Math.ceilDiv(spec.rows(), ROWS) : spec.rows(), THREADS);
  }

  /** How many rows count, once every label is known to be good. */
  private static int counted(String operation, CrossEntropySpec spec, CudaBuffer labels) {
    int[] targets = labels.hostInts(0, spec.rows());
    int counted = 0;
    for (int row = 0; row < spec.rows(); row++) {
      int label = targets[row];
      if (label == spec.ignoreIndex()) {
        continue;
      }
      if (label < 0 || label >= spec.classes()) {
        throw new IllegalArgumentException(operation + ": labels[" + row + "] is " + label + ", wanted 0 to "
            + (spec.classes() - 1) + " or " + spec.ignoreIndex() + " to ignore the row");
      }
      counted++;
    }
    return counted;
  }
}
