package dev.sluice.cuda;

import com.sun.management.ThreadMXBean;
import dev.sluice.backend.vector.KernelCalls;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/**
 * Repeats every call of {@link KernelCalls} until it allocates nothing, as it does once C2 has compiled it, or the time is
 * up, and prints the fewest bytes of each. Argument: the seconds.
 */
final class KernelAllocationMain {
  private static final int ROUND = 50;

  private KernelAllocationMain() {}

  public static void main(String[] arguments) {
    long end = System.nanoTime() + Long.parseLong(arguments[0]) * 1_000_000_000L;
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Map<String, Long> fewest = new HashMap<>();
    try (KernelCalls kernels = new KernelCalls(SoftGpu.backend())) {
      do {
        kernels.calls().forEach((name, call) -> {
          if (fewest.getOrDefault(name, 1L) == 0) {
            return;
          }
          long before = threads.getCurrentThreadAllocatedBytes();
          for (int i = 0; i < ROUND; i++) {
            call.run();
          }
          fewest.merge(name, (threads.getCurrentThreadAllocatedBytes() - before) / ROUND, Math::min);
        });
      } while (System.nanoTime() < end && fewest.values().stream().anyMatch(bytes -> bytes > 0));
      kernels.calls().keySet().forEach(name -> System.out.println(fewest.get(name) + " " + name));
    }
  }
}
