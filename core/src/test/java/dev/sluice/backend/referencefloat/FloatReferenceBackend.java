package dev.sluice.backend.referencefloat;

import static dev.sluice.backend.referencefloat.FloatReferenceArguments.require;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Kernels;
import dev.sluice.spi.Transfers;

/**
 * The reference backend with float in place of double: its error against the reference is the yardstick of the backends
 * that compute in float. Only the transfers are written here; the kernels and the buffer are the reference's own
 * sources, rewritten by the build.
 */
public final class FloatReferenceBackend implements Backend {
  /** The name by which the backend is chosen. */
  public static final String ID = "reference-float";

  private final Kernels kernels = new Kernels(
        new FloatReferenceMemory(),
        new FloatReferenceGemm(),
        new FloatReferenceElementwise(),
        new FloatReferenceReduction(),
        new FloatReferenceSoftmax(),
        new FloatReferenceLoss(),
        new FloatReferenceAttention(),
        new FloatReferenceNormalization(),
        new FloatReferenceEmbedding(),
        new FloatReferenceDropout(),
        new FloatReferenceRecurrent(),
        new FloatReferenceIndRnn(),
        new FloatReferenceWindow(),
        new FloatReferenceClipping(),
        new FloatReferenceOptimizer());
  private volatile boolean closed;

  /** A backend of its own; buffers of one reference backend are good for every other. */
  public FloatReferenceBackend() {}

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String description() {
    return "reference-float: the reference's loops in float, one thread";
  }

  @Override
  public Buffer allocate(ElementType type, int length) {
    require(length >= 0, "allocate", "length is " + length, "0 or more");
    return open(new FloatReferenceBuffer(type, length));
  }

  @Override
  public void write(double[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    checkWrite(ElementType.REAL, source.length, sourceOffset, target, targetOffset, length);
    float[] reals = FloatReferenceBuffer.reals(target);
    for (int i = 0; i < length; i++) {
      reals[targetOffset + i] = (float) source[sourceOffset + i];
    }
  }

  @Override
  public void write(float[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    checkWrite(ElementType.REAL, source.length, sourceOffset, target, targetOffset, length);
    System.arraycopy(source, sourceOffset, FloatReferenceBuffer.reals(target), targetOffset, length);
  }

  @Override
  public void write(int[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    checkWrite(ElementType.INT32, source.length, sourceOffset, target, targetOffset, length);
    System.arraycopy(source, sourceOffset, FloatReferenceBuffer.integers(target), targetOffset, length);
  }

  @Override
  public void write(boolean[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    checkWrite(ElementType.BOOL, source.length, sourceOffset, target, targetOffset, length);
    System.arraycopy(source, sourceOffset, FloatReferenceBuffer.booleans(target), targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, double[] target, int targetOffset, int length) {
    checkRead(ElementType.REAL, source, sourceOffset, target.length, targetOffset, length);
    float[] reals = FloatReferenceBuffer.reals(source);
    for (int i = 0; i < length; i++) {
      target[targetOffset + i] = reals[sourceOffset + i];
    }
  }

  @Override
  public void read(Buffer source, int sourceOffset, float[] target, int targetOffset, int length) {
    checkRead(ElementType.REAL, source, sourceOffset, target.length, targetOffset, length);
    System.arraycopy(FloatReferenceBuffer.reals(source), sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, int[] target, int targetOffset, int length) {
    checkRead(ElementType.INT32, source, sourceOffset, target.length, targetOffset, length);
    System.arraycopy(FloatReferenceBuffer.integers(source), sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, boolean[] target, int targetOffset, int length) {
    checkRead(ElementType.BOOL, source, sourceOffset, target.length, targetOffset, length);
    System.arraycopy(FloatReferenceBuffer.booleans(source), sourceOffset, target, targetOffset, length);
  }

  private void checkWrite(ElementType type, int size, int sourceOffset, Buffer target, int targetOffset, int length) {
    open(target);
    FloatReferenceArguments.checkBuffer("write", "target", type, 0, target);
    Transfers.check("write", size, sourceOffset, target.length(), targetOffset, length);
  }

  private void checkRead(ElementType type, Buffer source, int sourceOffset, int size, int targetOffset, int length) {
    open(source);
    FloatReferenceArguments.checkBuffer("read", "source", type, 0, source);
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
      throw new IllegalStateException("float reference backend is closed");
    }
    return part;
  }
}
