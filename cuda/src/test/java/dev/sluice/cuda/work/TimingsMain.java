package dev.sluice.cuda.work;

import java.util.Arrays;
import java.util.Locale;

/**
 * Times every work on the device there is, at the sizes of the table in native/README.md, and prints a row for each:
 * its name, its elements, and microseconds of a call, the median and the least of the rounds. A round asks for calls
 * without waiting between them, so that short kernels show what the host takes to launch them. Arguments: the seconds
 * of a round, and {@code small} for sizes at which the software GPU ends.
 */
final class TimingsMain {
  private static final int ROUNDS = 5;
  private static final double MICRO = 1e-3;
  private static final double NANOS = 1e9;

  private TimingsMain() {}

  public static void main(String[] arguments) {
    double seconds = Double.parseDouble(arguments[0]);
    boolean small = arguments.length > 1 && arguments[1].equals("small");
    try (Works works = new Works(small)) {
      System.out.println("# " + works.description());
      System.out.println("work\telements\tmedian us\tleast us");
      works.each(work -> {
        double[] times = time(works, work.call(), seconds);
        System.out.printf(Locale.ROOT, "%s\t%d\t%.2f\t%.2f%n", work.name(), work.elements(), times[ROUNDS / 2],
            times[0]);
      });
    }
  }

  /** Microseconds of a call in each round, in order of size. */
  private static double[] time(Works works, Runnable call, double seconds) {
    call.run();
    works.await();
    int calls = 1;
    double taken = round(works, call, calls);
    while (taken < seconds * NANOS / ROUNDS) {
      calls *= 2;
      taken = round(works, call, calls);
    }
    double[] times = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      times[i] = round(works, call, calls) * MICRO / calls;
    }
    Arrays.sort(times);
    return times;
  }

  private static double round(Works works, Runnable call, int calls) {
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      call.run();
    }
    works.await();
    return System.nanoTime() - start;
  }
}
