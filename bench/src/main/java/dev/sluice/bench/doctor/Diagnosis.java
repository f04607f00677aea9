package dev.sluice.bench.doctor;

import dev.sluice.Backends;
import dev.sluice.data.DataException;
import dev.sluice.data.FashionMnist;
import dev.sluice.spi.BackendProvider;
import dev.sluice.spi.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything the doctor finds, as {@code --json} shows it field by field.
 *
 * @param machine JVM and processor
 * @param backends every backend there is, first the one an automatic choice would look at first
 * @param automatic the backend an automatic choice takes, null if none is usable
 * @param data every data set a command may ask for
 */
record Diagnosis(Machine machine, List<BackendState> backends, @Nullable String automatic, List<DataState> data) {
  /**
   * Whether a backend can compute here.
   *
   * @param id its name
   * @param priority an automatic choice takes the highest
   * @param usable whether it can
   * @param reason what was found, or why it cannot
   * @param remedy what would help, empty where it can
   * @param facts what was looked at, by name
   */
  record BackendState(
      String id, int priority, boolean usable, String reason, String remedy, Map<String, String> facts) {
    static BackendState of(BackendProvider provider) {
      Probe probe = provider.probe();
      return new BackendState(
          provider.id(), provider.priority(), probe.usable(), probe.reason(), probe.remedy(), probe.facts());
    }
  }

  /**
   * Whether a data set is on this machine.
   *
   * @param name of the set
   * @param folder where its files are, null if they are in none of the usual folders
   * @param remedy what would help, empty where they are there
   */
  record DataState(String name, @Nullable String folder, String remedy) {}

  static Diagnosis make() throws DataException {
    List<BackendState> backends = Backends.providers().stream().map(BackendState::of).toList();
    String automatic = backends.stream().filter(BackendState::usable).map(BackendState::id).findFirst().orElse(null);
    DataState fashion = FashionMnist.locate(null)
        .map(folder -> new DataState("fashion-mnist", folder.toString(), ""))
        .orElseGet(() -> new DataState("fashion-mnist", null, FashionMnist.REMEDY));
    return new Diagnosis(Machine.here(), backends, automatic, List.of(fashion));
  }

  /** The same for people, line by line. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("Java       " + machine.java() + " (" + machine.vendor() + ") in " + machine.javaHome());
    lines.add("System     " + machine.system() + ", " + machine.architecture());
    lines.add("Processor  " + (machine.processor() == null ? "" : machine.processor() + ", ") + machine.cores()
        + (machine.cores() == 1 ? " core, " : " cores, ") + machine.memoryMegabytes() + " MB of heap at most");
    Integer bits = machine.vectorBits();
    lines.add("Vectors    " + (bits == null ? "no module jdk.incubator.vector" : bits + " bits")
        + ", FMA " + yes(machine.fma()) + ", C2 " + yes(machine.c2()));
    lines.add("Threads    " + machine.threads());
    lines.add("Backends");
    for (BackendState backend : backends) {
      String taken = backend.id().equals(automatic) ? ", taken by auto" : "";
      String state = backend.usable() ? "usable" + taken : "not usable";
      lines.add("  %-15s  %s: %s".formatted(backend.id(), state, backend.reason()));
      if (!backend.usable()) {
        lines.add(" ".repeat(19) + backend.remedy());
      }
    }
    lines.add("Data");
    for (DataState set : data) {
      String state = set.folder() == null ? "not found; " + set.remedy() : set.folder();
      lines.add("  %-15s  %s".formatted(set.name(), state));
    }
    return lines;
  }

  private static String yes(boolean holds) {
    return holds ? "yes" : "no";
  }
}
