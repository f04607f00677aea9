package dev.sluice.bench.work;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Works alike but for one size, each step twice the one before: what shows how time grows.
 *
 * @param axis the size that grows
 * @param steps the works, smallest first
 */
public record Series(Axis axis, List<Step> steps) {
  /** A size of a work. */
  public enum Axis {
    LENGTH,
    BATCH,
    HIDDEN,
    /** The number of threads; the work stays the same. */
    THREADS
  }

  /**
   * One work of a series.
   *
   * @param size what the axis has here
   * @param work the work
   */
  public record Step(int size, Work work) {}

  /** All series. */
  public static List<Series> all() {
    var all = new ArrayList<Series>();
    for (Pass pass : List.of(Pass.FORWARD, Pass.FORWARD_BACKWARD)) {
      all.add(over(Axis.LENGTH, 128, 4096, length -> new Work.Attention(pass, 1, 8, length, 64, false)));
      all.add(over(Axis.LENGTH, 128, 4096, length -> new Work.Attention(pass, 1, 8, length, 64, true)));
      all.add(over(Axis.BATCH, 1, 32, batch -> new Work.Attention(pass, batch, 8, 128, 64, false)));
    }
    for (Work.Cell cell : Work.Cell.values()) {
      Pass pass = Pass.FORWARD_BACKWARD;
      all.add(over(Axis.LENGTH, 25, 400, steps -> new Work.Recurrent(cell, pass, steps, 64, 128, 128)));
      all.add(over(Axis.BATCH, 16, 256, batch -> new Work.Recurrent(cell, pass, 28, batch, 128, 128)));
      all.add(over(Axis.HIDDEN, 64, 1024, hidden -> new Work.Recurrent(cell, pass, 28, 64, 128, hidden)));
    }
    all.add(over(Axis.LENGTH, 98, 1568, steps -> new Work.IndRnn(steps, 64, 128)));
    // Of a smaller batch all stays in the caches, and a step to the next is one from their speed to memory's.
    all.add(over(Axis.BATCH, 32, 512, batch -> new Work.IndRnn(196, batch, 128)));
    all.add(over(Axis.HIDDEN, 64, 1024, hidden -> new Work.IndRnn(196, 64, hidden)));
    all.add(over(Axis.LENGTH, 64, 4096, width -> new Work.Softmax(Pass.FORWARD, 256, width)));
    all.add(over(Axis.HIDDEN, 64, 2048, size -> new Work.Gemm(size, size, size)));
    for (Work work : List.of(
        new Work.Gemm(1024, 1024, 1024),
        new Work.Attention(Pass.FORWARD_BACKWARD, 1, 8, 512, 64, false),
        new Work.Recurrent(Work.Cell.LSTM, Pass.FORWARD_BACKWARD, 100, 64, 128, 128),
        new Work.Recurrent(Work.Cell.JANET, Pass.FORWARD_BACKWARD, 100, 64, 128, 128),
        new Work.IndRnn(784, 64, 128),
        new Work.AdamStep(24, 512))) {
      all.add(over(Axis.THREADS, 1, Runtime.getRuntime().availableProcessors(), _ -> work));
    }
    return all;
  }

  private static Series over(Axis axis, int from, int to, IntFunction<Work> work) {
    var steps = new ArrayList<Step>();
    for (int size = from; size <= to; size *= 2) {
      steps.add(new Step(size, work.apply(size)));
    }
    return new Series(axis, List.copyOf(steps));
  }

  /** The work at the smallest size, which names the series. */
  public Work smallest() {
    return steps.getFirst().work();
  }

  /** The threads that a step is done on. */
  public int threads(Step step) {
    return axis == Axis.THREADS ? step.size() : 1;
  }
}
