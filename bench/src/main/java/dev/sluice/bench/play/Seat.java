package dev.sluice.bench.play;

import dev.sluice.bench.work.Job.Result;
import dev.sluice.bench.work.Work;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link Player} from the side of whoever asks it. One thread uses it. */
public final class Seat implements AutoCloseable {
  private static final int SECONDS_TO_QUIT = 5;
  private static final int LAST_LINES = 5;
  private static final String INCUBATOR = "WARNING: Using incubator modules";

  private final Contestant contestant;
  private final Process process;
  private final Path complaints;
  private final BufferedReader answers;
  private final Writer commands;
  private final Thread whenInterrupted;

  /**
   * Starts a player; it gets ready while others do.
   *
   * @param contestant who is to play
   * @param work what
   * @param threads how many it may use
   */
  public Seat(Contestant contestant, Work work, int threads) throws IOException {
    this.contestant = contestant;
    complaints = Files.createTempFile("sluice-player", ".log");
    Clock clock = contestant.clock();
    process = ChildJvm.of(contestant.classPath(), clock.jvmOptions(), contestant.environment(), Player.class,
            contestant.performer(), work.name(), Integer.toString(threads), clock.name())
        .redirectError(Redirect.to(complaints.toFile()))
        .start();
    answers = process.inputReader(StandardCharsets.UTF_8);
    commands = process.outputWriter(StandardCharsets.UTF_8);
    whenInterrupted = new Thread(process::destroyForcibly, "sluice-end-of-player");
    Runtime.getRuntime().addShutdownHook(whenInterrupted);
  }

  /** Waits until the player is ready; gives the performer's own name. */
  public String ready() {
    return answer();
  }

  /** What the work results in. */
  public List<Result> results() throws IOException {
    Path file = Files.createTempFile("sluice-results", ".bin");
    try {
      ask("results " + file);
      return ResultFile.read(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Has the work done until it is steady; gives the microseconds per run. */
  public double warm() {
    return Double.parseDouble(ask("warm"));
  }

  /** Has the work done for about so long; gives the microseconds per run. */
  public double time(double millis) {
    return Double.parseDouble(ask("time " + millis));
  }

  private String ask(String command) {
    try {
      commands.write(command + "\n");
      commands.flush();
    } catch (IOException e) {
      throw ended();
    }
    return answer();
  }

  private String answer() {
    try {
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        if (line.startsWith(Player.DONE)) {
          return line.substring(Player.DONE.length());
        }
        if (line.startsWith(Player.FAILED)) {
          throw new PlayerException(contestant.name() + ": " + line.substring(Player.FAILED.length()));
        }
      }
      throw ended();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PlayerException ended() {
    try {
      List<String> said = Files.readAllLines(complaints).stream().filter(line -> !line.startsWith(INCUBATOR)).toList();
      String last = String.join("; ", said.subList(Math.max(0, said.size() - LAST_LINES), said.size()));
      return new PlayerException(contestant.name() + ": the process ended" + (last.isEmpty() ? "" : ": " + last));
    } catch (IOException e) {
      return new PlayerException(contestant.name() + ": the process ended");
    }
  }

  /** Ends the process. */
  @Override
  public void close() {
    try {
      commands.write("quit\n");
      commands.close();
    } catch (IOException e) {
      // It has ended by itself.
    }
    try {
      if (!process.waitFor(SECONDS_TO_QUIT, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(complaints);
      Runtime.getRuntime().removeShutdownHook(whenInterrupted);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IllegalStateException | IOException e) {
      // The JVM is ending, and the hook with it; a file left behind is the system's to remove.
    }
  }
}
