package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionTile.CLOSED;
import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.INTS;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Looks for a bound that parts the k largest elements of a row from the others, by how many are as large: first guesses
 * take the row for normally distributed, later ones go by the counts so far, and some halve the floats that are left,
 * so that no row takes long. Which guesses are made changes nothing in what is found.
 */
final class LargestSearch {
  /** Guesses by the normal distribution. */
  private static final int NORMAL_GUESSES = 2;
  /** Vectors of a row, at most, that its mean and standard deviation are estimated by. */
  private static final int SAMPLES = 16;
  private static final int SIGN = Integer.SIZE - 1;
  /** Whether lanes are moved together by an instruction: by AVX2, AVX-512 and SVE, which have more than 4. */
  private static final boolean COMPRESSES = COUNT > 4;

  private int k;
  /** The largest bound known that k elements reach, and how many do. */
  private float low;
  private int atLow;
  /** The smallest bound known that fewer than k elements reach, and how many do. */
  private float high;
  private int atHigh;
  /** How many elements may reach the bound to begin with. */
  private int most;
  /** The quantile that some more than k elements reach, and about what lies between two elements at that of k. */
  private float wide;
  private float gap;
  /** Bounds tried, the last one, and the next one by the normal distribution. */
  private int pass;
  private float last;
  private float guess;

  /** Elements that take part, and about their mean and their standard deviation. */
  private int open;
  private float mean;
  private float deviation;
  private final float[] lanes = new float[2 * COUNT];

  /**
   * Starts with a padded row, whose elements of no part are closed.
   *
   * @param open how many elements take part, k or more
   * @param max the largest element
   */
  void start(float[] x, int at, int n, int open, int k, float max) {
    if (this.open != open || this.k != k) {
      this.open = open;
      this.k = k;
      most = k + k / 2 + 2 * COUNT;
      wide = quantile(k + k / 4 + COUNT / 2, open);
      gap = quantile(k, open) - quantile(k + 1, open);
    }
    measure(x, at, n, max);
    low = AttentionTile.LOWEST;
    atLow = open;
    high = Math.nextUp(max);
    atHigh = 0;
    pass = 0;
    guess = mean + deviation * wide;
  }

  /** Whether the bound tried last is reached by k elements and not many more, or by those that are equal to it. */
  boolean isFound() {
    return last == low && !isWide();
  }

  /** Whether many more than k elements reach the lower bound, and a higher one may part them. */
  private boolean isWide() {
    return atLow > most && !isNarrow();
  }

  /** A bound to be tried. */
  float next() {
    if (!isWide()) {
      last = low;
      return low;
    }
    return parting();
  }

  /** A bound between those known. */
  private float parting() {
    float bound = pass < NORMAL_GUESSES ? guess : pass % 3 == 2 ? middle() : between();
    last = bound > low && bound < high ? bound : middle();
    pass++;
    return last;
  }

  /** Takes down how many elements reach the bound tried last. */
  void tell(int reached) {
    take(reached);
    if (isWide()) {
      guess = last + deviation * (wide - quantile(Math.max(reached, 1), open));
    }
  }

  private void take(int reached) {
    if (reached >= k) {
      low = last;
      atLow = reached;
    } else {
      high = last;
      atHigh = reached;
    }
  }

  /**
   * Goes on among the elements that reached the bound, and leaves out all but the k largest, ties to the first.
   *
   * @param x those elements, padded
   * @param indices theirs, with room for a vector more; receives those that are left
   * @return how many are left
   */
  int settle(float[] x, int[] indices, int n) {
    part(x, n);
    return atLow == k ? leaveAtLeast(low, x, indices, n) : firstOfEqual(low, k - atHigh, x, indices, n);
  }

  /** Raises the bound until k elements reach it, or until all that could be left out are equal. */
  private void part(float[] x, int n) {
    guess = low + deviation * gap * (atLow - k);
    for (pass = 0; atLow > k && !isNarrow(); ) {
      int reached = count(x, 0, n, parting());
      take(reached);
      guess = last + deviation * gap * (reached - k);
    }
  }

