package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.ints;
import static dev.sluice.cuda.CudaBuffer.reals;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.ReductionKernels;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import org.jspecify.annotations.Nullable;

/** Reductions in two stages of a fixed order; the gradient of largest and smallest counts the ties first. */
public final class CudaReduction implements ReductionKernels {
  private static final int THREADS = 256;
  private static final int WIDE = 4;
  private static final int CANDIDATE_WORDS = 2;

  /** A fold by a warp or a thread per result, and its second stage. */
  private record Fold(Kernel along, Kernel across, Kernel partials) {
    static Fold of(Device device, String name) {
      return new Fold(device.kernel(name + "_along"), device.kernel(name + "_across"),
          device.kernel(name + "_partials"));
    }

    Kernel first(Folding folding) {
      return folding.across() ? across : along;
    }
  }

  private final Device device;
  private final Fold sum;
  private final Fold max;
  private final Fold min;
  private final Fold argMax;
  private final Fold countEquals;
  private final Kernel spread;
  private final Kernel spreadWide;
  private final Kernel share;

  /** The kernels of a device. */
  public CudaReduction(Device device) {
    this.device = device;
    sum = Fold.of(device, "reduce_sum");
    max = Fold.of(device, "reduce_max");
    min = Fold.of(device, "reduce_min");
    argMax = Fold.of(device, "arg_max");
    countEquals = Fold.of(device, "count_equals");
    spread = device.kernel("reduce_spread");
    spreadWide = device.kernel("reduce_spread_wide");
    share = device.kernel("reduce_share");
  }

  @Override
  public void reduce(ReductionSpec spec, Buffer x, Buffer y) {
    CudaBuffer elements = reals(x);
    CudaBuffer result = reals(y);
    Fold fold = switch (spec.op()) {
      case SUM, MEAN -> sum;
      case MAX -> max;
      case MIN -> min;
    };
    Folding folding = folding(spec);
    try (CudaBuffer partials = folding.partials(device, 1)) {
      Launch launch = fold.first(folding).start().buffer(elements).buffer(result);
      folding.run(folding.pass(line(spec, launch).real(divisor(spec)), partials));
      if (partials != null) {
        folding.finish(fold.partials().start().buffer(result).real(divisor(spec)), partials);
      }
    }
  }

  @Override
  public void argMax(ReductionSpec spec, Buffer x, Buffer indices) {
    CudaBuffer elements = reals(x);
    CudaBuffer result = ints(indices);
    if (spec.count() == 0 && spec.outer() > 0 && spec.inner() > 0) {
      throw new IllegalArgumentException("argMax: nothing to reduce, wanted 1 element or more");
    }
    Folding folding = folding(spec);
    try (CudaBuffer partials = folding.partials(device, CANDIDATE_WORDS)) {
      fold(argMax, folding, spec, elements, null, result, partials);
    }
  }

  @Override
  public void reduceBackward(ReductionSpec spec, Buffer x, Buffer y, Buffer gradY, Buffer gradX) {
    CudaBuffer elements = reals(x);
    CudaBuffer result = reals(y);
    CudaBuffer gradResult = reals(gradY);
    CudaBuffer gradElements = reals(gradX);
    if (spec.op() == ReductionOp.SUM || spec.op() == ReductionOp.MEAN) {
      spread(spec, gradResult, gradElements);
    } else {
      share(spec, elements, result, gradResult, gradElements);
    }
  }

  private void spread(ReductionSpec spec, CudaBuffer gradResult, CudaBuffer gradElements) {
    int piece = spec.inner() % WIDE == 0 ? WIDE : 1;
    int inner = spec.inner() / piece;
    int length = spec.outer() * spec.count() * inner;
    Launch launch = (piece == 1 ? spread : spreadWide).start().buffer(gradResult).buffer(gradElements).integer(length);
    Divisor.pass(Divisor.pass(launch, spec.count() * inner), inner).real(divisor(spec))
        .run(device.blocks(length, THREADS), THREADS);
  }

  private void share(ReductionSpec spec, CudaBuffer elements, CudaBuffer result, CudaBuffer gradResult,
      CudaBuffer gradElements) {
    int length = spec.outer() * spec.count() * spec.inner();
    if (length == 0) {
      return;
    }
    Folding folding = folding(spec);
    try (CudaBuffer counts = device.scratch(ElementType.INT32, folding.results());
        CudaBuffer partials = folding.partials(device, 1)) {
      fold(countEquals, folding, spec, elements, result, counts, partials);
      Launch launch = share.start().buffer(elements).buffer(result).buffer(gradResult).buffer(counts)
          .buffer(gradElements).integer(length);
      Divisor.pass(Divisor.pass(launch, spec.count() * spec.inner()), spec.inner())
          .run(device.blocks(length, THREADS), THREADS);
    }
  }

  /** A fold to INT32, with what its terms are compared with where there is that. */
  private static void fold(Fold fold, Folding folding, ReductionSpec spec, CudaBuffer elements,
      @Nullable CudaBuffer compared, CudaBuffer result, @Nullable CudaBuffer partials) {
    Launch launch = fold.first(folding).start().buffer(elements);
    launch = (compared == null ? launch : launch.buffer(compared)).buffer(result);
    folding.run(folding.pass(line(spec, launch), partials));
    if (partials != null) {
      folding.finish(fold.partials().start().buffer(result), partials);
    }
  }

  private static Folding folding(ReductionSpec spec) {
    return new Folding(spec.outer() * spec.inner(), spec.count(), spec.inner() >= Folding.LEAST_ACROSS);
  }

  private static Launch line(ReductionSpec spec, Launch launch) {
    return Divisor.pass(launch.integer(spec.count()), spec.inner());
  }

  private static double divisor(ReductionSpec spec) {
    return spec.op() == ReductionOp.MEAN ? spec.count() : 1;
  }
}
