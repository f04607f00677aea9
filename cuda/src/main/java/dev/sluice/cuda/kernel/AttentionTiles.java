package dev.sluice.cuda.kernel;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.ElementType;
import org.jspecify.annotations.Nullable;

/** Soft attention by tiles that stay in shared memory: what is saved is linear in the lengths. */
final class AttentionTiles {
  private final Device device;
  private final Kernel forward;
  private final Kernel weigh;
  private final Kernel deltas;
  private final Kernel backwardQuery;
  private final Kernel backwardKey;

  AttentionTiles(Device device) {
    this.device = device;
    forward = device.kernel("attention_forward");
    weigh = device.kernel("attention_weights");
    deltas = device.kernel("attention_deltas");
    backwardQuery = device.kernel("attention_backward_query");
    backwardKey = device.kernel("attention_backward_key");
  }

  /** @param redo where it is 0 on the device, nothing is done; null to do it in any case */
  void forward(AttentionCall call, @Nullable CudaBuffer redo, CudaBuffer output, @Nullable CudaBuffer weights,
      @Nullable CudaBuffer reserve) {
    try (CudaBuffer own = weights == null || reserve != null ? null
        : device.scratch(ElementType.REAL, Math.multiplyExact(2, call.rows()))) {
      CudaBuffer saved = reserve != null ? reserve : own;
      int slices = AttentionCall.slices(call.spec().valueWidth());
      AttentionCall.runTiles(call.start(forward).buffer(redo).buffer(call.query()).buffer(call.key())
          .buffer(call.value()).buffer(call.mask()).buffer(call.bias()).buffer(call.lengths()).buffer(output)
          .buffer(saved), Math.multiplyExact(call.queryTiles(), slices));
      if (weights != null) {
        AttentionCall.runTiles(call.start(weigh).buffer(redo).buffer(call.query()).buffer(call.key())
            .buffer(call.mask()).buffer(call.bias()).buffer(call.lengths()).buffer(saved).buffer(weights),
            call.queryTiles());
      }
    }
  }

  /** @param redo as of {@link #forward} */
  void backward(AttentionCall call, @Nullable CudaBuffer redo, AttentionFlow flow) {
    AttentionSpec spec = call.spec();
    int slices = AttentionCall.slices(spec.width());
    int slicesOfKeys = Math.max(slices, AttentionCall.slices(spec.valueWidth()));
    try (CudaBuffer sums = device.scratch(ElementType.REAL, call.rows())) {
      AttentionCall.runTiles(start(deltas, call, redo, flow).buffer(sums), call.queryTiles());
      AttentionCall.runTiles(start(backwardQuery, call, redo, flow).buffer(sums).buffer(flow.gradQuery())
          .buffer(flow.gradBias()), Math.multiplyExact(call.queryTiles(), slices));
      AttentionCall.runTiles(start(backwardKey, call, redo, flow).buffer(sums).buffer(flow.gradKey())
          .buffer(flow.gradValue()), Math.multiplyExact(call.keyTiles(), slicesOfKeys));
    }
  }

  /** Starts a kernel of the backward pass with what all of them read. */
  private static Launch start(Kernel kernel, AttentionCall call, @Nullable CudaBuffer redo, AttentionFlow flow) {
    return call.start(kernel).buffer(redo).buffer(call.query()).buffer(call.key()).buffer(call.value())
        .buffer(call.mask()).buffer(call.bias()).buffer(call.lengths()).buffer(flow.saved()).buffer(flow.gradOutput())
        .buffer(flow.gradWeights());
  }
}
