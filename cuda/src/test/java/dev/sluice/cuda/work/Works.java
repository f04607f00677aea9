package dev.sluice.cuda.work;

import dev.sluice.Backends;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.Buffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * A call for every kernel there is, on a backend of their own: what is counted on the software GPU and timed on a real
 * one. The sizes are those of the table in native/README.md, or small ones.
 */
final class Works implements AutoCloseable {
  private static final List<Consumer<Shop>> FAMILIES = List.of(PointWorks::transfers, PointWorks::memory,
      PointWorks::unary, PointWorks::binary, PointWorks::dropout, FoldWorks::reductions, FoldWorks::gradients,
      RowWorks::softmax, RowWorks::selections, RowWorks::losses, RowWorks::layerNorm, RowWorks::batchNorm,
      ListWorks::optimizers, ListWorks::clipping, ListWorks::embedding, ListWorks::windows, AttentionWorks::soft,
      AttentionWorks::hard, RecurrentWorks::fused, RecurrentWorks::steps, RecurrentWorks::indRnn,
      RecurrentWorks::products);

  private final Backend backend = Backends.create("cuda", new BackendOptions(1));
  private final boolean small;
  private final Buffer last;

  Works(boolean small) {
    this.small = small;
    last = new Shop(backend, small).reals(1);
  }

  /** What computes. */
  String description() {
    return backend.description();
  }

  /** Takes one work after the other; those of a family have their buffers at a time. */
  void each(Consumer<Work> taking) {
    for (Consumer<Shop> family : FAMILIES) {
      Shop shop = new Shop(backend, small);
      family.accept(shop);
      await();
      shop.works().forEach(taking);
    }
  }

  /** Waits until all that was asked for is done. */
  void await() {
    backend.read(last, 0, new float[1], 0, 1);
  }

  @Override
  public void close() {
    backend.close();
  }
}
