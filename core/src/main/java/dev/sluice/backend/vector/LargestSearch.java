package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.AttentionTile.CLOSED;
import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Looks for a bound that parts the k largest elements of a row from the others, by counting how many are as large:
 * first guesses take the row for normally distributed, later ones go by the counts so far, and some halve the floats
 * that are left, so that no row takes long. Which guesses are made changes nothing in what is found.
 */
final class LargestSearch {
  /** Guesses by the normal distribution. */
  private static final int NORMAL_GUESSES = 3;
  /** Vectors of a row, at most, that its mean and standard deviation are estimated by. */
  private static final int SAMPLES = 16;
  /** Vectors that are counted at a time: rows are padded to as many. */
  private static final int AT_A_TIME = KeptKeys.padded(1) / COUNT;

  /** The largest bound known that k elements reach, and how many do. */
  private float low;
  private int atLow;
  /** The smallest bound known that fewer than k elements reach, and how many do. */
  private float high;
  private int atHigh;
  /** The bound tried last. */
  private float last;

  /** Elements that take part, and about their mean and their standard deviation. */
  private int open;
  private float mean;
  private float deviation;
  private final float[] lanes = new float[2 * COUNT];

  float low() {
    return low;
  }

  int atLow() {
    return atLow;
  }

  int atHigh() {
    return atHigh;
  }

  /**
   * Starts with a padded row, whose elements of no part are closed.
   *
   * @param max the largest element
   * @return how many elements take part
   */
  int start(float[] x, int at, int n, float max) {
    open = count(x, at, n, AttentionTile.LOWEST);
    measure(x, at, n, max);
    low = AttentionTile.LOWEST;
    atLow = open;
    high = Math.nextUp(max);
    atHigh = 0;
    return open;
  }

  /** Finds a bound that k elements reach and not many more. */
  void approach(float[] x, int at, int n, int k) {
    int most = k + k / 4 + COUNT;
    float wanted = quantile(k + k / 16 + 2, open);
    float guess = mean + deviation * wanted;
    for (int pass = 0; atLow > most && !isNarrow(); pass++) {
      if (pass < NORMAL_GUESSES) {
        int reached = narrow(x, at, n, k, guess);
        guess = last + deviation * (wanted - quantile(Math.max(reached, 1), open));
      } else {
        narrow(x, at, n, k, pass % 2 == 0 ? between(k) : middle());
      }
    }
  }

  /** Goes on among the elements that reached the bound until k do, or until all that are left are equal. */
  void settle(float[] x, int n, int k) {
    for (int pass = 0; atLow > k && !isNarrow(); pass++) {
      narrow(x, 0, n, k, pass % 3 == 2 ? middle() : between(k));
    }
  }

  /** Whether no float is between the bounds: those at the lower one and below the upper one are equal. */
  private boolean isNarrow() {
    return (long) Rows.ordered(high) - Rows.ordered(low) <= 1;
  }

  private float middle() {
    return Rows.unordered((int) ((long) Rows.ordered(low) + Rows.ordered(high) >> 1));
  }

  /** Where k would be reached if elements lay evenly between the bounds. */
  private float between(int k) {
    return low + (high - low) * ((atLow - k - 0.5f) / (atLow - atHigh));
  }

  private int narrow(float[] x, int at, int n, int k, float guess) {
    last = guess > low && guess < high ? guess : middle();
    int reached = count(x, at, n, last);
    if (reached >= k) {
      low = last;
      atLow = reached;
    } else {
      high = last;
      atHigh = reached;
    }
    return reached;
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

  private static int count(float[] x, int at, int n, float bound) {
    FloatVector least = broadcast(SPECIES, bound);
    int count = 0;
    for (int i = at; i < at + n; i += AT_A_TIME * COUNT) {
      for (int j = i; j < i + AT_A_TIME * COUNT; j += COUNT) {
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
