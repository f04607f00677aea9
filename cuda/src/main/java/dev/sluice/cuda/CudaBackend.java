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
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Kernels;
import dev.sluice.spi.Transfers;

/** The backend on one GPU: its device and an object per kernel family. */
public final class CudaBackend implements Backend {
  private final Device device;
  private final Kernels kernels;

  CudaBackend(Device device) {
    this.device = device;
    CudaMemory memory = new CudaMemory(device);
    kernels = new Kernels(
        memory,
        new CudaGemm(device),
        new CudaElementwise(device),
        new CudaReduction(device),
        new CudaSoftmax(device),
        new CudaLoss(device),
        new CudaAttention(device),
        new CudaNormalization(device),
        new CudaEmbedding(device, memory),
        new CudaDropout(device),
        new CudaRecurrent(device),
        new CudaIndRnn(device),
        new CudaWindow(device),
        new CudaClipping(device),
        new CudaOptimizer(device));
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
    Transfers.check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    device.staging().write(source, sourceOffset, to, targetOffset, length);
  }

  @Override
  public void write(float[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    CudaBuffer to = own(target, ElementType.REAL);
    Transfers.check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    device.staging().write(source, sourceOffset, to, targetOffset, length);
  }

  @Override
  public void write(int[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    CudaBuffer to = own(target, ElementType.INT32);
    Transfers.check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    device.staging().write(source, sourceOffset, to, targetOffset, length);
  }

  @Override
  public void write(boolean[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    CudaBuffer to = own(target, ElementType.BOOL);
    Transfers.check("write", source.length, sourceOffset, target.length(), targetOffset, length);
    device.staging().write(source, sourceOffset, to, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, double[] target, int targetOffset, int length) {
    CudaBuffer from = own(source, ElementType.REAL);
    Transfers.check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    device.staging().read(from, sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, float[] target, int targetOffset, int length) {
    CudaBuffer from = own(source, ElementType.REAL);
    Transfers.check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    device.staging().read(from, sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, int[] target, int targetOffset, int length) {
    CudaBuffer from = own(source, ElementType.INT32);
    Transfers.check("read", source.length(), sourceOffset, target.length, targetOffset, length);
    device.staging().read(from, sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, boolean[] target, int targetOffset, int length) {
    CudaBuffer from = own(source, ElementType.BOOL);
    Transfers.check("read", source.length(), sourceOffset, target.length, targetOffset, length);
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

  @Override
  public Kernels kernels() {
    device.requireUsable();
    return kernels;
  }

  @Override
  public void close() {
    device.close();
  }
}
