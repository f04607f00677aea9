package dev.sluice.bench.peers;

import ai.djl.ndarray.NDArray;

/** libtorch with MKL and oneDNN, as PyTorch's authors build it and DJL loads it. */
public final class DjlPerformer extends EnginePerformer<NDArray> {
  /** Loads nothing yet. */
  public DjlPerformer() {
    super("djl libtorch 2.7.1", DjlEngine::new);
  }
}
