package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceArguments.require;

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
 * The backend that computes in double, by plain loops, in the calling thread. It has no state but whether it is closed.
 */
public final class ReferenceBackend implements Backend {
  /** The name by which the backend is chosen. */
  public static final String ID = "reference";

  private final MemoryKernels memory = new ReferenceMemory();
  private final GemmKernels gemm = new ReferenceGemm();
  private final ElementwiseKernels elementwise = new ReferenceElementwise();
  private final ReductionKernels reduction = new ReferenceReduction();
  private final SoftmaxKernels softmax = new ReferenceSoftmax();
  private final LossKernels loss = new ReferenceLoss();
  private final AttentionKernels attention = new ReferenceAttention();
  private final NormalizationKernels normalization = new ReferenceNormalization();
  private final EmbeddingKernels embedding = new ReferenceEmbedding();
  private final DropoutKernels dropout = new ReferenceDropout();
  private final RecurrentKernels recurrent = new ReferenceRecurrent();
  private final IndRnnKernels indRnn = new ReferenceIndRnn();
  private final WindowKernels window = new ReferenceWindow();
  private final ClippingKernels clipping = new ReferenceClipping();
  private final OptimizerKernels optimizer = new ReferenceOptimizer();
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
    checkRange("write", "source", sourceOffset, length, size);
    checkRange("write", "target", targetOffset, length, target.length());
  }

  private void checkRead(ElementType type, Buffer source, int sourceOffset, int size, int targetOffset, int length) {
    open(source);
    ReferenceArguments.checkBuffer("read", "source", type, 0, source);
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
      throw new IllegalStateException("reference backend is closed");
    }
    return part;
  }
}
