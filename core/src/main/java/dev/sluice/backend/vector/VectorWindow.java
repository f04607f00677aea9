package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorBuffer.ints;
import static dev.sluice.backend.vector.VectorBuffer.reals;

import dev.sluice.spi.AveragePoolSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.MaxPoolSpec;
import dev.sluice.spi.UnfoldSpec;
import dev.sluice.spi.WindowKernels;
import dev.sluice.spi.Windows;
import org.jspecify.annotations.Nullable;

/**
 * Unfolding and pooling of the planes of x (batch, channels, rows, columns). A chunk is some whole planes: backward
 * passes add to planes of their own, each in the order of its windows or taps, so that no two threads meet.
 */
final class VectorWindow implements WindowKernels {
  private final Workers workers;
  private final Scratch scratch;

  VectorWindow(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  @Override
  public void unfold(UnfoldSpec spec, Buffer x, Buffer columns) {
    Unfolding unfolding = new Unfolding(spec);
    float[] in = reals(x);
    float[] out = reals(columns);
    planes(spec.height() * spec.samples(), spec.windows().count(), plane -> unfolding.unfold(in, plane, out));
  }

  @Override
  public void unfoldBackward(UnfoldSpec spec, Buffer gradColumns, Buffer gradX) {
    Unfolding unfolding = new Unfolding(spec);
    float[] gradCopies = reals(gradColumns);
    float[] gradIn = reals(gradX);
    Windows windows = spec.windows();
    planes(spec.samples() * windows.channels(), windows.count() * windows.taps(),
        plane -> unfolding.fold(gradCopies, plane, gradIn));
  }

  @Override
  public void maxPool(MaxPoolSpec spec, Buffer x, Buffer y, @Nullable Buffer indices) {
    MaxPooling pooling = new MaxPooling(spec.windows());
    float[] in = reals(x);
    float[] out = reals(y);
    int[] where = indices == null ? null : ints(indices);
    forEachPlane(spec.windows(), (from, to) -> pooling.forward(in, from, to, out, where));
  }

  @Override
  public void maxPoolBackward(MaxPoolSpec spec, Buffer indices, Buffer gradY, Buffer gradX) {
    MaxPooling pooling = new MaxPooling(spec.windows());
    int[] where = ints(indices);
    float[] gradOut = reals(gradY);
    float[] gradIn = reals(gradX);
    forEachPlane(spec.windows(), (from, to) -> pooling.backward(where, gradOut, from, to, gradIn));
  }

  @Override
  public void averagePool(AveragePoolSpec spec, Buffer x, Buffer y) {
    float[] divisors = divisors(spec);
    AveragePooling pooling = new AveragePooling(spec.windows(), divisors);
    float[] in = reals(x);
    float[] out = reals(y);
    forEachPlane(spec.windows(), (from, to) -> pooling.forward(in, from, to, out));
    scratch.release(divisors);
  }

  @Override
  public void averagePoolBackward(AveragePoolSpec spec, Buffer gradY, Buffer gradX) {
    float[] divisors = divisors(spec);
    AveragePooling pooling = new AveragePooling(spec.windows(), divisors);
    float[] gradOut = reals(gradY);
    float[] gradIn = reals(gradX);
    forEachPlane(spec.windows(), (from, to) -> pooling.backward(gradOut, from, to, gradIn));
    scratch.release(divisors);
  }

  /** What each window of a plane is divided by. */
  private float[] divisors(AveragePoolSpec spec) {
    int columns = spec.windows().columns().count();
    float[] divisors = scratch.borrow(spec.windows().count());
    for (int window = 0; window < spec.windows().count(); window++) {
      divisors[window] = spec.divisor(window / columns, window % columns);
    }
    return divisors;
  }

  private void forEachPlane(Windows windows, Planes planes) {
    int size = Math.max(windows.plane(), windows.count() * windows.taps());
    planes(windows.batch() * windows.channels(), size, planes);
  }

  /** Shares out planes that cost so many elements each. */
  private void planes(int count, int cost, Planes planes) {
    int perChunk = Chunks.rows(cost, Chunks.LIGHT);
    workers.run(Chunks.count(count, perChunk), chunk -> {
      int from = chunk * perChunk;
      planes.run(from, Chunks.end(from, perChunk, count));
    });
  }

  private void planes(int count, int cost, Plane plane) {
    planes(count, cost, (from, to) -> {
      for (int p = from; p < to; p++) {
        plane.run(p);
      }
    });
  }

  /** What is done for some planes. */
  private interface Planes {
    void run(int from, int to);
  }

  /** What is done for one plane. */
  private interface Plane {
    void run(int plane);
  }
}
