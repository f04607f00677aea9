package dev.sluice.bench.play;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.bench.work.Catalogue;
import dev.sluice.bench.work.Job;
import dev.sluice.bench.work.Job.Result;
import dev.sluice.bench.work.Work;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlayerTest {
  /** Counts its runs, and fails where it is told to. */
  private static final class Counter implements Job {
    private int runs;
    private boolean fails;

    @Override
    public void run() {
      runs++;
      if (fails) {
        throw new IllegalStateException("no more\nat all");
      }
    }

    @Override
    public List<Result> results() {
      return List.of(new Result("runs", new float[] {runs, Float.NaN}), new Result("nothing", new float[0]));
    }

    @Override
    public void close() {}
  }

  private final Counter counter = new Counter();

  private List<String> answers(String commands) throws IOException {
    var written = new ByteArrayOutputStream();
    PrintStream err = System.err;
    System.setErr(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
    try {
      Player.serve(counter, new Stopwatch(counter::run, System::nanoTime), new BufferedReader(new StringReader(commands)),
          new PrintStream(written, true, StandardCharsets.UTF_8));
    } finally {
      System.setErr(err);
    }
    return written.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void resultsTravelByFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("results of a work");
    counter.runs = 7;
    assertEquals(List.of("= written"), answers("results " + file + "\n"));
    List<Result> read = ResultFile.read(file);
    assertEquals(List.of("runs", "nothing"), read.stream().map(Result::name).toList());
    assertArrayEquals(new float[] {7, Float.NaN}, read.getFirst().values());
  }

  @Test
  void timesAndQuits() throws IOException {
    List<String> answers = answers("time 2\nquit\ntime 2\n");
    assertEquals(1, answers.size());
    assertTrue(Double.parseDouble(answers.getFirst().substring(Player.DONE.length())) >= 0);
    assertTrue(counter.runs >= 1);
  }

  @Test
  void failuresAreAnsweredInOneLineAndDoNotEndIt() throws IOException {
    counter.fails = true;
    List<String> answers = answers("time 2\nsing\n");
    assertEquals("! java.lang.IllegalStateException: no more", answers.getFirst());
    assertEquals("! java.lang.IllegalArgumentException: player: command is sing, wanted results, warm, time or quit",
        answers.getLast());
  }

  @Test
  void playersOfOneWorkAgreeAndAreTimedInTurn() throws IOException {
    Work work = Catalogue.named("softmax forward 64x64");
    var second = new Contestant("second", Contestant.sluice().performer(), ChildJvm.classPath(), Map.of("ANY", "1"),
        Clock.THREAD);
    try (var sitting = new Sitting(List.of(Contestant.sluice(), second), work, 1)) {
      assertEquals(List.of("sluice", "sluice"), sitting.names());
      assertEquals(List.of(0.0, 0.0), sitting.errors());
      List<double[]> times = sitting.time(3, 1);
      assertEquals(2, times.size());
      for (double[] own : times) {
        assertEquals(3, own.length);
        assertTrue(Statistics.median(own) > 0);
      }
    }
  }

  @Test
  void aPlayerThatCannotStartSaysWhy() {
    var nobody = new Contestant("nobody", "no.such.Performer", ChildJvm.classPath(), Map.of(), Clock.WALL);
    var failure = assertThrows(
        PlayerException.class, () -> new Sitting(List.of(nobody), Catalogue.all().getFirst(), 1).close());
    assertEquals("nobody: java.lang.ClassNotFoundException: no.such.Performer", failure.getMessage());
  }
}
