package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.BATCH;
import static dev.sluice.bench.jmh.Kernels.HIDDEN;
import static dev.sluice.bench.jmh.Kernels.STEPS;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.IndRnnKernels;
import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.IndRnnSpec.Activation;
import java.util.ArrayList;
import java.util.List;

/** Recurrences whose neurons see only themselves. */
public class IndRnnBenchmark extends KernelBenchmark {
  static List<Kernel> kernels() {
    List<Kernel> kernels = new ArrayList<>();
    for (Activation activation : Activation.values()) {
      var spec = new IndRnnSpec(activation, STEPS, BATCH, 1, HIDDEN, false, false);
      kernels.add(Kernel.of(IndRnnBenchmark.class, activation + " forward", buffers -> forward(spec, buffers)));
      kernels.add(Kernel.of(IndRnnBenchmark.class, activation + " backward", buffers -> backward(spec, buffers)));
    }
    return kernels;
  }

  private static IndRnnKernels.Inputs inputs(Buffers buffers) {
    return new IndRnnKernels.Inputs(sequence(buffers), buffers.real(HIDDEN), null, null);
  }

  private static Buffer sequence(Buffers buffers) {
    return buffers.real(STEPS * BATCH * HIDDEN);
  }

  private static Runnable forward(IndRnnSpec spec, Buffers buffers) {
    IndRnnKernels kernels = buffers.backend().indRnn();
    IndRnnKernels.Inputs inputs = inputs(buffers);
    Buffer output = sequence(buffers);
    Buffer last = buffers.real(BATCH * HIDDEN);
    return () -> kernels.indRnn(spec, inputs, output, last);
  }

  private static Runnable backward(IndRnnSpec spec, Buffers buffers) {
    IndRnnKernels kernels = buffers.backend().indRnn();
    IndRnnKernels.Inputs inputs = inputs(buffers);
    Buffer output = sequence(buffers);
    kernels.indRnn(spec, inputs, output, buffers.real(BATCH * HIDDEN));
    Buffer gradient = sequence(buffers);
    Buffer gradProjected = sequence(buffers);
    Buffer gradRecurrent = buffers.real(HIDDEN);
    return () ->
        kernels.indRnnBackward(spec, inputs, output, gradient, null, gradProjected, gradRecurrent, null);
  }
}
