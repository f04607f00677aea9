/** SIMD kernels for attention and gated recurrences, with autograd, layers, optimizers and gradient clipping on top. */
module dev.sluice {
  requires static jdk.incubator.vector;
  requires static jdk.management;
  requires static transitive org.jspecify;

  exports dev.sluice;
  exports dev.sluice.autograd;
  exports dev.sluice.data;
  exports dev.sluice.io;
  exports dev.sluice.nn;
  exports dev.sluice.nn.attention;
  exports dev.sluice.nn.recurrent;
  exports dev.sluice.nn.sequence;
  exports dev.sluice.nn.transformer;
  exports dev.sluice.optim;
  exports dev.sluice.spi;

  uses dev.sluice.spi.BackendProvider;

  provides dev.sluice.spi.BackendProvider with
      dev.sluice.backend.reference.ReferenceProvider,
      dev.sluice.backend.vector.VectorProvider;
}
