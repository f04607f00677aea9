package dev.sluice.bench.terminal;

import java.io.PrintStream;

/** How far a task of a known number of samples has come, its loss and its speed. Close it to end its line. */
public interface Progress extends AutoCloseable {
  /** Set by the launcher where stderr is a terminal: its width in columns. */
  String COLUMNS = "sluice.columns";

  /**
   * Shows progress on stderr: a bar where that is a terminal, else a line every few seconds.
   *
   * @param task what is being done, such as {@code epoch 1/3}
   * @param samples how many samples there are to do
   */
  static Progress open(String task, int samples) {
    Integer columns = Integer.getInteger(COLUMNS);
    PrintStream err = System.err;
    return columns == null
        ? new ProgressInLines(task, samples, err)
        : new ProgressOnTerminal(task, samples, columns, err);
  }

  /**
   * Some more samples are done.
   *
   * @param samples how many
   * @param loss their mean loss
   */
  void step(int samples, double loss);

  @Override
  void close();
}
