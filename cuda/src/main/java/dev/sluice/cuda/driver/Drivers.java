package dev.sluice.cuda.driver;

/** Makes the driver's calls usable, after {@link CudaProbe} has found everything. */
public final class Drivers {
  private Drivers() {}

  /** The driver's calls by JCuda, whose native libraries are loaded by the first call. */
  public static CudaDriver load() {
    Libraries.driver();
    JCudaNatives.loadDriver();
    return new JCudaCalls();
  }
}
