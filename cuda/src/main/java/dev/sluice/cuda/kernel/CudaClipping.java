package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.reals;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClampSpec;
import dev.sluice.spi.ClippingKernels;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.NormSpec;
import dev.sluice.spi.ScaleToNormSpec;
import java.lang.ref.Reference;
import java.util.List;

/**
 * Norms and bounds of lists of buffers, many buffers in one launch. A norm and the coefficient made of it never leave
 * the device.
 */
public final class CudaClipping implements ClippingKernels {
  private static final int THREADS = 256;
  private static final int DOUBLE_WORDS = 2;

  /** A norm's two stages: a partial of each chunk, and their fold. */
  private record Norm(Kernel chunks, Kernel total) {
    static Norm of(Device device, String name) {
      return new Norm(device.kernel("norm_" + name + "_chunks"), device.kernel("norm_" + name + "_total"));
    }
  }

  private final Device device;
  private final Norm squares;
  private final Norm magnitudes;
  private final Norm powers;
  private final Norm largest;
  private final Norm smallest;
  private final Kernel nonzero;
  private final Kernel scaleToNorm;
  private final Kernel clamp;

  /** The kernels of a device. */
  public CudaClipping(Device device) {
    this.device = device;
    squares = Norm.of(device, "squares");
    magnitudes = Norm.of(device, "magnitudes");
    powers = Norm.of(device, "powers");
    largest = Norm.of(device, "largest");
    smallest = Norm.of(device, "smallest");
    nonzero = device.kernel("norm_nonzero");
    scaleToNorm = device.kernel("scale_to_norm");
    clamp = device.kernel("clamp_lists");
  }

  @Override
  public void norm(NormSpec spec, List<Buffer> tensors, Buffer norm) {
    ListBatch.check(tensors);
    CudaBuffer result = reals(norm);
    boolean counts = spec.p() == 0;
    int chunks = ListBatch.chunks(tensors);
    int partials = chunks == 0 ? 0 : counts ? tensors.size() : chunks;
    Norm stages = partials == 0 ? squares : stages(spec.p());
    try (CudaBuffer scratch = device.scratch(ElementType.REAL, DOUBLE_WORDS * partials)) {
      if (partials > 0) {
        partials(spec, counts ? nonzero : stages.chunks(), tensors, scratch);
      }
      stages.total().start().buffer(scratch).integer(partials).doubleReal(spec.p()).buffer(result).run(1, THREADS);
    }
  }

  private void partials(NormSpec spec, Kernel kernel, List<Buffer> tensors, CudaBuffer scratch) {
    boolean counts = spec.p() == 0;
    ListBatch batch = ListBatch.ofThread();
    for (int done = 0; batch.next(tensors, false); done += counts ? batch.buffers() : batch.chunks()) {
      Launch launch = batch.passExtents(kernel.start().buffer(scratch, DOUBLE_WORDS * done).doubleReal(spec.p()));
      batch.pass(launch, tensors).run(counts ? batch.buffers() : batch.chunks(), THREADS);
    }
    Reference.reachabilityFence(tensors);
  }

  private Norm stages(double p) {
    if (Double.isInfinite(p)) {
      return p > 0 ? largest : smallest;
    }
    return p == 2 ? squares : p == 1 || p == 0 ? magnitudes : powers;
  }

  @Override
  public void scaleToNorm(ScaleToNormSpec spec, Buffer norm, List<Buffer> tensors) {
    ListBatch.check(tensors);
    CudaBuffer divisor = reals(norm);
    ListBatch batch = ListBatch.ofThread();
    while (batch.next(tensors, true)) {
      Launch launch =
          scaleToNorm.start().buffer(divisor).doubleReal(spec.maxNorm()).doubleReal(ScaleToNormSpec.EPSILON);
      batch.run(batch.pass(batch.passExtents(launch), tensors));
    }
    Reference.reachabilityFence(tensors);
  }

  @Override
  public void clamp(ClampSpec spec, List<Buffer> tensors) {
    ListBatch.check(tensors);
    ListBatch batch = ListBatch.ofThread();
    while (batch.next(tensors, true)) {
      Launch launch = clamp.start().real(spec.lower()).real(spec.upper());
      batch.run(batch.pass(batch.passExtents(launch), tensors));
    }
    Reference.reachabilityFence(tensors);
  }
}
