package dev.sluice.cuda;

import dev.sluice.cuda.driver.CudaProbe;
import dev.sluice.cuda.driver.Drivers;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.BackendProvider;
import dev.sluice.spi.Probe;

/** Offers the backend on CUDA where there is a driver, a device and cuBLAS. */
public final class CudaProvider implements BackendProvider {
  /** The name by which the backend is chosen; {@code cuda:1} is the second device. */
  public static final String ID = "cuda";

  /** The property that, if {@code true}, lets matrix products round their factors to TF32. */
  public static final String TF32_PROPERTY = "sluice.cuda.tf32";

  /** For {@link java.util.ServiceLoader}. */
  public CudaProvider() {}

  @Override
  public String id() {
    return ID;
  }

  @Override
  public int priority() {
    return 200;
  }

  @Override
  public Probe probe() {
    return probe(0);
  }

  @Override
  public Probe probe(int device) {
    return CudaProbe.of(device);
  }

  @Override
  public Backend create(BackendOptions options) {
    Probe probe = probe(options.device());
    if (!probe.usable()) {
      throw new IllegalStateException("cuda backend: " + probe.reason() + "; " + probe.remedy());
    }
    Device device = new Device(Drivers.load(), options.device(), Boolean.getBoolean(TF32_PROPERTY));
    try {
      return new CudaBackend(device);
    } catch (RuntimeException | Error e) {
      device.close();
      throw e;
    }
  }
}
