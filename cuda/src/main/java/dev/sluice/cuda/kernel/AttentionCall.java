package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.flags;
import static dev.sluice.cuda.CudaBuffer.reals;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.AttentionKernels.Inputs;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Selection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The operands of a call of attention; those that its spec does not have are null. */
record AttentionCall(AttentionSpec spec, CudaBuffer query, CudaBuffer key, CudaBuffer value, @Nullable CudaBuffer mask,
    @Nullable CudaBuffer bias, @Nullable CudaBuffer lengths, @Nullable CudaBuffer predicate) {
  /** Rows of the tile that a block makes. */
  static final int TILE_ROWS = 64;
  /** Columns of results that a block makes. */
  static final int SLICE = 64;
  private static final int TILE_THREADS = 128;
  private static final Layout NONE = new Layout(0, 0, 0);

  /** @throws IllegalArgumentException if a length is out of range */
  static AttentionCall of(String operation, AttentionSpec spec, Inputs inputs) {
    AttentionCall call = new AttentionCall(spec, reals(inputs.query()), reals(inputs.key()), reals(inputs.value()),
        spec.mask() == null ? null : flags(given(inputs.mask())),
        spec.bias() == null ? null : reals(given(inputs.bias())),
        spec.lengths() ? CudaBuffer.readInts(given(inputs.lengths())) : null,
        spec.selection() instanceof Selection.Predicate ? flags(given(inputs.predicate())) : null);
    if (call.lengths != null) {
      Lengths.check(operation, call.lengths, spec.batch(), spec.keys());
    }
    return call;
  }

  private static Buffer given(@Nullable Buffer buffer) {
    return Objects.requireNonNull(buffer);
  }

  /** Starts a kernel whose first parameter is the struct Attention of {@code attention.cuh}. */
  Launch start(Kernel kernel) {
    Layout masks = spec.mask() == null ? NONE : spec.mask();
    Layout biases = spec.bias() == null ? NONE : spec.bias();
    int shift = spec.causal() == Causal.BOTTOM_RIGHT ? spec.keys() - spec.queries() : 0;
    long seed = spec.dropout().seed();
    long offset = spec.dropout().offset();
    long threshold = spec.dropout().threshold();
    return kernel.start().integers(spec.batch(), spec.heads(), spec.keyHeads(), spec.heads() / spec.keyHeads(),
        spec.queries(), spec.keys(), spec.width(), spec.valueWidth(), spec.causal() == Causal.NONE ? 0 : 1, shift,
        spec.query().batch(), spec.query().head(), spec.query().row(), spec.key().batch(), spec.key().head(),
        spec.key().row(), spec.value().batch(), spec.value().head(), spec.value().row(), spec.output().batch(),
        spec.output().head(), spec.output().row(), masks.batch(), masks.head(), masks.row(), biases.batch(),
        biases.head(), biases.row(), Float.floatToRawIntBits((float) spec.scale()),
        Float.floatToRawIntBits((float) spec.dropout().scale()), (int) seed, (int) (seed >>> 32), (int) offset,
        (int) (offset >>> 32), (int) threshold, (int) (threshold >>> 32));
  }

  /** Lays a layout out as the struct of that name. */
  static Launch layout(Launch launch, Layout layout) {
    return launch.integers(layout.batch(), layout.head(), layout.row());
  }

  /** Queues a kernel of tiles. */
  static void runTiles(Launch launch, int blocks) {
    launch.run(blocks, TILE_THREADS);
  }

  /** Rows of weights: (batch, heads, queries). */
  int rows() {
    return Math.multiplyExact(Math.multiplyExact(spec.batch(), spec.heads()), spec.queries());
  }

  /** Tiles of queries, over all heads. */
  int queryTiles() {
    return Math.multiplyExact(spec.batch() * spec.heads(), Math.ceilDiv(spec.queries(), TILE_ROWS));
  }

  /** Tiles of keys, over all key heads. */
  int keyTiles() {
    return Math.multiplyExact(spec.batch() * spec.keyHeads(), Math.ceilDiv(spec.keys(), TILE_ROWS));
  }

  /** Slices of a width; an empty one has one. */
  static int slices(int width) {
    return Math.max(1, Math.ceilDiv(width, SLICE));
  }
}
