package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.BATCH;
import static dev.sluice.bench.jmh.Kernels.HIDDEN;
import static dev.sluice.bench.jmh.Kernels.STEPS;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentKernels;
import dev.sluice.spi.RecurrentKernels.InputGradients;
import dev.sluice.spi.RecurrentKernels.Inputs;
import dev.sluice.spi.RecurrentKernels.Outputs;
import dev.sluice.spi.RecurrentKernels.Weights;
import dev.sluice.spi.RecurrentSpec;
import java.util.ArrayList;
import java.util.List;

/** Every cell over all time steps. */
public class RecurrentBenchmark extends KernelBenchmark {
  static List<Kernel> kernels() {
    List<Kernel> kernels = new ArrayList<>();
    for (RecurrentCell cell : RecurrentCell.values()) {
      double beta = cell == RecurrentCell.JANET ? 1 : 0;
      var spec = new RecurrentSpec(
          cell, STEPS, BATCH, HIDDEN, HIDDEN, 0, true, false, false, 1, 0, false, beta, false);
      kernels.add(Kernel.of(RecurrentBenchmark.class, cell + " forward", buffers -> forward(spec, buffers)));
      kernels.add(Kernel.of(RecurrentBenchmark.class, cell + " backward", buffers -> backward(spec, buffers)));
    }
    return kernels;
  }

  private static Buffer sequence(Buffers buffers) {
    return buffers.real(STEPS * BATCH * HIDDEN);
  }

  private static Weights weights(RecurrentSpec spec, Buffers buffers) {
    double bound = 1 / Math.sqrt(HIDDEN);
    int gates = spec.gateWidth();
    return new Weights(buffers.real(gates * HIDDEN, -bound, bound), buffers.real(gates * HIDDEN, -bound, bound),
        buffers.real(gates, -bound, bound), buffers.real(gates, -bound, bound), null);
  }

  private static Outputs outputs(RecurrentSpec spec, Buffers buffers) {
    return new Outputs(sequence(buffers), buffers.real(BATCH * HIDDEN),
        spec.cell().hasCellState() ? buffers.real(BATCH * HIDDEN) : null);
  }

  private static Runnable forward(RecurrentSpec spec, Buffers buffers) {
    RecurrentKernels kernels = buffers.backend().recurrent();
    var inputs = new Inputs(sequence(buffers), null, null, null);
    Weights weights = weights(spec, buffers);
    Outputs outputs = outputs(spec, buffers);
    return () -> kernels.recurrence(spec, inputs, weights, outputs, null);
  }

  private static Runnable backward(RecurrentSpec spec, Buffers buffers) {
    RecurrentKernels kernels = buffers.backend().recurrent();
    var inputs = new Inputs(sequence(buffers), null, null, null);
    Weights weights = weights(spec, buffers);
    Outputs outputs = outputs(spec, buffers);
    Buffer reserve = buffers.real(kernels.recurrenceReserve(spec));
    kernels.recurrence(spec, inputs, weights, outputs, reserve);
    var arriving = new Outputs(sequence(buffers), null, null);
    var gradients = new InputGradients(sequence(buffers), null, null);
    Weights weightGradients = weights(spec, buffers);
    return () ->
        kernels.recurrenceBackward(spec, inputs, weights, outputs, reserve, arriving, gradients, weightGradients);
  }
}
