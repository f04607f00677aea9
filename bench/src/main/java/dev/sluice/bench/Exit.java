package dev.sluice.bench;

/** The exit codes of the command line. */
public final class Exit {
  /** All done. */
  public static final int OK = 0;

  /** Failed while running. */
  public static final int FAILED = 1;

  /** Wrong usage, missing or corrupt data, a backend that cannot be had: nothing was started. */
  public static final int USAGE = 2;

  /** A kernel is slower than it was. */
  public static final int SLOWER = 3;

  /** Interrupted; the JVM's own code for a process ended by Ctrl-C. */
  public static final int INTERRUPTED = 130;

  private Exit() {}
}
