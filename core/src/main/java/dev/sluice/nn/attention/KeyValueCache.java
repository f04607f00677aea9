package dev.sluice.nn.attention;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.spi.Backend;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * Projected keys and values of the positions that a {@link MultiHeadAttention} has seen, for decoding step by step:
 * made by {@link MultiHeadAttention#cache}, and used with the layer that made it. Room is taken once, in the scope in
 * which the cache was made; no gradient flows into a cache.
 */
public final class KeyValueCache {
  private final int capacity;
  private final int batch;
  private Tensor keys;
  private Tensor values;
  private @Nullable Tensor spareKeys;
  private @Nullable Tensor spareValues;
  private int length;

  KeyValueCache(Backend backend, int capacity, int batch, int width) {
    Arguments.require(capacity >= 0, "keyValueCache", "capacity is " + capacity, "0 or more");
    Arguments.require(batch >= 0, "keyValueCache", "batch is " + batch, "0 or more");
    this.capacity = capacity;
    this.batch = batch;
    // The length first: what is filled is then one contiguous piece.
    Shape shape = Shape.of(capacity, batch, width);
    keys = Tensor.allocate(backend, ElementType.REAL, shape);
    values = Tensor.allocate(backend, ElementType.REAL, shape);
  }

  /** How many positions are there. */
  public int length() {
    return length;
  }

  /** How many positions there is room for. */
  public int capacity() {
    return capacity;
  }

  /** How many sequences. */
  public int batch() {
    return batch;
  }

  /**
   * Puts the sequences into another order: row i becomes what row {@code rows[i]} was, as beam search needs it when it
   * goes on from some of its hypotheses.
   *
   * @param rows one per sequence, each 0 to batch-1, repeated or left out as wanted
   */
  public void reorder(int... rows) {
    Arguments.require(rows.length == batch, "reorder", "rows has " + rows.length + " entries", "" + batch);
    for (int row : rows) {
      Arguments.require(row >= 0 && row < batch, "reorder", "a row is " + row, "0 to " + (batch - 1));
    }
    spareKeys = spareKeys == null ? keys.zerosBeside() : spareKeys;
    spareValues = spareValues == null ? values.zerosBeside() : spareValues;
    Tensor oldKeys = keys;
    keys = reordered(oldKeys, spareKeys, rows);
    spareKeys = oldKeys;
    Tensor oldValues = values;
    values = reordered(oldValues, spareValues, rows);
    spareValues = oldValues;
  }

  int width() {
    return keys.size(2);
  }

  void requireRoom(int added) {
    Arguments.require(added <= capacity - length, "keyValueCache", added + " positions after " + length,
        "at most " + capacity + " in all");
  }

  /** The keys so far, (length, batch, width). */
  Tensor keys() {
    return keys.leading(length);
  }

  /** The values so far, (length, batch, width). */
  Tensor values() {
    return values.leading(length);
  }

  /** Adds positions, (batch, added, width) if batch first, else (added, batch, width). */
  void append(Tensor newKeys, Tensor newValues, boolean batchFirst) {
    int added = newKeys.size(batchFirst ? 1 : 0);
    write(newKeys, keys, added, batchFirst);
    write(newValues, values, added, batchFirst);
    length += added;
  }

  private void write(Tensor source, Tensor target, int added, boolean batchFirst) {
    int width = target.size(2);
    int[] strides = batchFirst ? new int[] {width, added * width, 1} : new int[] {batch * width, width, 1};
    copy(new CopySpec(ElementType.REAL, new int[] {added, batch, width}, 0, strides, length * batch * width,
        new int[] {batch * width, width, 1}, 1, false), source, target);
  }

  private Tensor reordered(Tensor source, Tensor target, int[] rows) {
    int width = source.size(2);
    int[] strides = {batch * width, 1};
    for (int row = 0; row < batch && length > 0; row++) {
      copy(new CopySpec(ElementType.REAL, new int[] {length, width}, rows[row] * width, strides, row * width, strides,
          1, false), source, target);
    }
    return target;
  }

  private static void copy(CopySpec spec, Tensor source, Tensor target) {
    source.backend().memory().copy(spec, source.buffer(), target.buffer());
    target.markModified();
  }
}