  /** Leaves out what is smaller than a bound. */
  private static int leaveAtLeast(float least, float[] x, int[] indices, int n) {
    int left = 0;
    int i = 0;
    for (; COMPRESSES && i < n; i += COUNT) {
      VectorMask<Float> large = fromArray(SPECIES, x, i).compare(VectorOperators.GE, least);
      IntVector.fromArray(INTS, indices, i).compress(large.cast(INTS)).intoArray(indices, left);
      left += large.trueCount();
    }
    for (; i < n; i++) {
      indices[left] = indices[i];
      // The sign bit: no branch that would be guessed wrongly.
      left += 1 - (Float.floatToRawIntBits(x[i] - least) >>> SIGN);
    }
    return left;
  }

  /** Leaves out what is smaller than a bound and all but the first of those that are equal to it. */
  private static int firstOfEqual(float bound, int equal, float[] x, int[] indices, int n) {
    int left = 0;
    for (int i = 0, ties = equal; i < n; i++) {
      if (x[i] > bound || x[i] == bound && ties-- > 0) {
        indices[left++] = indices[i];
      }
    }
    return left;
  }

  /** Whether no float is between the bounds: those at the lower one and below the upper one are equal. */
  private boolean isNarrow() {
    return (long) Rows.ordered(high) - Rows.ordered(low) <= 1;
  }

  private float middle() {
    return Rows.unordered((int) ((long) Rows.ordered(low) + Rows.ordered(high) >> 1));
  }

  /** Where k would be reached if elements lay evenly between the bounds. */
  private float between() {
    return low + (high - low) * ((atLow - k - 0.5f) / (atLow - atHigh));
  }

  private void measure(float[] x, int at, int n, float max) {
    FloatVector sum = zero(SPECIES);
    FloatVector squares = zero(SPECIES);
    int count = 0;
    int step = Math.ceilDiv(n, SAMPLES * COUNT) * COUNT;
    for (int i = at; i < at + n; i += step) {
      FloatVector v = fromArray(SPECIES, x, i);
      VectorMask<Float> part = v.compare(VectorOperators.GT, CLOSED);
      FloatVector d = zero(SPECIES).blend(v.sub(max), part);
      sum = sum.add(d);
      squares = d.fma(d, squares);
      count += part.trueCount();
    }
    // By an array: of two sums of lanes the compiler inlined but one here.
    sum.intoArray(lanes, 0);
    squares.intoArray(lanes, COUNT);
    float total = 0;
    float square = 0;
    for (int lane = 0; lane < COUNT; lane++) {
      total += lanes[lane];
      square += lanes[COUNT + lane];
    }
    float centre = total / Math.max(1, count);
    mean = max + centre;
    deviation = (float) Math.sqrt(Math.max(0, square / Math.max(1, count) - centre * centre));
  }

  /** How many elements of a padded row reach a bound. */
  static int count(float[] x, int at, int n, float bound) {
    FloatVector least = broadcast(SPECIES, bound);
    int count = 0;
    for (int i = at; i < at + n; i += KeptKeys.PER_WORD) {
      for (int j = i; j < i + KeptKeys.PER_WORD; j += COUNT) {
        count += fromArray(SPECIES, x, j).compare(VectorOperators.GE, least).trueCount();
      }
    }
    return count;
  }

  /** What so many of n standard normal numbers reach (Abramowitz and Stegun, 26.2.22). */
  private static float quantile(int count, int n) {
    float share = Math.clamp((float) count / n, 0x1p-24f, 1 - 0x1p-24f);
    float tail = Math.min(share, 1 - share);
    float t = (float) Math.sqrt(-2 * VectorMath.log(tail));
    float z = t - (2.30753f + 0.27061f * t) / (1 + t * (0.99229f + 0.04481f * t));
    return share < 0.5f ? z : -z;
  }
}
