package dev.sluice.cuda.driver;

/** Makes the driver's calls usable. */
public final class Drivers {
  private Drivers() {}

  /** The driver's calls by JCuda, whose native libraries are loaded by the first call. */
  public static CudaDriver load() {
    return new JCudaCalls();
  }
}
