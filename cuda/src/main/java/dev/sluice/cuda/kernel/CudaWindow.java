package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.intsOrNull;
import static dev.sluice.cuda.CudaBuffer.readInts;
import static dev.sluice.cuda.CudaBuffer.reals;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.AveragePoolSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.MaxPoolSpec;
import dev.sluice.spi.UnfoldSpec;
import dev.sluice.spi.WindowKernels;
import dev.sluice.spi.Windows;
import dev.sluice.spi.Windows.Axis;
import org.jspecify.annotations.Nullable;

/** Windows: a thread for each element that is written. */
public final class CudaWindow implements WindowKernels {
  private static final int THREADS = 256;
  /** Rows of a grid. */
  private static final int MOST_ROWS = 65_535;

  private final Device device;
  private final Kernel unfold;
  private final Kernel unfoldBackward;
  private final Kernel maxPool;
  private final Kernel maxPoolBackward;
  private final Kernel averagePool;
  private final Kernel averagePoolBackward;

  /** The windows of a device. */
  public CudaWindow(Device device) {
    this.device = device;
    unfold = device.kernel("unfold");
    unfoldBackward = device.kernel("unfold_backward");
    maxPool = device.kernel("max_pool");
    maxPoolBackward = device.kernel("max_pool_backward");
    averagePool = device.kernel("average_pool");
    averagePoolBackward = device.kernel("average_pool_backward");
  }

  @Override
  public void unfold(UnfoldSpec spec, Buffer x, Buffer columns) {
    CudaBuffer in = reals(x);
    CudaBuffer copies = reals(columns);
    start(unfold, spec.windows()).integer(spec.first()).integer(spec.samples()).buffer(in).buffer(copies)
        .run(device.blocks(spec.width(), THREADS), Math.min(spec.height(), MOST_ROWS), 1, THREADS, 1, 0);
  }

  @Override
  public void unfoldBackward(UnfoldSpec spec, Buffer gradColumns, Buffer gradX) {
    CudaBuffer gradCopies = reals(gradColumns);
    CudaBuffer gradIn = reals(gradX);
    Windows windows = spec.windows();
    run(start(unfoldBackward, windows).integer(spec.first()).integer(spec.samples()).buffer(gradCopies).buffer(gradIn),
        spec.samples() * windows.channels() * windows.plane());
  }

  @Override
  public void maxPool(MaxPoolSpec spec, Buffer x, Buffer y, @Nullable Buffer indices) {
    CudaBuffer in = reals(x);
    CudaBuffer out = reals(y);
    CudaBuffer places = intsOrNull(indices);
    run(start(maxPool, spec.windows()).buffer(in).buffer(out).buffer(places), outputs(spec.windows()));
  }

  @Override
  public void maxPoolBackward(MaxPoolSpec spec, Buffer indices, Buffer gradY, Buffer gradX) {
    CudaBuffer places = readInts(indices);
    CudaBuffer gradOut = reals(gradY);
    CudaBuffer gradIn = reals(gradX);
    run(start(maxPoolBackward, spec.windows()).buffer(places).buffer(gradOut).buffer(gradIn), inputs(spec.windows()));
  }

  @Override
  public void averagePool(AveragePoolSpec spec, Buffer x, Buffer y) {
    CudaBuffer in = reals(x);
    CudaBuffer out = reals(y);
    run(start(averagePool, spec.windows()).flag(spec.countPadding()).integer(spec.divisor()).buffer(in).buffer(out),
        outputs(spec.windows()));
  }

  @Override
  public void averagePoolBackward(AveragePoolSpec spec, Buffer gradY, Buffer gradX) {
    CudaBuffer gradOut = reals(gradY);
    CudaBuffer gradIn = reals(gradX);
    run(start(averagePoolBackward, spec.windows()).flag(spec.countPadding()).integer(spec.divisor()).buffer(gradOut)
        .buffer(gradIn), inputs(spec.windows()));
  }

  /** Starts a kernel whose first argument is the windows. */
  private static Launch start(Kernel kernel, Windows windows) {
    Axis rows = windows.rows();
    Axis columns = windows.columns();
    return kernel.start().integers(windows.batch(), windows.channels(),
        rows.size(), rows.kernel(), rows.stride(), rows.padding(), rows.dilation(), rows.count(),
        columns.size(), columns.kernel(), columns.stride(), columns.padding(), columns.dilation(), columns.count());
  }

  private void run(Launch launch, int elements) {
    launch.run(device.blocks(elements, THREADS), THREADS);
  }

  private static int inputs(Windows windows) {
    return windows.batch() * windows.channels() * windows.plane();
  }

  private static int outputs(Windows windows) {
    return windows.batch() * windows.channels() * windows.count();
  }
}
