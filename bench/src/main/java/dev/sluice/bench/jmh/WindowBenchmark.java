package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.CHANNELS;
import static dev.sluice.bench.jmh.Kernels.IMAGES;
import static dev.sluice.bench.jmh.Kernels.SIDE;

import dev.sluice.spi.AveragePoolSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.MaxPoolSpec;
import dev.sluice.spi.UnfoldSpec;
import dev.sluice.spi.Windows;
import dev.sluice.spi.Windows.Axis;
import java.util.List;

/** Unfolding windows of 3x3, and pooling windows of 2x2. */
public class WindowBenchmark extends KernelBenchmark {
  private static final int PLANES = IMAGES * CHANNELS;
  private static final UnfoldSpec UNFOLD = new UnfoldSpec(windows(3, 1, 1), 0, IMAGES);
  private static final MaxPoolSpec MAX = new MaxPoolSpec(windows(2, 2, 0));
  private static final AveragePoolSpec AVERAGE =
      new AveragePoolSpec(windows(2, 2, 0), true, AveragePoolSpec.COUNTED);
  private static final int POOLED = PLANES * MAX.windows().count();

  private static Windows windows(int kernel, int stride, int padding) {
    Axis axis = new Axis(SIDE, kernel, stride, padding, 1, false);
    return new Windows(IMAGES, CHANNELS, axis, axis);
  }

  static List<Kernel> kernels() {
    return List.of(Kernel.of(WindowBenchmark.class, "unfold", WindowBenchmark::unfold),
        Kernel.of(WindowBenchmark.class, "unfold backward", WindowBenchmark::unfoldBackward),
        Kernel.of(WindowBenchmark.class, "max pool", WindowBenchmark::maxPool),
        Kernel.of(WindowBenchmark.class, "max pool backward", WindowBenchmark::maxPoolBackward).scattered(),
        Kernel.of(WindowBenchmark.class, "average pool", WindowBenchmark::averagePool),
        Kernel.of(WindowBenchmark.class, "average pool backward", WindowBenchmark::averagePoolBackward));
  }

  private static Buffer planes(Buffers buffers) {
    return buffers.real(PLANES * SIDE * SIDE);
  }

  private static Runnable unfold(Buffers buffers) {
    Buffer x = planes(buffers);
    Buffer columns = buffers.real(UNFOLD.height() * UNFOLD.width());
    return () -> buffers.backend().window().unfold(UNFOLD, x, columns);
  }

  private static Runnable unfoldBackward(Buffers buffers) {
    Buffer gradColumns = buffers.real(UNFOLD.height() * UNFOLD.width());
    Buffer gradX = planes(buffers);
    return () -> buffers.backend().window().unfoldBackward(UNFOLD, gradColumns, gradX);
  }

  private static Runnable maxPool(Buffers buffers) {
    Buffer x = planes(buffers);
    Buffer y = buffers.real(POOLED);
    Buffer indices = buffers.indices(POOLED, SIDE * SIDE);
    return () -> buffers.backend().window().maxPool(MAX, x, y, indices);
  }

  private static Runnable maxPoolBackward(Buffers buffers) {
    Buffer indices = buffers.indices(POOLED, SIDE * SIDE);
    Buffer gradY = buffers.real(POOLED);
    Buffer gradX = planes(buffers);
    return () -> buffers.backend().window().maxPoolBackward(MAX, indices, gradY, gradX);
  }

  private static Runnable averagePool(Buffers buffers) {
    Buffer x = planes(buffers);
    Buffer y = buffers.real(POOLED);
    return () -> buffers.backend().window().averagePool(AVERAGE, x, y);
  }

  private static Runnable averagePoolBackward(Buffers buffers) {
    Buffer gradY = buffers.real(POOLED);
    Buffer gradX = planes(buffers);
    return () -> buffers.backend().window().averagePoolBackward(AVERAGE, gradY, gradX);
  }
}
