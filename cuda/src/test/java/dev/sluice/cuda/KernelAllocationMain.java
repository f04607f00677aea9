package dev.sluice.cuda;

import com.sun.management.ThreadMXBean;
import dev.sluice.backend.vector.KernelCalls;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Repeats every call of {@link KernelCalls} until it allocates no more than it may, as it does once C2 has compiled it,
 * or the time is up, and prints the fewest bytes of each that allocates more. Argument: the seconds.
 */
final class KernelAllocationMain {
  private static final int ROUND = 50;

  /** For a call that says in small records what it passes on: a few of them, whatever the sizes. */
  private static final long RECORDS = 2048;

  /** Calls that are launches and products alone: these allocate nothing. */
  private static final List<String> PLAIN = List.of("gemm", "layer norm", "cross-entropy", "dropout");

  private KernelAllocationMain() {}

  public static void main(String[] arguments) {
    long end = System.nanoTime() + Long.parseLong(arguments[0]) * 1_000_000_000L;
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Map<String, Long> fewest = new HashMap<>();
    try (KernelCalls kernels = new KernelCalls(SoftGpu.backend())) {
      do {
        kernels.calls().forEach((name, call) -> {
          if (fewest.getOrDefault(name, Long.MAX_VALUE) <= most(name)) {
            return;
          }
          long before = threads.getCurrentThreadAllocatedBytes();
          for (int i = 0; i < ROUND; i++) {
            call.run();
          }
          fewest.merge(name, (threads.getCurrentThreadAllocatedBytes() - before) / ROUND, Math::min);
        });
      } while (System.nanoTime() < end && fewest.entrySet().stream().anyMatch(KernelAllocationMain::isTooMuch));
      fewest.entrySet().stream().filter(KernelAllocationMain::isTooMuch)
          .forEach(call -> System.out.println(call.getValue() + " " + call.getKey()));
      System.out.println(fewest.size() + " calls");
    }
  }

  private static boolean isTooMuch(Map.Entry<String, Long> call) {
    return call.getValue() > most(call.getKey());
  }

  private static long most(String name) {
    return PLAIN.stream().anyMatch(name::startsWith) ? 0 : RECORDS;
  }
}
