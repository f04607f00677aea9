package dev.sluice.bench.work;

import dev.sluice.bench.UsageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every work that is timed, in the order of the table of the README: the one place that holds the sizes. */
public final class Catalogue {
  /** Images of the training part of Fashion-MNIST. */
  private static final int IMAGES = 60_000;

  private Catalogue() {}

  /** All works. */
  public static List<Work> all() {
    var all = new ArrayList<Work>();
    all.add(new Work.Gemm(256, 256, 256));
    all.add(new Work.Gemm(1024, 1024, 1024));
    all.add(new Work.Gemm(64, 128, 512));
    for (Pass pass : List.of(Pass.FORWARD, Pass.BACKWARD)) {
      all.add(new Work.Softmax(pass, 1024, 1024));
      all.add(new Work.Softmax(pass, 4096, 256));
      all.add(new Work.Softmax(pass, 64, 64));
    }
    for (Pass pass : List.of(Pass.FORWARD, Pass.FORWARD_BACKWARD)) {
      for (boolean causal : new boolean[] {false, true}) {
        all.add(new Work.Attention(pass, 1, 8, 512, 64, causal));
        all.add(new Work.Attention(pass, 8, 8, 256, 64, causal));
        all.add(new Work.Attention(pass, 1, 8, 2048, 64, causal));
      }
      all.add(new Work.Attention(pass, 32, 8, 28, 16, false));
      all.add(new Work.Attention(pass, 64, 1, 1, 28, 128, false));
    }
    recurrent(all, Work.Cell.LSTM, Pass.FORWARD);
    recurrent(all, Work.Cell.LSTM, Pass.FORWARD_BACKWARD);
    recurrent(all, Work.Cell.GRU, Pass.FORWARD_BACKWARD);
    recurrent(all, Work.Cell.JANET, Pass.FORWARD_BACKWARD);
    all.add(new Work.IndRnn(784, 64, 128));
    all.add(new Work.IndRnn(784, 256, 128));
    all.add(new Work.ClipByNorm(24, 512));
    all.add(new Work.AdamStep(24, 512));
    all.add(new Work.LayerNorm(Pass.FORWARD, 64, 128, 512));
    all.add(new Work.LayerNorm(Pass.FORWARD_BACKWARD, 64, 128, 512));
    all.add(new Work.CrossEntropy(1024, 10_000));
    all.add(new Work.EmbeddingGradient(8192, 10_000, 512));
    all.add(new Work.Epoch(IMAGES));
    return List.copyOf(all);
  }

  private static void recurrent(List<Work> all, Work.Cell cell, Pass pass) {
    all.add(new Work.Recurrent(cell, pass, 28, 64, 28, 128));
    all.add(new Work.Recurrent(cell, pass, 100, 64, 128, 128));
    all.add(new Work.Recurrent(cell, pass, 100, 128, 256, 512));
  }

  /** Of each kind, pass and mask the work that costs least: what a quick look at all of them takes. */
  public static List<Work> smallest() {
    Map<String, Work> smallest = new LinkedHashMap<>();
    for (Work work : all()) {
      if (!(work instanceof Work.Epoch)) {
        smallest.merge(kind(work), work, (a, b) -> a.cost().operations() <= b.cost().operations() ? a : b);
      }
    }
    return List.copyOf(smallest.values());
  }

  /** The words of a name without the sizes. */
  private static String kind(Work work) {
    return work.name().replaceAll("\\S*\\d\\S*", "");
  }

  /**
   * The work of a name, here or in a {@linkplain Series series}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Work named(String name) {
    Stream<Work> growing = Series.all().stream().flatMap(series -> series.steps().stream()).map(Series.Step::work);
    return Stream.concat(all().stream(), growing).filter(work -> work.name().equals(name)).findFirst().orElseThrow(
        () -> new IllegalArgumentException("catalogue: work is " + name + ", wanted one of the catalogue"));
  }

  /**
   * The works whose name holds every word of a filter, in any case and order; of a whole name that work alone.
   *
   * @param filter words separated by blanks; an empty one takes all
   */
  public static List<Work> matching(String filter) {
    String wanted = filter.toLowerCase(Locale.ROOT).strip();
    String[] words = wanted.split("\\s+");
    List<Work> all = all();
    List<Work> named = all.stream().filter(work -> work.name().equalsIgnoreCase(wanted)).toList();
    return named.isEmpty() ? all.stream().filter(work -> holds(work.name(), words)).toList() : named;
  }

  /**
   * The works that match what someone asked for.
   *
   * @throws UsageException if there is none
   */
  public static List<Work> requireMatching(String filter) {
    List<Work> matching = matching(filter);
    if (matching.isEmpty()) {
      throw new UsageException("no work matches '" + filter + "', wanted words of the names of "
          + all().stream().map(Work::family).distinct().collect(Collectors.joining(", ")));
    }
    return matching;
  }

  private static boolean holds(String name, String[] words) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (String word : words) {
      if (!lower.contains(word)) {
        return false;
      }
    }
    return true;
  }
}
