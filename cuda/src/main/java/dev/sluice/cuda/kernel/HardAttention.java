package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.kernel.AttentionCall.layout;
import static dev.sluice.cuda.kernel.AttentionCall.runTiles;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Selection;
import org.jspecify.annotations.Nullable;

/**
 * Attention with a selection, some tiles of queries at a time: their scores, then the selection of each row, then what
 * the kept weights do. Backward reads what was selected from the reserve.
 */
final class HardAttention {
  /** Scores of a chunk, if a tile has no more: they stay in a large device's second-level cache. */
  private static final int ROOM = 1 << 22;
  private static final int COLUMNS_OF_TILE = 32;
  private static final int COLUMNS_OF_GATHER = 128;
  private static final int COLUMNS_OF_SCATTER = 32;
  private static final int SCATTER_WARPS = 4;
  private static final Layout NONE = new Layout(0, 0, 0);

  private final Device device;
  private final AttentionTools tools;
  private final Kernel scores;
  private final Kernel select;
  private final Kernel gather;
  private final Kernel scatter;
  private final Kernel rowsBackward;
  private final Kernel denseQuery;
  private final Kernel denseKey;

  HardAttention(Device device, AttentionTools tools) {
    this.device = device;
    this.tools = tools;
    scores = device.kernel("hard_scores");
    select = device.kernel("hard_select");
    gather = device.kernel("hard_gather");
    scatter = device.kernel("hard_scatter");
    rowsBackward = device.kernel("hard_rows_backward");
    denseQuery = device.kernel("hard_dense_query");
    denseKey = device.kernel("hard_dense_key");
  }

  /** @param saves elements of a reserve */
  void forward(AttentionCall call, CudaBuffer output, @Nullable CudaBuffer weights, @Nullable CudaBuffer reserve,
      int saves) {
    AttentionSpec spec = call.spec();
    Layout predicate = spec.selection() instanceof Selection.Predicate given ? given.layout() : NONE;
    int chunk = chunk(call);
    try (CudaBuffer own = reserve == null ? device.scratch(ElementType.REAL, saves) : null;
        CudaBuffer kept = scratch(spec, chunk)) {
      CudaBuffer saved = reserve != null ? reserve : own;
      for (int first = 0; first < call.queryTiles(); first += chunk) {
        int tiles = Math.min(chunk, call.queryTiles() - first);
        int rows = tiles * AttentionCall.TILE_ROWS;
        score(call, first, tiles, spec.query(), spec.key(), spec.width(), call.query(), call.key(), kept);
        RowTeams teams = RowTeams.of(device, rows, spec.keys());
        teams.run(layout(call.start(select).integers(Choice.of(spec.selection())), predicate).flag(teams.byBlock())
            .integer(first).integer(rows).buffer(kept).buffer(call.mask()).buffer(call.bias()).buffer(call.lengths())
            .buffer(call.predicate()).buffer(saved).buffer(weights));
        gather(call, first, tiles, spec.value(), spec.output(), spec.valueWidth(), 1, kept, saved, call.value(),
            output);
      }
    }
  }

