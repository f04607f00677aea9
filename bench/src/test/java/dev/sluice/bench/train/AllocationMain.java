package dev.sluice.bench.train;

import com.sun.management.ThreadMXBean;
import dev.sluice.Backends;
import dev.sluice.data.FashionMnist;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;

/**
 * Trains at the default sizes on one thread, each cell again and again until a step allocated no more than so many
 * bytes, as it does once C2 has compiled it, or its time is up, and prints the fewest bytes of a step. Arguments: a
 * folder for files, the bytes, the seconds.
 */
final class AllocationMain {
  private static final int BATCH = 64;
  private static final int STEPS = 40;

  private AllocationMain() {}

  public static void main(String[] arguments) throws IOException {
    FashionMnist images = Stripes.make(Path.of(arguments[0]), STEPS * BATCH, BATCH);
    long wanted = Long.parseLong(arguments[1]);
    long nanos = Long.parseLong(arguments[2]) * 1_000_000_000L;
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Backend backend = Backends.create("vector", new BackendOptions(1))) {
      for (CellKind cell : CellKind.values()) {
        long fewest = Long.MAX_VALUE;
        for (long end = System.nanoTime() + nanos; fewest > wanted && System.nanoTime() < end;) {
          List<Long> allocated = StepLog.of(Settings.of(cell, "norm:1", 128, BATCH, false), 1, backend, images,
              threads::getCurrentThreadAllocatedBytes).notes();
          for (int step = 1; step < allocated.size(); step++) {
            fewest = Math.min(fewest, allocated.get(step) - allocated.get(step - 1));
          }
        }
        System.out.println(cell + " " + fewest);
      }
    }
  }
}
