package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.readInts;
import static dev.sluice.cuda.CudaBuffer.reals;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.EmbeddingKernels;
import dev.sluice.spi.EmbeddingSpec;
import org.jspecify.annotations.Nullable;

/**
 * Looking rows up; backward, positions are sorted by index on the device, stably, and runs of equal indices summed in
 * their order.
 */
public final class CudaEmbedding implements EmbeddingKernels {
  private static final int THREADS = 256;
  private static final int WIDE = 4;
  private static final int DIGIT_BITS = 8;
  private static final int DIGITS = 1 << DIGIT_BITS;
  private static final int SORT_TILE = 2048;
  private static final int SCAN_THREADS = 1024;
  private static final int SPAN = 32;

  private final Device device;
  private final CudaMemory memory;
  private final Kernel forward;
  private final Kernel forwardWide;
  private final Kernel sortCount;
  private final Kernel sortScan;
  private final Kernel sortMove;
  private final Kernel sum;
  private final Kernel sumWide;
  private final Kernel join;
  private final Kernel joinWide;

  /** The kernels of a device. */
  public CudaEmbedding(Device device, CudaMemory memory) {
    this.device = device;
    this.memory = memory;
    forward = device.kernel("embedding_forward");
    forwardWide = device.kernel("embedding_forward_wide");
    sortCount = device.kernel("sort_count");
    sortScan = device.kernel("sort_scan");
    sortMove = device.kernel("sort_move");
    sum = device.kernel("embedding_sum");
    sumWide = device.kernel("embedding_sum_wide");
    join = device.kernel("embedding_join");
    joinWide = device.kernel("embedding_join_wide");
  }

  @Override
  public void embedding(EmbeddingSpec spec, Buffer table, Buffer indices, Buffer y) {
    CudaBuffer rows = reals(table);
    CudaBuffer index = readInts(indices);
    CudaBuffer result = reals(y);
    check("embedding", spec, index);
    int piece = piece(spec);
    int length = spec.count() * (spec.width() / piece);
    Launch launch = (piece == 1 ? forward : forwardWide).start().buffer(rows).buffer(index).buffer(result)
        .integer(length);
    Divisor.pass(launch, spec.width() / piece).run(device.blocks(length, THREADS), THREADS);
  }

  @Override
  public void embeddingBackward(EmbeddingSpec spec, Buffer indices, Buffer gradY, Buffer gradTable) {
    CudaBuffer index = readInts(indices);
    CudaBuffer gradRows = reals(gradY);
    CudaBuffer gradient = reals(gradTable);
    check("embeddingBackward", spec, index);
    memory.zero(gradient, spec.vocabulary() * spec.width());
    int count = spec.count();
    if (count == 0 || spec.width() == 0) {
      return;
    }
    int digits = Math.max(Math.ceilDiv(Integer.SIZE - Integer.numberOfLeadingZeros(spec.vocabulary() - 1), DIGIT_BITS),
        1);
    int tiles = Math.ceilDiv(count, SORT_TILE);
    try (CudaBuffer counts = device.scratch(ElementType.INT32, DIGITS * tiles);
        CudaBuffer keys = device.scratch(ElementType.INT32, count);
        CudaBuffer positions = device.scratch(ElementType.INT32, count);
        CudaBuffer otherKeys = device.scratch(ElementType.INT32, digits == 1 ? 0 : count);
        CudaBuffer otherPositions = device.scratch(ElementType.INT32, digits == 1 ? 0 : count)) {
      CudaBuffer fromKeys = index;
      CudaBuffer fromPositions = null;
      for (int digit = 0; digit < digits; digit++) {
        boolean toFirst = digit % 2 == 0;
        CudaBuffer toKeys = toFirst ? keys : otherKeys;
        CudaBuffer toPositions = toFirst ? positions : otherPositions;
        sort(digit * DIGIT_BITS, count, counts, fromKeys, fromPositions, toKeys, toPositions);
        fromKeys = toKeys;
        fromPositions = toPositions;
      }
      sum(spec, fromKeys, fromPositions, gradRows, gradient);
    }
  }

  /** Sorts by one digit, stably. */
  private void sort(int shift, int count, CudaBuffer counts, CudaBuffer fromKeys, @Nullable CudaBuffer fromPositions,
      CudaBuffer toKeys, CudaBuffer toPositions) {
    int tiles = Math.ceilDiv(count, SORT_TILE);
    sortCount.start().buffer(fromKeys).buffer(counts).integer(count).integer(shift).integer(tiles).run(tiles, DIGITS);
    sortScan.start().buffer(counts).integer(DIGITS * tiles).run(1, SCAN_THREADS);
    sortMove.start().buffer(fromKeys).buffer(fromPositions).buffer(counts).buffer(toKeys).buffer(toPositions)
        .integer(count).integer(shift).integer(tiles).run(tiles, DIGITS);
  }

  private void sum(EmbeddingSpec spec, CudaBuffer keys, @Nullable CudaBuffer positions, CudaBuffer gradRows,
      CudaBuffer gradient) {
    int count = spec.count();
    int piece = piece(spec);
    int width = spec.width() / piece;
    int spans = Math.ceilDiv(count, SPAN);
    try (CudaBuffer heads = device.scratch(ElementType.REAL, spans * spec.width());
        CudaBuffer tails = device.scratch(ElementType.REAL, spans * spec.width())) {
      Launch sums = (piece == 1 ? sum : sumWide).start().buffer(keys).buffer(positions).buffer(gradRows)
          .buffer(gradient).buffer(heads).buffer(tails).integer(count);
      Divisor.pass(sums, width).integer(spec.paddingIndex()).run(device.blocks((long) spans * width, THREADS), THREADS);
      Launch joins = (piece == 1 ? join : joinWide).start().buffer(keys).buffer(heads).buffer(tails).buffer(gradient)
          .integer(count);
      Divisor.pass(joins, width).integer(spec.paddingIndex())
          .run(device.blocks((spans - 1L) * width, THREADS), THREADS);
    }
  }

  private static int piece(EmbeddingSpec spec) {
    return spec.width() % WIDE == 0 ? WIDE : 1;
  }

  private static void check(String operation, EmbeddingSpec spec, CudaBuffer indices) {
    int[] index = indices.hostInts(0, spec.count());
    for (int i = 0; i < spec.count(); i++) {
      if (index[i] < 0 || index[i] >= spec.vocabulary()) {
        throw new IllegalArgumentException(
            operation + ": indices[" + i + "] is " + index[i] + ", wanted 0 to " + (spec.vocabulary() - 1));
      }
    }
  }
}
