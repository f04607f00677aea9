package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.reals;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.DropoutKernels;
import dev.sluice.spi.DropoutSpec;

/** Inverted dropout, the same forward and backward: a thread per Philox block of four elements. */
public final class CudaDropout implements DropoutKernels {
  private static final int THREADS = 256;
  private static final int WORDS = 4;

  private final Device device;
  private final Kernel kernel;

  /** The kernel of a device. */
  public CudaDropout(Device device) {
    this.device = device;
    kernel = device.kernel("dropout");
  }

  @Override
  public void dropout(DropoutSpec spec, Buffer x, Buffer y) {
    drop(spec, reals(x), reals(y));
  }

  @Override
  public void dropoutBackward(DropoutSpec spec, Buffer gradY, Buffer gradX) {
    drop(spec, reals(gradY), reals(gradX));
  }

  private void drop(DropoutSpec spec, CudaBuffer from, CudaBuffer to) {
    Dropout dropout = spec.dropout();
    kernel.start().buffer(from).buffer(to).integer(spec.length()).longInteger(dropout.seed())
        .longInteger(dropout.offset()).longInteger(dropout.threshold()).real(dropout.scale())
        .run(device.blocks(Math.ceilDiv((long) spec.length(), WORDS), THREADS), THREADS);
  }
}
