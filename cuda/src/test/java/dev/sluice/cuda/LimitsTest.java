package dev.sluice.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of limits in native/README.md leaves no kernel out, and cites what was counted. */
class LimitsTest {
  private static final Path NATIVE = Path.of(System.getProperty("native"));
  private static final int COLUMNS = 12;

  /** A kernel's row of counters.tsv. */
  private record Counted(String kernel, String work, String instructions, String load, String store, String shared) {
    static Counted of(String line) {
      String[] cells = line.split("\t");
      return new Counted(cells[0], cells[1], cells[3], sectors(cells[6], cells[7]), sectors(cells[9], cells[10]),
          cells[11]);
    }

    private static String sectors(String sectors, String bytes) {
      return sectors.equals("-") ? sectors : sectors.replace(".00", "") + " (" + bytes + ")";
    }

    List<String> figures() {
      return List.of(instructions, load, store, shared);
    }
  }

  /** A row of the table: the names of its kernels, where {@code {a,b}} stands for either. */
  private record Limit(List<Pattern> kernels, String work, List<String> figures) {
    static Limit of(String line) {
      List<String> cells = Arrays.stream(line.split("\\|")).skip(1).map(String::strip).toList();
      assertEquals(COLUMNS, cells.size(), line);
      List<Pattern> kernels = Arrays.stream(cells.getFirst().split(" ")).map(Limit::pattern).toList();
      return new Limit(kernels, cells.get(1), cells.subList(7, 11));
    }

    private static Pattern pattern(String name) {
      assertTrue(name.matches("`[\\w{},]+`"), name);
      return Pattern.compile(name.substring(1, name.length() - 1).replace('{', '(').replace(',', '|')
          .replace('}', ')'));
    }

    boolean holds(String kernel) {
      return kernels.stream().anyMatch(name -> name.matcher(kernel).matches());
    }
  }

  @Test
  void everyKernelHasALimitAndAMeasurement() throws IOException {
    Set<String> shipped = KernelSignature.all(Ptx.bytes()).keySet();
    List<Limit> limits = limits();
    Set<String> named =
        shipped.stream().filter(kernel -> limits.stream().anyMatch(limit -> limit.holds(kernel)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(new TreeSet<>(shipped), named, "kernels in the table of native/README.md");
    for (Limit limit : limits) {
      for (Pattern name : limit.kernels()) {
        assertTrue(shipped.stream().anyMatch(name.asMatchPredicate()), () -> "there is no kernel " + name);
      }
    }
    Set<String> counted = counted().stream().map(Counted::kernel).collect(Collectors.toCollection(TreeSet::new));
    assertEquals(new TreeSet<>(shipped), counted, "kernels in native/ptx/counters.tsv");
  }

  @Test
  void citesWhatWasCounted() throws IOException {
    List<Counted> counted = counted();
    for (Limit limit : limits()) {
      Counted first = counted.stream().filter(row -> row.work().equals(limit.work()) && limit.holds(row.kernel()))
          .findFirst().orElseThrow(() -> new AssertionError("nothing was counted of " + limit));
      assertEquals(first.figures(), limit.figures(), () -> first.kernel() + " of " + first.work());
    }
  }

  private static List<Limit> limits() throws IOException {
    return Files.readAllLines(NATIVE.resolve("README.md")).stream()
        .dropWhile(line -> !line.startsWith("| kernels | work |")).skip(2).takeWhile(line -> line.startsWith("|"))
        .map(Limit::of).toList();
  }

  private static List<Counted> counted() throws IOException {
    return Files.readAllLines(NATIVE.resolve("ptx/counters.tsv")).stream().skip(1).map(Counted::of).toList();
  }
}
