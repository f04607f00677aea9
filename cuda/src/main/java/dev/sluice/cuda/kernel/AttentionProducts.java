package dev.sluice.cuda.kernel;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Gemm;
import dev.sluice.cuda.Kernel;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * Soft attention by products of the library and a kernel for the rows between them. Some batch rows are done at a time,
 * so that their logits take a bounded room.
 *
 * <p>In a product, a weight of 0 does not hide a NaN or an infinity. Where an operand has one, which the device alone
 * knows, {@link AttentionTiles} do the call over.
 */
final class AttentionProducts {
  /** Logits that are in memory at a time, if a batch row has no more: 128 MB. */
  private static final int ROOM = 1 << 25;

  /** An operand of products: a buffer that begins with batch row `from`, and whether its heads are those of queries. */
  private record Side(CudaBuffer buffer, Layout layout, int from, boolean ofQueries) {
    int offset(int batch, int member) {
      return (batch - from) * layout.batch() + (ofQueries ? member * layout.head() : 0);
    }

    int step(int group) {
      return ofQueries ? group * layout.head() : layout.head();
    }

    boolean isDense(int heads) {
      return layout.batch() == heads * layout.head();
    }
  }

  private final Device device;
  private final AttentionTools tools;
  private final AttentionTiles tiles;
  private final Kernel rowsForward;
  private final Kernel rowsBackward;

  AttentionProducts(Device device, AttentionTools tools, AttentionTiles tiles) {
    this.device = device;
    this.tools = tools;
    this.tiles = tiles;
    rowsForward = device.kernel("attention_rows_forward");
    rowsBackward = device.kernel("attention_rows_backward");
  }

  void forward(AttentionCall call, CudaBuffer output, @Nullable CudaBuffer weights, @Nullable CudaBuffer reserve) {
    AttentionSpec spec = call.spec();
    int chunk = chunk(spec);
    try (CudaBuffer found = device.scratch(ElementType.INT32, 1);
        CudaBuffer own = weights == null ? device.scratch(ElementType.REAL, chunk * logits(spec)) : null) {
      for (int first = 0; first < spec.batch(); first += chunk) {
        int count = Math.min(chunk, spec.batch() - first);
        Side scores = weights == null ? scores(spec, own, first) : scores(spec, weights, 0);
        multiply(spec, first, count, false, true, spec.queries(), spec.keys(), spec.width(), 1,
            new Side(call.query(), spec.query(), 0, true), new Side(call.key(), spec.key(), 0, false), scores);
        int rowsOfBatch = spec.heads() * spec.queries();
        RowTeams teams = RowTeams.of(device, (long) count * rowsOfBatch, spec.keys());
        teams.run(call.start(rowsForward).flag(teams.byBlock()).integer(first * rowsOfBatch)
            .integer(count * rowsOfBatch).buffer(scores.buffer, scores.offset(first, 0)).buffer(call.mask())
            .buffer(call.bias()).buffer(call.lengths()).buffer(reserve));
        multiply(spec, first, count, false, false, spec.queries(), spec.valueWidth(), spec.keys(), 1, scores,
            new Side(call.value(), spec.value(), 0, false), new Side(output, spec.output(), 0, true));
      }
      tools.begin(found);
      tools.look(spec.batch(), spec.keyHeads(), spec.keys(), spec.valueWidth(), spec.value(), call.value(), found);
      tiles.forward(call, found, output, weights, reserve);
    }
  }

