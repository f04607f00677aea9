package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceArguments.require;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Kernels;
import dev.sluice.spi.Transfers;

/**
 * The backend that computes in double, by plain loops, in the calling thread. It has no state but whether it is closed.
 */
public final class ReferenceBackend implements Backend {
  /** The name by which the backend is chosen. */
  public static final String ID = "reference";

  private final Kernels kernels = new Kernels(
        new ReferenceMemory(),
        new ReferenceGemm(),
        new ReferenceElementwise(),
        new ReferenceReduction(),
        new ReferenceSoftmax(),
        new ReferenceLoss(),
        new ReferenceAttention(),
        new ReferenceNormalization(),
        new ReferenceEmbedding(),
        new ReferenceDropout(),
        new ReferenceRecurrent(),
        new ReferenceIndRnn(),
        new ReferenceWindow(),
        new ReferenceClipping(),
        new ReferenceOptimizer());
  private volatile boolean closed;

  /** A backend of its own; buffers of one reference backend are good for every other. */
  public ReferenceBackend() {}

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String description() {
    return "reference: plain loops in double, one thread";
  }

  @Override
  public Buffer allocate(ElementType type, int length) {
    require(length >= 0, "allocate", "length is " + length, "0 or more");
    return open(new ReferenceBuffer(type, length));
  }

  @Override
  public void write(double[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    checkWrite(ElementType.REAL, source.length, sourceOffset, target, targetOffset, length);
    System.arraycopy(source, sourceOffset, ReferenceBuffer.reals(target), targetOffset, length);
  }

  @Override
  public void write(float[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    checkWrite(ElementType.REAL, source.length, sourceOffset, target, targetOffset, length);
    double[] reals = ReferenceBuffer.reals(target);
    for (int i = 0; i < length; i++) {
      reals[targetOffset + i] = source[sourceOffset + i];
    }
  }

  @Override
  public void write(int[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    checkWrite(ElementType.INT32, source.length, sourceOffset, target, targetOffset, length);
    System.arraycopy(source, sourceOffset, ReferenceBuffer.integers(target), targetOffset, length);
  }

  @Override
  public void write(boolean[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    checkWrite(ElementType.BOOL, source.length, sourceOffset, target, targetOffset, length);
    System.arraycopy(source, sourceOffset, ReferenceBuffer.booleans(target), targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, double[] target, int targetOffset, int length) {
    checkRead(ElementType.REAL, source, sourceOffset, target.length, targetOffset, length);
    System.arraycopy(ReferenceBuffer.reals(source), sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, float[] target, int targetOffset, int length) {
    checkRead(ElementType.REAL, source, sourceOffset, target.length, targetOffset, length);
    double[] reals = ReferenceBuffer.reals(source);
    for (int i = 0; i < length; i++) {
      target[targetOffset + i] = (float) reals[sourceOffset + i];
    }
  }

  @Override
  public void read(Buffer source, int sourceOffset, int[] target, int targetOffset, int length) {
    checkRead(ElementType.INT32, source, sourceOffset, target.length, targetOffset, length);
    System.arraycopy(ReferenceBuffer.integers(source), sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, boolean[] target, int targetOffset, int length) {
    checkRead(ElementType.BOOL, source, sourceOffset, target.length, targetOffset, length);
    System.arraycopy(ReferenceBuffer.booleans(source), sourceOffset, target, targetOffset, length);
  }

  private void checkWrite(ElementType type, int size, int sourceOffset, Buffer target, int targetOffset, int length) {
    open(target);
    ReferenceArguments.checkBuffer("write", "target", type, 0, target);
    Transfers.check("write", size, sourceOffset, target.length(), targetOffset, length);
  }

  private void checkRead(ElementType type, Buffer source, int sourceOffset, int size, int targetOffset, int length) {
    open(source);
    ReferenceArguments.checkBuffer("read", "source", type, 0, source);
    Transfers.check("read", source.length(), sourceOffset, size, targetOffset, length);
  }

  @Override
  public Kernels kernels() {
    return open(kernels);
  }

  @Override
  public void close() {
    closed = true;
  }

  private <T> T open(T part) {
    if (closed) {
      throw new IllegalStateException("reference backend is closed");
    }
    return part;
  }
}
