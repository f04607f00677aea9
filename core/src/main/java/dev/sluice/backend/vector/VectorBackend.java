package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorBuffer.flags;
import static dev.sluice.backend.vector.VectorBuffer.ints;
import static dev.sluice.backend.vector.VectorBuffer.reals;

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
import dev.sluice.spi.IndRnnKernels;
import dev.sluice.spi.LossKernels;
import dev.sluice.spi.MemoryKernels;
import dev.sluice.spi.NormalizationKernels;
import dev.sluice.spi.OptimizerKernels;
import dev.sluice.spi.RecurrentKernels;
import dev.sluice.spi.ReductionKernels;
import dev.sluice.spi.SoftmaxKernels;
import dev.sluice.spi.WindowKernels;

/** The backend on {@code jdk.incubator.vector}: one worker pool, one pool of buffers, one object per kernel family. */
final class VectorBackend implements Backend {
  private final Workers workers;
  private final Scratch scratch = new Scratch();
  private final VectorBuffer.Pool buffers = new VectorBuffer.Pool();
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
  private final IndRnnKernels indRnn;
  private final WindowKernels window;
  private final ClippingKernels clipping;
  private final OptimizerKernels optimizer;
  private volatile boolean closed;

  VectorBackend(BackendOptions options) {
    Warmup.start();
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
    indRnn = new VectorIndRnn(workers, scratch);
    window = new VectorWindow(workers, scratch);
    clipping = new VectorClipping(workers, scratch);
    optimizer = new VectorOptimizer(workers, scratch);
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
    check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    for (int i = 0; i < length; i++) {
      elements[targetOffset + i] = (float) source[sourceOffset + i];
    }
  }

  @Override
  public void write(float[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    float[] elements = reals(open(target));
    check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    System.arraycopy(source, sourceOffset, elements, targetOffset, length);
  }

  @Override
  public void write(int[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    int[] elements = ints(open(target));
    check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    System.arraycopy(source, sourceOffset, elements, targetOffset, length);
  }

  @Override
  public void write(boolean[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    boolean[] elements = flags(open(target));
    check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    System.arraycopy(source, sourceOffset, elements, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, double[] target, int targetOffset, int length) {
    float[] elements = reals(open(source));
    check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    for (int i = 0; i < length; i++) {
      target[targetOffset + i] = elements[sourceOffset + i];
    }
  }

  @Override
  public void read(Buffer source, int sourceOffset, float[] target, int targetOffset, int length) {
    float[] elements = reals(open(source));
    check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    System.arraycopy(elements, sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, int[] target, int targetOffset, int length) {
    int[] elements = ints(open(source));
    check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    System.arraycopy(elements, sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, boolean[] target, int targetOffset, int length) {
    boolean[] elements = flags(open(source));
    check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    System.arraycopy(elements, sourceOffset, target, targetOffset, length);
  }

  private static void check(String operation, int sourceLength, int sourceOffset, int targetLength, int targetOffset,
      int length) {
    check(operation, "source", sourceLength, sourceOffset, length);
    check(operation, "target", targetLength, targetOffset, length);
  }

  private static void check(String operation, String argument, int size, int offset, int length) {
    if (offset < 0 || length < 0 || offset > size - length) {
      throw new IllegalArgumentException(operation + ": " + length + " elements of the " + argument + " from " + offset
          + " on, wanted a part of its " + size);
    }
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
