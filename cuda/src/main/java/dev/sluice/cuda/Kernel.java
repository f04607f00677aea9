package dev.sluice.cuda;

import dev.sluice.cuda.driver.CudaDriver;

/** A kernel of a device's module. */
public final class Kernel {
  private final Device device;
  private final KernelSignature signature;
  private final CudaDriver.Function function;

  Kernel(Device device, KernelSignature signature, CudaDriver.Function function) {
    this.device = device;
    this.signature = signature;
    this.function = function;
  }

  /** Its name in the CUDA source. */
  public String name() {
    return signature.name();
  }

  /**
   * Enters the device and starts to lay out arguments. What is returned belongs to the calling thread, and is the same
   * for all kernels: no other kernel may be started before it has run.
   *
   * @throws IllegalStateException if the backend is closed
   * @throws dev.sluice.cuda.driver.CudaException if an earlier call failed
   */
  public Launch start() {
    return device.launch(this);
  }

  KernelSignature signature() {
    return signature;
  }

  CudaDriver.Function function() {
    return function;
  }
}
