package dev.sluice.backend.vector;

import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClippingKernels;
import dev.sluice.spi.DropoutKernels;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.ElementwiseKernels;
import dev.sluice.spi.EmbeddingKernels;
import dev.sluice.spi.GemmKernels;
import dev.sluice.spi.LossKernels;
import dev.sluice.spi.MemoryKernels;
import dev.sluice.spi.NormalizationKernels;
import dev.sluice.spi.OptimizerKernels;
import dev.sluice.spi.RecurrentKernels;
import dev.sluice.spi.ReductionKernels;
import dev.sluice.spi.SoftmaxKernels;

/**
 * The backend that computes in float on jdk.incubator.vector: one kernel class per family, one pool of worker threads,
 * one pool of buffers. The same call gives the same bits for every number of threads.
 */
final class VectorBackend implements Backend {
  private final VectorBuffer.Pool buffers = new VectorBuffer.Pool();
  private final Scratch scratch = new Scratch();
  private final Workers workers;
  private final MemoryKernels memory;
  private final GemmKernels gemm;
  private final ElementwiseKernels elementwise;
  private final ReductionKernels reduction;
  private final SoftmaxKernels softmax;
  private final LossKernels loss;
  private final AttentionKernels attention;
  private final NormalizationKernels normalization;
  private final EmbeddingKernels embedding;
  private final DropoutKernels dropout;
  private final RecurrentKernels recurrent;
  private final ClippingKernels clipping;
  private final OptimizerKernels optimizer;
  private volatile boolean closed;

  VectorBackend(BackendOptions options) {
    workers = new Workers(options.threads());
    memory = new VectorMemory(workers, scratch);
    gemm = new VectorGemm(workers, scratch);
    elementwise = new VectorElementwise(workers, scratch);
    reduction = new VectorReduction(workers, scratch);
    softmax = new VectorSoftmax(workers, scratch);
    loss = new VectorLoss(workers, scratch);
    attention = new VectorAttention(workers, scratch);
    normalization = new VectorNormalization(workers, scratch);
    embedding = new VectorEmbedding(workers, scratch);
    dropout = new VectorDropout(workers, scratch);
    recurrent = new VectorRecurrent(workers, scratch);
    clipping = new VectorClipping(workers, scratch);
    optimizer = new VectorOptimizer(workers, scratch);
  }

  @Override
  public String id() {
    return VectorProvider.ID;
  }

  @Override
  public String description() {
    return VectorProvider.ID + ": " + VectorWidth.bits() + "-bit (" + VectorWidth.lanes() + " floats), FMA, "
        + workers.threads() + (workers.threads() == 1 ? " thread" : " threads");
  }

  @Override
  public Buffer allocate(ElementType type, int length) {
    return open(buffers).allocate(type, length);
  }

  @Override
  public void write(double[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    checkTransfer("write", "source", source.length, sourceOffset, "target", target, targetOffset, length);
    float[] reals = VectorBuffer.reals(target);
    for (int i = 0; i < length; i++) {
      reals[targetOffset + i] = (float) source[sourceOffset + i];
    }
  }

  @Override
  public void write(float[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    checkTransfer("write", "source", source.length, sourceOffset, "target", target, targetOffset, length);
    System.arraycopy(source, sourceOffset, VectorBuffer.reals(target), targetOffset, length);
  }

  @Override
  public void write(int[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    checkTransfer("write", "source", source.length, sourceOffset, "target", target, targetOffset, length);
    System.arraycopy(source, sourceOffset, VectorBuffer.ints(target), targetOffset, length);
  }

  @Override
  public void write(boolean[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    checkTransfer("write", "source", source.length, sourceOffset, "target", target, targetOffset, length);
    System.arraycopy(source, sourceOffset, VectorBuffer.flags(target), targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, double[] target, int targetOffset, int length) {
    checkTransfer("read", "target", target.length, targetOffset, "source", source, sourceOffset, length);
    float[] reals = VectorBuffer.reals(source);
    for (int i = 0; i < length; i++) {
      target[targetOffset + i] = reals[sourceOffset + i];
    }
  }

  @Override
  public void read(Buffer source, int sourceOffset, float[] target, int targetOffset, int length) {
    checkTransfer("read", "target", target.length, targetOffset, "source", source, sourceOffset, length);
    System.arraycopy(VectorBuffer.reals(source), sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, int[] target, int targetOffset, int length) {
    checkTransfer("read", "target", target.length, targetOffset, "source", source, sourceOffset, length);
    System.arraycopy(VectorBuffer.ints(source), sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, boolean[] target, int targetOffset, int length) {
    checkTransfer("read", "target", target.length, targetOffset, "source", source, sourceOffset, length);
    System.arraycopy(VectorBuffer.flags(source), sourceOffset, target, targetOffset, length);
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
  public ClippingKernels clipping() {
    return open(clipping);
  }

  @Override
  public OptimizerKernels optimizer() {
    return open(optimizer);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      workers.close();
      buffers.close();
      scratch.clear();
    }
  }

  private void checkTransfer(String operation, String arrayName, int arrayLength, int arrayOffset, String bufferName,
      Buffer buffer, int bufferOffset, int length) {
    open(buffer);
    checkRange(operation, arrayName, arrayOffset, length, arrayLength);
    checkRange(operation, bufferName, bufferOffset, length, buffer.length());
  }

  private static void checkRange(String operation, String argument, int offset, int length, int size) {
    if (offset < 0 || length < 0 || offset > size - length) {
      throw new IllegalArgumentException(operation + ": " + argument + " is walked from " + offset + " for " + length
          + " elements, wanted a part of its " + size);
    }
  }

  private <T> T open(T part) {
    if (closed) {
      throw new IllegalStateException(VectorProvider.ID + " backend is closed");
    }
    return part;
  }
}
