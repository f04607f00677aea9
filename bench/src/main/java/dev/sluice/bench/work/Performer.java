package dev.sluice.bench.work;

/** Someone who can do works: Sluice on one of its backends, or a peer. */
public interface Performer {
  /** The name in a report, such as {@code sluice} or {@code libtorch 2.10.0}. */
  String name();

  /** Whether this performer can do a work at all; a peer whose interface lacks the operation cannot. */
  boolean can(Work work);

  /**
   * Makes everything ready to do a work again and again: inputs drawn and loaded, weights set.
   *
   * @param work a work that it {@linkplain #can can} do
   * @param threads the threads to use, 1 or more; the same for all works of a process
   */
  Job prepare(Work work, int threads);
}
