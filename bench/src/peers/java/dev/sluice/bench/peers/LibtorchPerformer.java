package dev.sluice.bench.peers;

import org.bytedeco.pytorch.Tensor;

/** libtorch with OpenBLAS and oneDNN, as org.bytedeco:pytorch packs it. */
public final class LibtorchPerformer extends EnginePerformer<Tensor> {
  /** Loads nothing yet. */
  public LibtorchPerformer() {
    super("libtorch 2.10.0", LibtorchEngine::new);
  }
}
