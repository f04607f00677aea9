/** The backend of Sluice on CUDA: found by {@code dev.sluice}, chosen by the name {@code cuda}. */
module dev.sluice.cuda {
  requires transitive dev.sluice;
  requires jcublas;
  requires jcuda;
  requires static transitive org.jspecify;

  exports dev.sluice.cuda;
  exports dev.sluice.cuda.driver;

  provides dev.sluice.spi.BackendProvider with dev.sluice.cuda.CudaProvider;
}
