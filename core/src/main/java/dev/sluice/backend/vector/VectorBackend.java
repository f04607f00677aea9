package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorBuffer.flags;
import static dev.sluice.backend.vector.VectorBuffer.ints;
import static dev.sluice.backend.vector.VectorBuffer.reals;

import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Kernels;
import dev.sluice.spi.Transfers;

/** The backend on {@code jdk.incubator.vector}: one worker pool, one pool of buffers, one object per kernel family. */
final class VectorBackend implements Backend {
  private final Workers workers;
  private final Scratch scratch = new Scratch();
  private final VectorBuffer.Pool buffers = new VectorBuffer.Pool();
  private final Kernels kernels;
  private volatile boolean closed;

  VectorBackend(BackendOptions options) {
    Warmup.start();
    workers = new Workers(options.threads());
    kernels = new Kernels(
        new VectorMemory(workers, scratch),
        new VectorGemm(workers, scratch),
        new VectorElementwise(workers, scratch),
        new VectorReduction(workers, scratch),
        new VectorSoftmax(workers, scratch),
        new VectorLoss(workers, scratch),
        new VectorAttention(workers, scratch),
        new VectorNormalization(workers, scratch),
        new VectorEmbedding(workers, scratch),
        new VectorDropout(workers, scratch),
        new VectorRecurrent(workers, scratch),
        new VectorIndRnn(workers, scratch),
        new VectorWindow(workers, scratch),
        new VectorClipping(workers, scratch),
        new VectorOptimizer(workers, scratch));
  }

  @Override
  public String id() {
    return VectorProvider.ID;
  }

  @Override
  public String description() {
    int threads = workers.threads();
    return VectorProvider.ID + ": " + VectorWidth.bits() + "-bit (" + VectorWidth.lanes() + " floats), FMA, " + threads
        + (threads == 1 ? " thread" : " threads");
  }

  /** The bytes of all arrays that buffers and kernels' workspace made so far. */
  long madeBytes() {
    return buffers.madeBytes() + scratch.madeBytes();
  }

  @Override
  public Buffer allocate(ElementType type, int length) {
    return open(buffers).allocate(type, length);
  }

  @Override
  public void write(double[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    float[] elements = reals(open(target));
    Transfers.check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    for (int i = 0; i < length; i++) {
      elements[targetOffset + i] = (float) source[sourceOffset + i];
    }
  }

  @Override
  public void write(float[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    float[] elements = reals(open(target));
    Transfers.check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    System.arraycopy(source, sourceOffset, elements, targetOffset, length);
  }

  @Override
  public void write(int[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    int[] elements = ints(open(target));
    Transfers.check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    System.arraycopy(source, sourceOffset, elements, targetOffset, length);
  }

  @Override
  public void write(boolean[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    boolean[] elements = flags(open(target));
    Transfers.check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    System.arraycopy(source, sourceOffset, elements, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, double[] target, int targetOffset, int length) {
    float[] elements = reals(open(source));
    Transfers.check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    for (int i = 0; i < length; i++) {
      target[targetOffset + i] = elements[sourceOffset + i];
    }
  }

  @Override
  public void read(Buffer source, int sourceOffset, float[] target, int targetOffset, int length) {
    float[] elements = reals(open(source));
    Transfers.check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    System.arraycopy(elements, sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, int[] target, int targetOffset, int length) {
    int[] elements = ints(open(source));
    Transfers.check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    System.arraycopy(elements, sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, boolean[] target, int targetOffset, int length) {
    boolean[] elements = flags(open(source));
    Transfers.check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    System.arraycopy(elements, sourceOffset, target, targetOffset, length);
  }

  @Override
  public Kernels kernels() {
    return open(kernels);
  }

  @Override
  public void close() {
    closed = true;
    workers.close();
    buffers.close();
    scratch.clear();
  }

  private <T> T open(T part) {
    if (closed) {
      throw new IllegalStateException("vector: the backend is closed");
    }
    return part;
  }
}
