package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionArrays.at;
import static dev.sluice.backend.vector.AttentionTile.CLOSED;
import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.NE;

import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Selection;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The elements of a row that a selection keeps, in ascending order; one row after the other in the same memory. A row
 * is {@link #pad padded}; its elements of no part are {@link AttentionTile#CLOSED}.
 */
final class KeptKeys implements AutoCloseable {
  /** Elements of a row that a word of bits tells of. */
  static final int PER_WORD = Long.SIZE;

  /** Those that one number of a reserve tells of: a float is exact in so many bits. */
  private static final int PER_NUMBER = 16;
  private static final int MOST_OF_NUMBER = (1 << PER_NUMBER) - 1;
  private static final int NUMBERS_OF_WORD = PER_WORD / PER_NUMBER;
  /** A float is exact up to here. */
  private static final int LARGEST_INDEX = 1 << 24;
  /** Elements that are listed at a time, the last of which may be none. */
  private static final int LISTED = 8;
  private static final VectorSpecies<Byte> BYTES = SPECIES.withLanes(byte.class);

  /** The kept elements in its first places. */
  final int[] indices;

  private final Scratch scratch;
  private final LargestSearch search = new LargestSearch();
  private final long[] words;
  private final WeightedDraw weightedDraw;
  private final float[] values;
  private final int saved;
  private final boolean listed;
  private int count;

  /** For what a selection keeps of rows of n elements at most. */
  KeptKeys(Selection selection, int n, Scratch scratch) {
    this.scratch = scratch;
    indices = scratch.borrowInts(n + Math.max(LISTED, COUNT));
    words = new long[Math.ceilDiv(n, PER_WORD)];
    weightedDraw = new WeightedDraw(n);
    values = scratch.borrow(padded(n));
    saved = saved(selection, n);
    listed = saved > 0 && isListed(selection, n);
  }

  @Override
  public void close() {
    scratch.release(indices);
    scratch.release(values);
  }

  /** The length of a padded row: whole words of bits. */
  static int padded(int n) {
    return Math.ceilDiv(n, PER_WORD) * PER_WORD;
  }

  /** Closes what is behind a row. */
  static void pad(float[] x, int at, int n) {
    Arrays.fill(x, at + n, at + padded(n), CLOSED);
  }

  /** How many are kept. */
  int count() {
    return count;
  }

  /** Keeps none. */
  void none() {
    count = 0;
  }

  /** Puts behind the kept elements one that no bound is above. */
  void end() {
    indices[count] = Integer.MAX_VALUE;
  }

  /** Of what is kept, keeps the first ones. */
  void first(int most) {
    count = Math.min(count, most);
  }

  /** Keeps all that take part, NaN included. */
  void open(float[] x, int at, int n) {
    for (int start = 0; start < n; start += PER_WORD) {
      words[start / PER_WORD] = open(x, at + start);
    }
    list(n);
  }

  /** Keeps what is flagged. */
  void flagged(boolean[] flags, int at, int n) {
    for (int start = 0; start < n; start += PER_WORD) {
      words[start / PER_WORD] = word(flags, at + start, Math.min(PER_WORD, n - start));
    }
    list(n);
  }

  /** Keeps all of n elements. */
  private void all(int n) {
    for (int i = 0; i < n; i++) {
      indices[i] = i;
    }
    count = n;
  }

  private void leave(boolean[] flags, int at, int n) {
    for (int start = 0; start < n; start += PER_WORD) {
      words[start / PER_WORD] &= word(flags, at + start, Math.min(PER_WORD, n - start));
    }
    list(n);
  }

  private static long word(boolean[] flags, int at, int n) {
    long word = 0;
    if (n == PER_WORD) {
      for (int i = 0; i < PER_WORD; i += BYTES.length()) {
        word |= ByteVector.fromBooleanArray(BYTES, flags, at + i).compare(NE, 0).toLong() << i;
      }
    } else {
      for (int i = 0; i < n; i++) {
        word |= flags[at + i] ? 1L << i : 0;
      }
    }
    return word;
  }

  private void leaveOpen(float[] bias, int at) {
    int left = 0;
    for (int i = 0; i < count; i++) {
      indices[left] = indices[i];
      left += bias[at + indices[i]] == CLOSED ? 0 : 1;
    }
    count = left;
  }

  /** Keeps the keys that take part in a query's row. */
  void taking(AttentionArrays arrays, int batch, int head, int query) {
    AttentionSpec spec = arrays.spec();
    int n = arrays.limit(batch, query);
    if (arrays.mask() == null) {
      all(n);
    } else {
      flagged(arrays.mask(), at(spec.mask(), batch, head, query), n);
    }
    if (arrays.bias() != null) {
      leaveOpen(arrays.bias(), at(spec.bias(), batch, head, query));
    }
  }

  /** Keeps what the caller chose of the keys that a query sees, unless they are closed. */
  void chosen(AttentionArrays arrays, Layout layout, int batch, int head, int query) {
    AttentionSpec spec = arrays.spec();
    int n = arrays.limit(batch, query);
    flagged(arrays.predicate(), at(layout, batch, head, query), n);
    if (arrays.mask() != null) {
      leave(arrays.mask(), at(spec.mask(), batch, head, query), n);
    }
    if (arrays.bias() != null) {
      leaveOpen(arrays.bias(), at(spec.bias(), batch, head, query));
    }
  }

  /** Keeps what is at least so large. */
  void atLeast(float[] x, int at, int n, float least) {
    FloatVector bound = broadcast(SPECIES, least);
    count = 0;
    for (int start = 0; start < n; start += PER_WORD) {
      long word = 0;
      for (int i = 0; i < PER_WORD; i += COUNT) {
        word |= fromArray(SPECIES, x, at + start + i).compare(GE, bound).toLong() << i;
      }
      list(start, word);
    }
  }

  /** As {@link #atLeast}; returns {@code sum exp(x - shift)}: listing hides behind the arithmetic. */
  private float atLeastAndSum(float[] x, int at, int n, float least, float shift) {
    FloatVector bound = broadcast(SPECIES, least);
    FloatVector sum = zero(SPECIES);
    count = 0;
    for (int start = 0; start < n; start += PER_WORD) {
      long word = 0;
      for (int i = 0; i < PER_WORD; i += COUNT) {
        FloatVector v = fromArray(SPECIES, x, at + start + i);
        word |= v.compare(GE, bound).toLong() << i;
        sum = sum.add(LaneMath.exp(v.sub(shift)));
      }
      list(start, word);
    }
    return Lanes.sum(sum);
  }

  private static long open(float[] x, int at) {
    long closed = 0;
    for (int i = 0; i < PER_WORD; i += COUNT) {
      closed |= fromArray(SPECIES, x, at + i).eq(CLOSED).toLong() << i;
    }
    return ~closed;
  }

  private void list(int n) {
    count = 0;
    for (int start = 0; start < n; start += PER_WORD) {
      list(start, words[start / PER_WORD]);
    }
  }

  /** Lists the bits of a word, some at a time whether they are so many or not: most words have about as many. */
  private void list(int start, long word) {
    int end = count + Long.bitCount(word);
    for (int to = count; to < end; to += LISTED) {
      for (int i = to; i < to + LISTED; i++) {
        indices[i] = start + Long.numberOfTrailingZeros(word);
        word &= word - 1;
      }
    }
    count = end;
  }

  /**
   * Keeps the k largest, ties to the lower index; all that take part where they are no more.
   *
   * @param open how many elements take part
   * @param max the largest element; none is NaN
   */
  void largest(float[] x, int at, int n, int open, int k, float max) {
    search.start(x, at, n, open, Math.min(k, open), max);
    atLeast(x, at, n, search.next());
    leaveLargest(x, at, n);
  }

  /**
   * As {@link #largest}, of a row that may have a NaN; returns {@code sum exp(x - max)}: where that is NaN, what is kept
   * has no meaning.
   */
  float largestAndSum(float[] x, int at, int n, int open, int k, float max) {
    search.start(x, at, n, open, Math.min(k, open), max);
    float sum = atLeastAndSum(x, at, n, search.next(), max);
    if (!Float.isNaN(sum)) {
      leaveLargest(x, at, n);
    }
    return sum;
  }

  /** Goes on after the first bound was tried. */
  private void leaveLargest(float[] x, int at, int n) {
    search.tell(count);
    while (!search.isFound()) {
      atLeast(x, at, n, search.next());
      search.tell(count);
    }
    gather(x, at, values, 0);
    pad(values, 0, count);
    count = search.settle(values, indices, count);
  }

  /** Keeps one of some weights, by {@link WeightedDraw}; none where all are 0. */
  void draw(float[] x, int at, int n, double u) {
    indices[0] = weightedDraw.draw(x, at, n, u);
    count = indices[0] == WeightedDraw.NONE ? 0 : 1;
  }

  /** {@code y[i] = x[i-th kept]}. */
  void gather(float[] x, int at, float[] y, int yAt) {
    for (int i = 0; i < count; i++) {
      y[yAt + i] = x[at + indices[i]];
    }
  }

  /** {@code y[i] = x[i-th kept]}, closed behind the last up to whole vectors; returns how many there are with those. */
  int gatherVectors(float[] x, int at, float[] y, int yAt) {
    gather(x, at, y, yAt);
    int whole = Lanes.padded(count);
    Arrays.fill(y, yAt + count, yAt + whole, CLOSED);
    return whole;
  }

  /** {@code y[i-th kept] = x[i]}. */
  void scatter(float[] x, int at, float[] y, int yAt) {
    for (int i = 0; i < count; i++) {
      y[yAt + indices[i]] = x[at + i];
    }
  }

  /** Of what is kept, leaves out what a factor of 0 drops; weights times factors of the others stay beside it. */
  void drop(float[] factors, float[] weights, int at) {
    int left = at;
    for (int i = 0; i < count; i++) {
      weights[left] = weights[at + i] * factors[i];
      left += factors[i] != 0 ? 1 : 0;
    }
    drop(factors);
  }

  /** Of what is kept, leaves out what a factor of 0 drops. */
  void drop(float[] factors) {
    int left = 0;
    for (int i = 0; i < count; i++) {
      indices[left] = indices[i];
      left += factors[i] != 0 ? 1 : 0;
    }
    count = left;
  }

  /** {@code marks[i-th kept] |= mark}. */
  void mark(long[] marks, long mark) {
    for (int i = 0; i < count; i++) {
      marks[indices[i]] |= mark;
    }
  }

  /** How many of n elements are kept at most. */
  static int most(Selection selection, int n) {
    return switch (selection) {
      case Selection.Largest(int count, boolean _) -> Math.min(count, n);
      case Selection.Sampled _, Selection.ArgMax _ -> 1;
      case Selection.All _, Selection.Threshold _, Selection.Predicate _ -> n;
    };
  }

  /** Numbers that what a selection keeps of a row is saved in: none where that is known without. */
  static int saved(Selection selection, int n) {
    if (selection.keepsAll() || selection instanceof Selection.Predicate) {
      return 0;
    }
    return isListed(selection, n) ? 1 + most(selection, n) : Math.ceilDiv(n, PER_WORD) * NUMBERS_OF_WORD;
  }

  /** Whether a list of indices is saved, which takes less time, rather than bits, which may take less memory. */
  private static boolean isListed(Selection selection, int n) {
    return most(selection, n) < 2 * Math.ceilDiv(n, PER_NUMBER) && n <= LARGEST_INDEX;
  }

  /** Saves which elements are kept. */
  void save(float[] numbers, int at) {
    if (listed) {
      numbers[at] = count;
      for (int i = 0; i < count; i++) {
        numbers[at + 1 + i] = indices[i];
      }
    } else if (saved > 0) {
      Arrays.fill(words, 0);
      for (int i = 0; i < count; i++) {
        words[indices[i] / PER_WORD] |= 1L << indices[i];
      }
      for (int i = 0, to = at; i < words.length; i++, to += NUMBERS_OF_WORD) {
        for (int part = 0; part < NUMBERS_OF_WORD; part++) {
          numbers[to + part] = (int) (words[i] >>> part * PER_NUMBER) & MOST_OF_NUMBER;
        }
      }
    }
  }

  /** Keeps what a query kept in the forward pass. */
  void recall(AttentionArrays arrays, float[] reserve, int batch, int head, int query) {
    AttentionSpec spec = arrays.spec();
    int at = arrays.row(batch, head, query) * VectorAttention.savedOfRow(spec);
    if (reserve[at + 1] == VectorAttention.EMPTY) {
      none();
      return;
    }
    switch (spec.selection()) {
      case Selection.All _ -> taking(arrays, batch, head, query);
      case Selection.Predicate(Layout layout, boolean _) -> chosen(arrays, layout, batch, head, query);
      case Selection.Threshold _, Selection.Largest _, Selection.Sampled _, Selection.ArgMax _ ->
          restore(reserve, at + 2);
    }
  }

  private void restore(float[] numbers, int at) {
    count = 0;
    if (listed) {
      count = (int) numbers[at];
      for (int i = 0; i < count; i++) {
        indices[i] = (int) numbers[at + 1 + i];
      }
    } else {
      for (int i = 0, from = at; i < words.length; i++, from += NUMBERS_OF_WORD) {
        long word = 0;
        for (int part = 0; part < NUMBERS_OF_WORD; part++) {
          word |= (long) (int) numbers[from + part] << part * PER_NUMBER;
        }
        list(i * PER_WORD, word);
      }
    }
  }
}
