package dev.sluice.backend.vector;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.IndRnnKernels;
import dev.sluice.spi.IndRnnSpec;
import org.jspecify.annotations.Nullable;

/** The recurrent part of IndRNN. */
final class VectorIndRnn implements IndRnnKernels {
  VectorIndRnn(Workers workers) {}

  @Override
  public void indRnn(IndRnnSpec spec, Inputs inputs, Buffer output, Buffer finalHidden) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void indRnnBackward(IndRnnSpec spec, Inputs inputs, Buffer output, @Nullable Buffer gradOutput,
      @Nullable Buffer gradFinalHidden, Buffer gradProjected, Buffer gradRecurrent, @Nullable Buffer gradHidden) {
    throw new UnsupportedOperationException();
  }
}
