package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.reals;
import static dev.sluice.cuda.CudaBuffer.realsOrNull;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.spi.AttentionKernels.Gradients;
import dev.sluice.spi.Buffer;
import org.jspecify.annotations.Nullable;

/** What the backward pass of attention reads and writes beside the inputs. */
record AttentionFlow(CudaBuffer output, CudaBuffer saved, CudaBuffer gradOutput, @Nullable CudaBuffer gradWeights,
    CudaBuffer gradQuery, CudaBuffer gradKey, CudaBuffer gradValue, @Nullable CudaBuffer gradBias) {
  static AttentionFlow of(Buffer output, Buffer reserve, Buffer gradOutput, @Nullable Buffer gradWeights,
      Gradients gradients) {
    return new AttentionFlow(reals(output), reals(reserve), reals(gradOutput), realsOrNull(gradWeights),
        reals(gradients.query()), reals(gradients.key()), reals(gradients.value()), realsOrNull(gradients.bias()));
  }

  /** The same with another reserve. */
  AttentionFlow with(CudaBuffer newSaved) {
    return new AttentionFlow(output, newSaved, gradOutput, gradWeights, gradQuery, gradKey, gradValue, gradBias);
  }
}
