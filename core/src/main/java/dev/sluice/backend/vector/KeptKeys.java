package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionTile.CLOSED;
import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.sluice.spi.Selection;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The elements of a row that a selection keeps, in ascending order; one row after the other in the same memory.
 * Elements of no part are {@link AttentionTile#CLOSED}.
 */
final class KeptKeys implements AutoCloseable {
  /**
   * Keys whose values several queries meet before the next ones': meanwhile they stay in the cache, unlike those that
   * one query keeps of all keys.
   */
  static final int PART = 256;

  /** Elements of a row that one number of a reserve tells of: a float is exact in so many bits. */
  private static final int PER_NUMBER = 16;
  private static final int PER_WORD = Long.SIZE;
  /** A float is exact up to here. */
  private static final int LARGEST_INDEX = 1 << 24;
  /** Elements that are summed up before one is drawn from among them. */
  private static final int RUN = 64;

  /** The kept elements in its first places. */
  final int[] indices;

  private final Scratch scratch;
  private final LargestSearch search = new LargestSearch();
  private final long[] words;
  private final double[] sums;
  private final float[] values;
  private final int saved;
  private final boolean listed;
  private int count;

  /** For what a selection keeps of rows of n elements at most. */
  KeptKeys(Selection selection, int n, Scratch scratch) {
    this.scratch = scratch;
    indices = new int[n];
    words = new long[Math.ceilDiv(n, PER_WORD)];
    sums = new double[Math.ceilDiv(n, RUN)];
    values = scratch.borrow(n);
    saved = saved(selection, n);
    listed = saved < Math.ceilDiv(n, PER_NUMBER);
  }

  @Override
  public void close() {
    scratch.release(values);
  }

  /** How many are kept. */
  int count() {
    return count;
  }

  /** Keeps none. */
  void none() {
    count = 0;
  }

  /** Of what is kept, keeps the first ones. */
  void first(int most) {
    count = Math.min(count, most);
  }

  /** Keeps all that take part, NaN included. */
  void open(float[] x, int at, int n) {
    for (int start = 0; start < n; start += PER_WORD) {
      int end = Math.min(start + PER_WORD, n);
      int whole = Lanes.bound(start, end);
      long closed = 0;
      for (int i = start; i < whole; i += COUNT) {
        closed |= fromArray(SPECIES, x, at + i).eq(CLOSED).toLong() << i - start;
      }
      for (int i = whole; i < end; i++) {
        closed |= x[at + i] == CLOSED ? 1L << i - start : 0;
      }
      words[start / PER_WORD] = ~closed & -1L >>> PER_WORD - (end - start);
    }
    list(n);
  }

  /** Keeps what is flagged and takes part, NaN included. */
  void flagged(boolean[] flags, int flagsAt, float[] x, int at, int n) {
    for (int start = 0; start < n; start += PER_WORD) {
      int end = Math.min(start + PER_WORD, n);
      int whole = Lanes.bound(start, end);
      long word = 0;
      for (int i = start; i < whole; i += COUNT) {
        word |= VectorMask.fromArray(SPECIES, flags, flagsAt + i).toLong() << i - start;
      }
      for (int i = whole; i < end; i++) {
        word |= flags[flagsAt + i] ? 1L << i - start : 0;
      }
      words[start / PER_WORD] = word;
    }
    list(n);
    int left = 0;
    for (int i = 0; i < count; i++) {
      indices[left] = indices[i];
      left += x[at + indices[i]] == CLOSED ? 0 : 1;
    }
    count = left;
  }

  /** Keeps what is at least so large. */
  void atLeast(float[] x, int at, int n, float least) {
    FloatVector bound = broadcast(SPECIES, least);
    for (int start = 0; start < n; start += PER_WORD) {
      int end = Math.min(start + PER_WORD, n);
      int whole = Lanes.bound(start, end);
      long word = 0;
      for (int i = start; i < whole; i += COUNT) {
        word |= fromArray(SPECIES, x, at + i).compare(VectorOperators.GE, bound).toLong() << i - start;
      }
      for (int i = whole; i < end; i++) {
        word |= x[at + i] >= least ? 1L << i - start : 0;
      }
      words[start / PER_WORD] = word;
    }
    list(n);
  }

  private void list(int n) {
    count = 0;
    for (int start = 0; start < n; start += PER_WORD) {
      for (long word = words[start / PER_WORD]; word != 0; word &= word - 1) {
        indices[count++] = start + Long.numberOfTrailingZeros(word);
      }
    }
  }

  /**
   * Keeps the k largest, ties to the lower index; all that take part where they are no more.
   *
   * @param max the largest element; none is NaN
   */
  void largest(float[] x, int at, int n, int k, float max) {
    int open = search.start(x, at, n, max);
    if (open > k) {
      search.approach(x, at, n, k);
    }
    atLeast(x, at, n, search.low());
    if (count <= k) {
      return;
    }
    gather(x, at, values);
    search.settle(values, count, k);
    float bound = search.low();
    int ties = k - search.atHigh();
    int left = 0;
    if (search.atLow() == k) {
      for (int i = 0; i < count; i++) {
        indices[left] = indices[i];
        left += values[i] >= bound ? 1 : 0;
      }
    } else {
      for (int i = 0; i < count; i++) {
        if (values[i] > bound || values[i] == bound && ties-- > 0) {
          indices[left++] = indices[i];
        }
      }
    }
    count = left;
  }

  /**
   * Keeps one of some weights, drawn with them as its chances: the first at which their sum so far exceeds u times the
   * whole; none where all are 0.
   */
  void draw(float[] x, int at, int n, double u) {
    double total = 0;
    for (int start = 0; start < n; start += RUN) {
      sums[start / RUN] = sum(x, at + start, Math.min(RUN, n - start));
      total += sums[start / RUN];
    }
    double reach = u * total;
    double sum = 0;
    int j = 0;
    while (j + RUN < n && sum + sums[j / RUN] <= reach) {
      sum += sums[j / RUN];
      j += RUN;
    }
    count = 0;
    for (; j < n && (count == 0 || sum <= reach); j++) {
      if (x[at + j] != 0) {
        sum += x[at + j];
        indices[0] = j;
        count = 1;
      }
    }
    for (j = n - 1; j >= 0 && count == 0; j--) {
      indices[0] = j;
      count = x[at + j] != 0 ? 1 : 0;
    }
  }

  private static double sum(float[] x, int at, int n) {
    double sum0 = 0;
    double sum1 = 0;
    int i = at;
    for (; i <= at + n - 4; i += 4) {
      sum0 += (double) x[i] + x[i + 1];
      sum1 += (double) x[i + 2] + x[i + 3];
    }
    for (; i < at + n; i++) {
      sum0 += x[i];
    }
    return sum0 + sum1;
  }

  /** {@code y[i] = x[i-th kept]}. */
  void gather(float[] x, int at, float[] y) {
    for (int i = 0; i < count; i++) {
      y[i] = x[at + indices[i]];
    }
  }

  /** {@code y[i-th kept] = x[i]}. */
  void scatter(float[] x, float[] y, int at) {
    for (int i = 0; i < count; i++) {
      y[at + indices[i]] = x[i];
    }
  }

  /** Of what is kept, leaves out what a factor of 0 drops; weights times factors of the others stay beside it. */
  void drop(float[] factors, float[] weights) {
    int left = 0;
    for (int i = 0; i < count; i++) {
      indices[left] = indices[i];
      weights[left] = weights[i] * factors[i];
      left += factors[i] != 0 ? 1 : 0;
    }
    count = left;
  }

  /** Numbers that what a selection keeps of a row is saved in: a list of indices where it is short, else bits. */
  static int saved(Selection selection, int n) {
    int bits = Math.ceilDiv(n, PER_NUMBER);
    int list = 1 + most(selection, n);
    return list < bits && n <= LARGEST_INDEX ? list : bits;
  }

  private static int most(Selection selection, int n) {
    return switch (selection) {
      case Selection.Largest(int count, boolean _) -> Math.min(count, n);
      case Selection.Sampled _, Selection.ArgMax _ -> 1;
      case Selection.All _, Selection.Threshold _, Selection.Predicate _ -> n;
    };
  }

  /** Saves which elements are kept. */
  void save(float[] numbers, int at) {
    if (listed) {
      numbers[at] = count;
      for (int i = 0; i < count; i++) {
        numbers[at + 1 + i] = indices[i];
      }
    } else {
      Arrays.fill(numbers, at, at + saved, 0);
      for (int i = 0; i < count; i++) {
        numbers[at + indices[i] / PER_NUMBER] += 1 << indices[i] % PER_NUMBER;
      }
    }
  }

  /** Keeps what was saved. */
  void restore(float[] numbers, int at) {
    restore(numbers, at, 0, indices.length + PER_NUMBER);
  }

  /**
   * Keeps what was saved of some elements.
   *
   * @param from a multiple of {@link #PART}
   * @param to another, or beyond the last element
   */
  void restore(float[] numbers, int at, int from, int to) {
    count = 0;
    if (listed) {
      int all = (int) numbers[at];
      for (int i = 0; i < all; i++) {
        int index = (int) numbers[at + 1 + i];
        indices[count] = index;
        count += index >= from && index < to ? 1 : 0;
      }
    } else {
      for (int i = from / PER_NUMBER; i < Math.min(saved, to / PER_NUMBER); i++) {
        for (int bits = (int) numbers[at + i]; bits != 0; bits &= bits - 1) {
          indices[count++] = i * PER_NUMBER + Integer.numberOfTrailingZeros(bits);
        }
      }
    }
  }
}
