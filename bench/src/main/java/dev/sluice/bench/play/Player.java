package dev.sluice.bench.play;

import dev.sluice.bench.work.Catalogue;
import dev.sluice.bench.work.Job;
import dev.sluice.bench.work.Performer;
import dev.sluice.bench.work.Work;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A process that holds one performer and one work, and does what its standard input says, a line each:
 *
 * <pre>
 *   results FILE   does the work once and writes the results to a file
 *   warm           does the work until it grows no faster
 *   time MILLIS    does the work for about so long
 *   quit           ends, as does the end of the input
 * </pre>
 *
 * <p>It answers each with a line on standard output: {@code = } and a number (of microseconds per run) or word, or
 * {@code ! } and why that failed; the first line is {@code = } and the performer's name, once all is ready. Lines that
 * begin otherwise mean nothing: native libraries write where they like.
 */
public final class Player {
  /** What a line begins with that answers a command. */
  static final String DONE = "= ";
  /** What a line begins with that says why a command failed. */
  static final String FAILED = "! ";

  private Player() {}

  /**
   * Plays until told to quit.
   *
   * @param arguments the performer's class, the name of the work, the number of threads, and the clock
   */
  public static void main(String[] arguments) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    try (Job job = prepare(arguments[0], arguments[1], Integer.parseInt(arguments[2]), answers)) {
      var watch = new Stopwatch(job::run, Clock.valueOf(arguments[3]).nanos());
      serve(job, watch, new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)), answers);
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      e.printStackTrace();
      answer(answers, FAILED, describe(e));
    }
    // Libraries of peers leave threads behind.
    System.exit(0);
  }

  private static Job prepare(String performerClass, String name, int threads, PrintStream answers)
      throws ReflectiveOperationException {
    var performer = (Performer) Class.forName(performerClass).getConstructor().newInstance();
    Work work = Catalogue.named(name);
    Job job = performer.prepare(work, threads);
    answer(answers, DONE, performer.name());
    return job;
  }

  /** Answers commands until the last one. */
  static void serve(Job job, Stopwatch watch, BufferedReader commands, PrintStream answers) throws IOException {
    for (String line = commands.readLine(); line != null && !line.equals("quit"); line = commands.readLine()) {
      String[] words = line.split(" ", 2);
      try {
        String answer = switch (words[0]) {
          case "results" -> {
            ResultFile.write(Path.of(words[1]), job.results());
            yield "written";
          }
          case "warm" -> Double.toString(watch.warm());
          case "time" -> Double.toString(watch.time(Double.parseDouble(words[1])));
          default -> throw new IllegalArgumentException(
              "player: command is " + line + ", wanted results, warm, time or quit");
        };
        answer(answers, DONE, answer);
      } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
        e.printStackTrace();
        answer(answers, FAILED, describe(e));
      }
    }
  }

  private static void answer(PrintStream answers, String prefix, String text) {
    answers.println(prefix + text);
    answers.flush();
  }

  private static String describe(Throwable failure) {
    return failure.toString().lines().findFirst().orElse("");
  }
}
