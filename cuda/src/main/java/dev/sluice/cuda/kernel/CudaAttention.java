package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.reals;
import static dev.sluice.cuda.CudaBuffer.realsOrNull;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.KernelSpec.Pass;
import org.jspecify.annotations.Nullable;

/**
 * Attention: soft by {@link AttentionTiles} or {@link AttentionProducts}, whichever {@link AttentionPath} takes, with a
 * selection by {@link HardAttention}.
 *
 * <p>The reserve holds the maximum m and the sum {@code l = sum exp(logits - m)} of each query's row, (batch, heads,
 * queries, 2): their log-sum-exp in two parts, which loses no digits where m is large. An empty row has the sum 0. With
 * a selection, a bit for each key follows, in words of 32: (batch, heads, queries, 2 + words).
 */
public final class CudaAttention implements AttentionKernels {
  private final AttentionTiles tiles;
  private final AttentionProducts products;
  private final HardAttention hard;

  /** The kernels of a device. */
  public CudaAttention(Device device) {
    AttentionTools tools = new AttentionTools(device);
    tiles = new AttentionTiles(device);
    products = new AttentionProducts(device, tools, tiles);
    hard = new HardAttention(device, tools);
  }

  @Override
  public int attentionReserve(AttentionSpec spec) {
    int words = spec.selection().keepsAll() ? 0 : Math.ceilDiv(spec.keys(), Integer.SIZE);
    long elements = (long) spec.batch() * spec.heads() * spec.queries() * (2 + words);
    if (elements > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "attention: reserve has " + elements + " elements, wanted at most " + Integer.MAX_VALUE);
    }
    return (int) elements;
  }

  @Override
  public void attention(AttentionSpec spec, Inputs inputs, Buffer output, @Nullable Buffer weights,
      @Nullable Buffer reserve) {
    AttentionCall call = AttentionCall.of("attention", spec, inputs);
    CudaBuffer result = reals(output);
    CudaBuffer allWeights = realsOrNull(weights);
    CudaBuffer saved = realsOrNull(reserve);
    if (!spec.selection().keepsAll()) {
      hard.forward(call, result, allWeights, saved, attentionReserve(spec));
    } else if (AttentionPath.byProducts(spec, Pass.FORWARD)) {
      products.forward(call, result, allWeights, saved);
    } else {
      tiles.forward(call, null, result, allWeights, saved);
    }
  }

  @Override
  public void attentionBackward(AttentionSpec spec, Inputs inputs, Buffer output, Buffer reserve, Buffer gradOutput,
      @Nullable Buffer gradWeights, Gradients gradients) {
    AttentionCall call = AttentionCall.of("attentionBackward", spec, inputs);
    AttentionFlow flow = AttentionFlow.of(output, reserve, gradOutput, gradWeights, gradients);
    if (!spec.selection().keepsAll()) {
      hard.backward(call, flow);
    } else if (AttentionPath.byProducts(spec, Pass.BACKWARD)) {
      products.backward(call, flow);
    } else {
      tiles.backward(call, null, flow);
    }
  }
}
