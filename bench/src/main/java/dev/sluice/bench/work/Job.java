package dev.sluice.bench.work;

import java.util.List;

/** A work made ready. One thread uses it. */
public interface Job extends AutoCloseable {
  /**
   * Results by name, in the work's order.
   *
   * @param name what it is, such as {@code gradient of query}
   * @param values its numbers in row-major order
   */
  record Result(String name, float[] values) {}

  /** Does the work once. Nothing is left behind that makes the next time another. */
  void run();

  /** Does the work once and hands out its results. */
  List<Result> results();

  @Override
  void close();
}
