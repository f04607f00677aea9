package dev.sluice.cuda;

import dev.sluice.cuda.kernel.CudaAttention;
import dev.sluice.cuda.kernel.CudaClipping;
import dev.sluice.cuda.kernel.CudaDropout;
import dev.sluice.cuda.kernel.CudaElementwise;
import dev.sluice.cuda.kernel.CudaEmbedding;
import dev.sluice.cuda.kernel.CudaGemm;
import dev.sluice.cuda.kernel.CudaIndRnn;
import dev.sluice.cuda.kernel.CudaLoss;
import dev.sluice.cuda.kernel.CudaMemory;
import dev.sluice.cuda.kernel.CudaNormalization;
import dev.sluice.cuda.kernel.CudaOptimizer;
import dev.sluice.cuda.kernel.CudaRecurrent;
import dev.sluice.cuda.kernel.CudaReduction;
import dev.sluice.cuda.kernel.CudaSoftmax;
import dev.sluice.cuda.kernel.CudaWindow;
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

/** The backend on one GPU: its device and an object per kernel family. */
public final class CudaBackend implements Backend {
  private final Device device;
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

  CudaBackend(Device device) {
    this.device = device;
    CudaMemory cudaMemory = new CudaMemory(device);
    memory = cudaMemory;
    gemm = new CudaGemm(device);
    elementwise = new CudaElementwise(device);
    reduction = new CudaReduction(device);
    softmax = new CudaSoftmax(device);
    loss = new CudaLoss(device);
    attention = new CudaAttention(device);
    normalization = new CudaNormalization(device);
    embedding = new CudaEmbedding(device, cudaMemory);
    dropout = new CudaDropout(device);
    recurrent = new CudaRecurrent(device);
    indRnn = new CudaIndRnn(device);
    window = new CudaWindow(device);
    clipping = new CudaClipping(device);
    optimizer = new CudaOptimizer(device);
  }

  @Override
  public String id() {
    int ordinal = device.facts().ordinal();
    return ordinal == 0 ? CudaProvider.ID : CudaProvider.ID + ":" + ordinal;
  }

  @Override
  public String description() {
    return id() + ": " + device.description();
  }

  /**
   * Whether matrix products may round their factors to TF32, which is several times as fast on devices of compute
   * capability 8.0 and up and has 10 bits of fraction in place of 23. Off at first, unless {@value
   * CudaProvider#TF32_PROPERTY} is {@code true}.
   */
  public void allowTf32(boolean allowed) {
    device.enter();
    device.allowTf32(allowed);
  }

  @Override
  public Buffer allocate(ElementType type, int length) {
    if (length < 0) {
      throw new IllegalArgumentException("allocate: length is " + length + ", wanted 0 or more");
    }
    return device.allocate(type, length);
  }

  @Override
  public void write(double[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    CudaBuffer to = own(target, ElementType.REAL);
    check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    device.staging().write(source, sourceOffset, to, targetOffset, length);
  }

  @Override
  public void write(float[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    CudaBuffer to = own(target, ElementType.REAL);
    check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    device.staging().write(source, sourceOffset, to, targetOffset, length);
  }

  @Override
  public void write(int[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    CudaBuffer to = own(target, ElementType.INT32);
    check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    device.staging().write(source, sourceOffset, to, targetOffset, length);
  }

  @Override
  public void write(boolean[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    CudaBuffer to = own(target, ElementType.BOOL);
    check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    device.staging().write(source, sourceOffset, to, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, double[] target, int targetOffset, int length) {
    CudaBuffer from = own(source, ElementType.REAL);
    check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    device.staging().read(from, sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, float[] target, int targetOffset, int length) {
    CudaBuffer from = own(source, ElementType.REAL);
    check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    device.staging().read(from, sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, int[] target, int targetOffset, int length) {
    CudaBuffer from = own(source, ElementType.INT32);
    check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    device.staging().read(from, sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, boolean[] target, int targetOffset, int length) {
    CudaBuffer from = own(source, ElementType.BOOL);
    check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    device.staging().read(from, sourceOffset, target, targetOffset, length);
  }

  /** The device itself, for tests. */
  Device device() {
    return device;
  }

  private CudaBuffer own(Buffer buffer, ElementType type) {
    device.enter();
    CudaBuffer own = CudaBuffer.of(buffer, type);
    own.address(device);
    return own;
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
    device.close();
  }

  private <T> T open(T part) {
    device.requireUsable();
    return part;
  }
}
