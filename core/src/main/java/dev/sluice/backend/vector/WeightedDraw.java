package dev.sluice.backend.vector;

/** Draws one of some weights with them as its chances. */
final class WeightedDraw {
  /** What is drawn where all weights are 0. */
  static final int NONE = -1;

  /** Elements that are summed up before one is drawn from among them. */
  private static final int RUN = 64;

  private final double[] sums;

  /** Of n weights at most. */
  WeightedDraw(int n) {
    sums = new double[Math.ceilDiv(n, RUN)];
  }

  /** The first of n weights at which their sum so far exceeds u times the whole. */
  int draw(float[] x, int at, int n, double u) {
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
    int drawn = NONE;
    for (; j < n && (drawn == NONE || sum <= reach); j++) {
      if (x[at + j] != 0) {
        sum += x[at + j];
        drawn = j;
      }
    }
    for (j = n - 1; j >= 0 && drawn == NONE; j--) {
      drawn = x[at + j] != 0 ? j : NONE;
    }
    return drawn;
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
}
