package dev.sluice.bench.play;

import dev.sluice.bench.work.Work;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;

/** Prints rows for people, each when it is known. */
final class RowPrinter {
  private static final String FORMAT = "%-44s %11s %11s %7s %13s %5s %6s  %s%n";

  private final PrintWriter out;
  private int passed;

  RowPrinter(PrintWriter out) {
    this.out = out;
    out.printf(FORMAT, "work", "sluice us", "best us", "ratio", "of forks", "bar", "limit", "");
    out.flush();
  }

  void print(Row row, boolean passes) {
    passed += passes ? 1 : 0;
    String peers = row.peers().stream()
        .map(peer -> text("%s %s us, error %.0e", peer.name(), micros(peer.micros()), peer.maxError()))
        .collect(Collectors.joining("; "));
    Double ratio = row.ratio();
    out.printf(FORMAT, row.work(), micros(row.sluiceMicros()),
        ratio == null ? "" : micros(ratio * row.sluiceMicros()), ratio == null ? "" : text("%.2f", ratio),
        ratio == null ? "" : text("%.2f..%.2f", row.spread().getFirst(), row.spread().getLast()),
        text("%.2f", row.bar()), text("%.0f %%", 100 * row.limitShare()),
        (passes ? "passes" : "below its bar") + (peers.isEmpty() ? "; no peer can" : "; " + peers));
    out.flush();
  }

  void refuse(Work work, String reason) {
    out.printf("%-44s REFUSED: %s%n", work.name(), reason);
    out.flush();
  }

  void end(int rows) {
    out.printf("%d of %d rows pass%n", passed, rows);
    out.flush();
  }

  /** Three digits that count. */
  private static String micros(double micros) {
    int digits = micros < 10 ? 2 : micros < 100 ? 1 : 0;
    return text("%." + digits + "f", micros);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
