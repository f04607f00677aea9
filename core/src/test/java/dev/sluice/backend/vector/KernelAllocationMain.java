package dev.sluice.backend.vector;

import com.sun.management.ThreadMXBean;
import dev.sluice.spi.BackendOptions;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/**
 * Repeats every call of {@link KernelCalls} until it allocates no more than so many bytes, as it does once C2 has
 * compiled it, or the time is up, and prints the fewest bytes of each. Arguments: the bytes, the seconds.
 */
final class KernelAllocationMain {
  private static final int ROUND = 50;

  private KernelAllocationMain() {}

  public static void main(String[] arguments) {
    long wanted = Long.parseLong(arguments[0]);
    long end = System.nanoTime() + Long.parseLong(arguments[1]) * 1_000_000_000L;
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Map<String, Long> fewest = new HashMap<>();
    try (KernelCalls kernels = new KernelCalls(new VectorBackend(new BackendOptions(1)))) {
      do {
        kernels.calls().forEach((name, call) -> {
          long before = threads.getCurrentThreadAllocatedBytes();
          for (int i = 0; i < ROUND; i++) {
            call.run();
          }
          fewest.merge(name, (threads.getCurrentThreadAllocatedBytes() - before) / ROUND, Math::min);
        });
      } while (System.nanoTime() < end && fewest.values().stream().anyMatch(bytes -> bytes > wanted));
      kernels.calls().keySet().forEach(name -> System.out.println(fewest.get(name) + " " + name));
    }
  }
}
