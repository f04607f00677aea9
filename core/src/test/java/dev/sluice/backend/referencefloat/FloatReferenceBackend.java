package dev.sluice.backend.referencefloat;

import static dev.sluice.backend.referencefloat.FloatReferenceArguments.require;

import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClippingKernels;
import dev.sluice.spi.DropoutKernels;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.ElementwiseKernels;
import dev.sluice.spi.EmbeddingKernels;
import dev.sluice.spi.GemmKernels;
import dev.sluice.spi.IndRnnKernels;
import dev.sluice.spi.LossKernels;
import dev.sluice.spi.MemoryKernels;
import dev.sluice.spi.NormalizationKernels;
import dev.sluice.spi.OptimizerKernels;
import dev.sluice.spi.RecurrentKernels;
import dev.sluice.spi.ReductionKernels;
import dev.sluice.spi.SoftmaxKernels;
import dev.sluice.spi.WindowKernels;

/**
 * The reference backend with float in place of double: its error against the reference is the yardstick of the backends
 * that compute in float. Only the transfers are written here; the kernels and the buffer are the reference's own
 * sources, rewritten by the build.
 */
public final class FloatReferenceBackend implements Backend {
  /** The name by which the backend is chosen. */
  public static final String ID = "reference-float";

  private final MemoryKernels memory = new FloatReferenceMemory();
  private final GemmKernels gemm = new FloatReferenceGemm();
  private final ElementwiseKernels elementwise = new FloatReferenceElementwise();
  private final ReductionKernels reduction = new FloatReferenceReduction();
  private final SoftmaxKernels softmax = new FloatReferenceSoftmax();
  private final LossKernels loss = new FloatReferenceLoss();
  private final AttentionKernels attention = new FloatReferenceAttention();
  private final NormalizationKernels normalization = new FloatReferenceNormalization();
  private final EmbeddingKernels embedding = new FloatReferenceEmbedding();
  private final DropoutKernels dropout = new FloatReferenceDropout();
  private final RecurrentKernels recurrent = new FloatReferenceRecurrent();
  private final IndRnnKernels indRnn = new FloatReferenceIndRnn();
  private final WindowKernels window = new FloatReferenceWindow();
  private final ClippingKernels clipping = new FloatReferenceClipping();
  private final OptimizerKernels optimizer = new FloatReferenceOptimizer();
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
    checkRange("write", "source", sourceOffset, length, size);
    checkRange("write", "target", targetOffset, length, target.length());
  }

  private void checkRead(ElementType type, Buffer source, int sourceOffset, int size, int targetOffset, int length) {
    open(source);
    FloatReferenceArguments.checkBuffer("read", "source", type, 0, source);
    checkRange("read", "source", sourceOffset, length, source.length());
    checkRange("read", "target", targetOffset, length, size);
  }

  private static void checkRange(String operation, String argument, int offset, int length, int size) {
    require(offset >= 0 && length >= 0 && offset <= size - length, operation,
        argument + " is walked from " + offset + " for " + length + " elements", "a part of its " + size);
  }

  @Override
  public MemoryKernels memory() {
    return open(memory);
  }

  @Override
  public GemmKernels gemm() {
    return open(gemm);
  }

  @Override
  public ElementwiseKernels elementwise() {
    return open(elementwise);
  }

  @Override
  public ReductionKernels reduction() {
    return open(reduction);
  }

  @Override
  public SoftmaxKernels softmax() {
    return open(softmax);
  }

  @Override
  public LossKernels loss() {
    return open(loss);
  }

  @Override
  public AttentionKernels attention() {
    return open(attention);
  }

  @Override
  public NormalizationKernels normalization() {
    return open(normalization);
  }

  @Override
  public EmbeddingKernels embedding() {
    return open(embedding);
  }

  @Override
  public DropoutKernels dropout() {
    return open(dropout);
  }

  @Override
  public RecurrentKernels recurrent() {
    return open(recurrent);
  }

  @Override
  public IndRnnKernels indRnn() {
    return open(indRnn);
  }

  @Override
  public WindowKernels window() {
    return open(window);
  }

  @Override
  public ClippingKernels clipping() {
    return open(clipping);
  }

  @Override
  public OptimizerKernels optimizer() {
    return open(optimizer);
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
