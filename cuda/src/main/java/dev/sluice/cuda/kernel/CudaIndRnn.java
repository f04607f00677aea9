package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.reals;
import static dev.sluice.cuda.CudaBuffer.realsOrNull;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.IndRnnKernels;
import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.IndRnnSpec.Activation;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** IndRNN: a thread for a neuron of a row runs all its steps; the recurrent gradient is then summed over the rows. */
public final class CudaIndRnn implements IndRnnKernels {
  private static final int THREADS = 64;

  private final Device device;
  private final ColumnSums sums;
  private final Kernel relu;
  private final Kernel tanh;
  private final Kernel reluBackward;
  private final Kernel tanhBackward;

  /** The recurrence on a device. */
  public CudaIndRnn(Device device) {
    this.device = device;
    sums = new ColumnSums(device);
    relu = device.kernel("indrnn_relu");
    tanh = device.kernel("indrnn_tanh");
    reluBackward = device.kernel("indrnn_relu_backward");
    tanhBackward = device.kernel("indrnn_tanh_backward");
  }

  @Override
  public void indRnn(IndRnnSpec spec, Inputs inputs, Buffer output, Buffer finalHidden) {
    CudaBuffer projected = reals(inputs.projected());
    CudaBuffer recurrent = reals(inputs.recurrent());
    CudaBuffer initial = realsOrNull(inputs.hidden());
    CudaBuffer result = reals(output);
    CudaBuffer last = reals(finalHidden);
    CudaBuffer lengths = lengths(spec, inputs);
    run(spec, start(spec, relu, tanh).buffer(lengths).buffer(projected).buffer(recurrent).buffer(initial)
        .buffer(result).buffer(last));
  }

  @Override
  public void indRnnBackward(IndRnnSpec spec, Inputs inputs, Buffer output, @Nullable Buffer gradOutput,
      @Nullable Buffer gradFinalHidden, Buffer gradProjected, Buffer gradRecurrent, @Nullable Buffer gradHidden) {
    reals(inputs.projected());
    CudaBuffer recurrent = reals(inputs.recurrent());
    CudaBuffer initial = realsOrNull(inputs.hidden());
    CudaBuffer result = reals(output);
    CudaBuffer arriving = realsOrNull(gradOutput);
    CudaBuffer arrivingLast = realsOrNull(gradFinalHidden);
    CudaBuffer gradIn = reals(gradProjected);
    CudaBuffer gradWeights = reals(gradRecurrent);
    CudaBuffer gradInitial = realsOrNull(gradHidden);
    CudaBuffer lengths = lengths(spec, inputs);
    int rows = spec.batch();
    int columns = spec.directions() * spec.width();
    try (CudaBuffer rowGradients = device.scratch(ElementType.REAL, rows * columns);
        CudaBuffer partials = sums.workspace(rows, columns)) {
      run(spec, start(spec, reluBackward, tanhBackward).buffer(lengths).buffer(recurrent).buffer(initial)
          .buffer(result).buffer(arriving).buffer(arrivingLast).buffer(gradIn).buffer(rowGradients)
          .buffer(gradInitial));
      sums.partials(rowGradients, rows, columns, partials);
      sums.totals(partials, ColumnSums.chunks(rows), columns, 0, columns, gradWeights, 0);
    }
  }

  private static Launch start(IndRnnSpec spec, Kernel ofRelu, Kernel ofTanh) {
    Kernel kernel = spec.activation() == Activation.RELU ? ofRelu : ofTanh;
    return kernel.start().integers(spec.steps(), spec.batch(), spec.directions(), spec.width(),
        spec.batchFirst() ? 1 : 0);
  }

  private void run(IndRnnSpec spec, Launch launch) {
    launch.run(device.blocks((long) spec.directions() * spec.batch() * spec.width(), THREADS), THREADS);
  }

  private static @Nullable CudaBuffer lengths(IndRnnSpec spec, Inputs inputs) {
    if (!spec.lengths()) {
      return null;
    }
    CudaBuffer lengths = CudaBuffer.readInts(Objects.requireNonNull(inputs.lengths()));
    Lengths.check("indRnn", lengths, spec.batch(), spec.steps());
    return lengths;
  }
}
