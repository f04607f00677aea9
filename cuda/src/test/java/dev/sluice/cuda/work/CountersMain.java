package dev.sluice.cuda.work;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.cuda.SoftGpu;
import java.util.Locale;
import java.util.Map;

/**
 * Prints, for each work on the software GPU and each kernel that it runs, what a profiler would count: the table {@code
 * native/ptx/counters.tsv}. The variable SOFTGPU_COUNTERS must be set, or accesses are not counted.
 */
final class CountersMain {
  static final String HEAD = "kernel\twork\tlaunches\tinstructions an element\tlanes at work\tbytes loaded an element"
      + "\tsectors a load\tbytes a sector loaded\tbytes stored an element\tsectors a store\tbytes a sector stored"
      + "\twavefronts a shared request\tshared wavefronts of 1000 elements\tlocal requests";

  private static final ObjectMapper JSON = new ObjectMapper();

  private CountersMain() {}

  public static void main(String[] arguments) {
    System.out.println(HEAD);
    try (Works works = new Works(true)) {
      works.each(work -> {
        JsonNode before = counters();
        work.call().run();
        works.await();
        for (Map.Entry<String, JsonNode> kernel : counters().properties()) {
          Counts counts = new Counts(kernel.getValue(), before.path(kernel.getKey()), work.elements());
          if (counts.of("launches") > 0) {
            System.out.println(kernel.getKey() + "\t" + work.name() + "\t" + counts.row());
          }
        }
      });
    }
  }

  private static JsonNode counters() {
    try {
      return JSON.readTree(SoftGpu.counters());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a kernel added to its counters. */
  private record Counts(JsonNode after, JsonNode before, long elements) {
    long of(String counter) {
      return after.path(counter).asLong() - before.path(counter).asLong();
    }

    String row() {
      return String.join("\t", Long.toString(of("launches")), ratio("laneInstructions", elements),
          ratio("laneInstructions", "warpInstructions"), ratio("globalLoadBytes", elements),
          ratio("globalLoadSectors", "globalLoadRequests"), ratio("globalLoadBytes", "globalLoadSectors"),
          ratio("globalStoreBytes", elements), ratio("globalStoreSectors", "globalStoreRequests"),
          ratio("globalStoreBytes", "globalStoreSectors"), ratio("sharedWavefronts", "sharedRequests"),
          ratio("sharedWavefronts", elements / 1000.0), Long.toString(of("localRequests")));
    }

    private String ratio(String counter, String per) {
      return ratio(counter, of(per));
    }

    private String ratio(String counter, double per) {
      return per == 0 ? "-" : String.format(Locale.ROOT, "%.2f", of(counter) / per);
    }
  }
}
