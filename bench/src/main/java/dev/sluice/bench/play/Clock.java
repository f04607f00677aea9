package dev.sluice.bench.play;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.function.LongSupplier;

/** What a player reads the time from. */
public enum Clock {
  /** The time that passes, as whoever waits for a result sees it. */
  WALL,
  /**
   * The time that the player's own thread computes: what other processes take away does not count, so that a busy
   * machine tells what an idle one does. It sees nothing of a work that other threads do. Compilers run while the
   * thread waits, not whenever they get a core, so that what is timed does not hang on when that is.
   */
  THREAD;

  /** Where a player of this process reads it. */
  LongSupplier nanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return this == WALL ? System::nanoTime : threads::getCurrentThreadCpuTime;
  }

  /** Options of a player's JVM. */
  List<String> jvmOptions() {
    return this == WALL ? List.of() : List.of("-Xbatch");
  }
}