  void backward(AttentionCall call, AttentionFlow flow) {
    AttentionSpec spec = call.spec();
    Selection selection = spec.selection();
    tools.clear(spec.batch(), spec.keyHeads(), spec.keys(), spec.width(), spec.key(), flow.gradKey());
    tools.clear(spec.batch(), spec.keyHeads(), spec.keys(), spec.valueWidth(), spec.value(), flow.gradValue());
    int chunk = chunk(call);
    try (CudaBuffer grads = scratch(spec, chunk); CudaBuffer kept = scratch(spec, chunk)) {
      for (int first = 0; first < call.queryTiles(); first += chunk) {
        int tiles = Math.min(chunk, call.queryTiles() - first);
        int rows = tiles * AttentionCall.TILE_ROWS;
        score(call, first, tiles, spec.query(), spec.key(), spec.width(), call.query(), call.key(), grads);
        if (selection.picksOne()) {
          score(call, first, tiles, spec.output(), spec.value(), spec.valueWidth(), flow.gradOutput(), call.value(),
              kept);
        }
        RowTeams teams = RowTeams.of(device, rows, spec.keys());
        teams.run(call.start(rowsBackward).flag(selection.picksOne()).flag(selection.renormalises())
            .flag(teams.byBlock()).integer(first).integer(rows).buffer(grads).buffer(kept).buffer(call.value())
            .buffer(call.mask()).buffer(call.bias()).buffer(call.lengths()).buffer(flow.saved())
            .buffer(flow.gradOutput()).buffer(flow.gradWeights()).buffer(flow.gradBias()));
        scatter(call, first, tiles, spec.output(), spec.value(), spec.valueWidth(), 1, kept, flow.saved(),
            flow.gradOutput(), flow.gradValue());
        if (selection.renormalises()) {
          gather(call, first, tiles, spec.key(), spec.query(), spec.width(), spec.scale(), grads, flow.saved(),
              call.key(), flow.gradQuery());
          scatter(call, first, tiles, spec.query(), spec.key(), spec.width(), spec.scale(), grads, flow.saved(),
              call.query(), flow.gradKey());
        } else {
          int slices = AttentionCall.slices(spec.width());
          runTiles(call.start(denseQuery).integer(first).buffer(grads).buffer(call.key()).buffer(call.lengths())
              .buffer(flow.gradQuery()), Math.multiplyExact(tiles, slices));
          runTiles(call.start(denseKey).integer(first).integer(tiles).buffer(grads).buffer(call.query())
              .buffer(flow.gradKey()), Math.multiplyExact(call.keyTiles(), slices));
        }
      }
    }
  }

  /** The dot products of rows that lie as queries do and of rows that lie as keys do. */
  private void score(AttentionCall call, int first, int tiles, Layout xLayout, Layout yLayout, int width, CudaBuffer x,
      CudaBuffer y, CudaBuffer result) {
    runTiles(layout(layout(call.start(scores).integer(first), xLayout), yLayout).integer(width).buffer(x).buffer(y)
        .buffer(call.lengths()).buffer(result),
        Math.multiplyExact(tiles, Math.ceilDiv(call.spec().keys(), COLUMNS_OF_TILE)));
  }

  /** Rows of queries from those of the keys that they keep. */
  private void gather(AttentionCall call, int first, int tiles, Layout xLayout, Layout yLayout, int width,
      double factor, CudaBuffer weights, CudaBuffer saved, CudaBuffer x, CudaBuffer y) {
    int rows = tiles * AttentionCall.TILE_ROWS;
    RowTeams.warps(device, (long) rows * Math.ceilDiv(width, COLUMNS_OF_GATHER))
        .run(layout(layout(call.start(gather).integer(first).integer(rows), xLayout), yLayout).integer(width)
            .real(factor).buffer(weights).buffer(saved).buffer(x).buffer(y));
  }

  /** Adds to rows of keys those of the queries that keep them. */
  private void scatter(AttentionCall call, int first, int tiles, Layout xLayout, Layout yLayout, int width,
      double factor, CudaBuffer weights, CudaBuffer saved, CudaBuffer x, CudaBuffer y) {
    AttentionSpec spec = call.spec();
    long warps = (long) spec.batch() * spec.keyHeads() * Math.ceilDiv(spec.keys(), Integer.SIZE)
        * Math.ceilDiv(width, COLUMNS_OF_SCATTER);
    layout(layout(call.start(scatter).integer(first).integer(tiles), xLayout), yLayout).integer(width).real(factor)
        .buffer(weights).buffer(saved).buffer(x).buffer(y)
        .run(device.blocks(warps, SCATTER_WARPS), SCATTER_WARPS * Integer.SIZE);
  }

  /** Tiles that are done at a time. */
  private static int chunk(AttentionCall call) {
    long scoresOfTile = (long) AttentionCall.TILE_ROWS * Math.max(1, call.spec().keys());
    return (int) Math.clamp(ROOM / scoresOfTile, 1, Math.max(1, call.queryTiles()));
  }

  private CudaBuffer scratch(AttentionSpec spec, int tiles) {
    return device.scratch(ElementType.REAL,
        Math.multiplyExact(Math.multiplyExact(tiles, AttentionCall.TILE_ROWS), spec.keys()));
  }
}
