package dev.sluice.bench.terminal;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress on a terminal: a bar that is drawn over in place, with loss, speed and time left. */
final class ProgressOnTerminal implements Progress {
  private static final int REDRAW_MILLIS = 200;
  private static final int USUAL_COLUMNS = 80;

  private final PrintStream out;
  private final Pace pace;
  private final ProgressBar bar;
  private final Thread whenInterrupted;

  ProgressOnTerminal(String task, long samples, int columns, PrintStream out) {
    this.out = out;
    this.pace = new Pace(samples, System.nanoTime());
    boolean unicode = out.charset().equals(StandardCharsets.UTF_8);
    bar = new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(samples)
        .setUpdateIntervalMillis(REDRAW_MILLIS)
        .setStyle(unicode ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII)
        .setConsumer(new Line(out, columns > 0 ? columns - 1 : USUAL_COLUMNS))
        .build();
    // Ctrl-C leaves the cursor in the middle of the bar; the shell's prompt belongs on a line of its own.
    whenInterrupted = new Thread(out::println, "sluice-end-of-bar");
    Runtime.getRuntime().addShutdownHook(whenInterrupted);
  }

  @Override
  public void step(int samples, double loss) {
    pace.step(samples, loss);
    bar.setExtraMessage(String.format(Locale.ROOT, " loss %.4g, %.0f samples/s",
        pace.loss(), pace.samplesPerSecond(System.nanoTime())));
    bar.stepBy(samples);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(whenInterrupted);
    } catch (IllegalStateException shuttingDown) {
      return;
    }
    bar.close();
    out.println();
  }

  /**
   * The line the bar is drawn on. The library forgets to end it where a task is over before its first redraw, so it
   * never does.
   */
  private static final class Line extends ConsoleProgressBarConsumer {
    Line(PrintStream out, int columns) {
      super(out, columns);
    }

    @Override
    public void close() {}
  }
}