  void backward(AttentionCall call, AttentionFlow flow) {
    AttentionSpec spec = call.spec();
    int chunk = chunk(spec);
    Side query = new Side(call.query(), spec.query(), 0, true);
    Side key = new Side(call.key(), spec.key(), 0, false);
    Side value = new Side(call.value(), spec.value(), 0, false);
    Side gradOutput = new Side(flow.gradOutput(), spec.output(), 0, true);
    try (CudaBuffer found = device.scratch(ElementType.INT32, 1);
        CudaBuffer weights = device.scratch(ElementType.REAL, chunk * logits(spec));
        CudaBuffer grads = device.scratch(ElementType.REAL, chunk * logits(spec))) {
      for (int first = 0; first < spec.batch(); first += chunk) {
        int count = Math.min(chunk, spec.batch() - first);
        Side w = scores(spec, weights, first);
        Side ds = scores(spec, grads, first);
        multiply(spec, first, count, false, true, spec.queries(), spec.keys(), spec.width(), 1, query, key, w);
        multiply(spec, first, count, false, true, spec.queries(), spec.keys(), spec.valueWidth(), 1, gradOutput, value,
            ds);
        int rowsOfBatch = spec.heads() * spec.queries();
        RowTeams teams = RowTeams.of(device, (long) count * rowsOfBatch, spec.keys());
        teams.run(call.start(rowsBackward).flag(teams.byBlock()).integer(first * rowsOfBatch)
            .integer(count * rowsOfBatch).buffer(weights).buffer(grads).buffer(call.mask()).buffer(call.bias())
            .buffer(call.lengths()).buffer(flow.gradWeights()).buffer(flow.gradBias()));
        multiply(spec, first, count, true, false, spec.keys(), spec.valueWidth(), spec.queries(), 1, w, gradOutput,
            new Side(flow.gradValue(), spec.value(), 0, false));
        multiply(spec, first, count, false, false, spec.queries(), spec.width(), spec.keys(), spec.scale(), ds, key,
            new Side(flow.gradQuery(), spec.query(), 0, true));
        multiply(spec, first, count, true, false, spec.keys(), spec.width(), spec.queries(), spec.scale(), ds, query,
            new Side(flow.gradKey(), spec.key(), 0, false));
      }
      tools.begin(found);
      tools.look(spec.batch(), spec.heads(), spec.queries(), spec.width(), spec.query(), call.query(), found);
      tools.look(spec.batch(), spec.keyHeads(), spec.keys(), spec.width(), spec.key(), call.key(), found);
      tools.look(spec.batch(), spec.heads(), spec.queries(), spec.valueWidth(), spec.output(), flow.gradOutput(),
          found);
      redo(call, flow, found);
    }
  }

  /** Tiles start from maxima and sums that tiles made. */
  private void redo(AttentionCall call, AttentionFlow flow, CudaBuffer found) {
    try (CudaBuffer output = device.scratch(ElementType.REAL, flow.output().length());
        CudaBuffer saved = device.scratch(ElementType.REAL, 2 * call.rows())) {
      tiles.forward(call, found, output, null, saved);
      tiles.backward(call, found, flow.with(saved));
    }
  }

  /**
   * The product of each query head with its key head; results of key heads add up over the query heads that share them.
   * Query heads that share a key head go one by one, all key heads at once, and all batch rows where they lie so.
   */
  private void multiply(AttentionSpec spec, int first, int count, boolean transposeA, boolean transposeB, int m, int n,
      int k, double alpha, Side a, Side b, Side c) {
    Gemm gemm = device.gemm();
    int heads = spec.keyHeads();
    int group = spec.heads() / heads;
    boolean atOnce = group == 1 && a.isDense(heads) && b.isDense(heads) && c.isDense(heads);
    for (int batch = first; batch < first + count; batch += atOnce ? count : 1) {
      for (int member = 0; member < group; member++) {
        gemm.multiply(transposeA, transposeB, m, n, k, alpha, a.buffer, a.offset(batch, member), a.layout.row(),
            a.step(group), b.buffer, b.offset(batch, member), b.layout.row(), b.step(group),
            c.ofQueries || member == 0 ? 0 : 1, c.buffer, c.offset(batch, member), c.layout.row(), c.step(group),
            atOnce ? count * heads : heads);
      }
    }
  }

  /** Logits of a batch row. */
  private static int logits(AttentionSpec spec) {
    return spec.heads() * spec.queries() * spec.keys();
  }

  /** Batch rows that are done at a time. */
  private static int chunk(AttentionSpec spec) {
    return Math.clamp(ROOM / logits(spec), 1, Math.max(1, spec.batch()));
  }

  private static Side scores(AttentionSpec spec, CudaBuffer buffer, int from) {
    return new Side(buffer, new Layout(logits(spec), spec.queries() * spec.keys(), spec.keys()), from, true);
  }
}
