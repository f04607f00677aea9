package dev.sluice.bench.work;

/**
 * How many times as fast as its best peer a work has to be.
 *
 * @param oneThread the bar where both run on one thread
 * @param twoThreads the bar where both run on two
 */
public record Bars(double oneThread, double twoThreads) {
  /**
   * The bar for a number of threads; more than two are held to the bar of two.
   *
   * @param threads the threads, 1 or more
   */
  public double of(int threads) {
    return threads == 1 ? oneThread : twoThreads;
  }
}
