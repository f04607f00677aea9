package dev.sluice.testing;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a {@link CheckingBackend} was asked to do since it was made or last reset. A kernel is named {@code
 * family.method}.
 */
public final class Counts {
  private final ConcurrentSkipListMap<String, LongAdder> kernels = new ConcurrentSkipListMap<>();
  private final LongAdder reads = new LongAdder();
  private final LongAdder writes = new LongAdder();
  private final LongAdder allocations = new LongAdder();
  private final LongAdder closes = new LongAdder();

  Counts() {}

  /** Kernel calls altogether. */
  public long total() {
    return kernels.values().stream().mapToLong(LongAdder::sum).sum();
  }

  /** Calls of one kernel, for example {@code gemm.multiply}. */
  public long of(String kernel) {
    LongAdder calls = kernels.get(kernel);
    return calls == null ? 0 : calls.sum();
  }

  /** Calls of all kernels of a family, for example {@code recurrent}. */
  public long family(String family) {
    return kernels.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(family + "."))
        .mapToLong(entry -> entry.getValue().sum())
        .sum();
  }

  /** Calls by kernel, without those never called: equal for two runs that made the same calls. */
  public SortedMap<String, Long> byKernel() {
    SortedMap<String, Long> calls = new TreeMap<>();
    kernels.forEach((kernel, adder) -> calls.put(kernel, adder.sum()));
    return calls;
  }

  /** Copies to the host. */
  public long reads() {
    return reads.sum();
  }

  /** Copies from the host. */
  public long writes() {
    return writes.sum();
  }

  /** Buffers allocated. */
  public long allocations() {
    return allocations.sum();
  }

  /** Buffers closed. */
  public long closes() {
    return closes.sum();
  }

  /** Starts again from 0. */
  public void reset() {
    kernels.clear();
    reads.reset();
    writes.reset();
    allocations.reset();
    closes.reset();
  }

  void kernel(String kernel) {
    kernels.computeIfAbsent(kernel, name -> new LongAdder()).increment();
  }

  void read() {
    reads.increment();
  }

  void write() {
    writes.increment();
  }

  void allocation() {
    allocations.increment();
  }

  void close() {
    closes.increment();
  }

  @Override
  public String toString() {
    return byKernel() + ", " + reads() + " reads, " + writes() + " writes, " + allocations() + " allocations, "
        + closes()
        + " closes";
  }
}
