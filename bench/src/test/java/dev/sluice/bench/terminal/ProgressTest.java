package dev.sluice.bench.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void aLogGetsALineEveryFiveSecondsAndOneAtTheEnd() {
    var clock = new AtomicLong();
    try (var progress = new ProgressInLines("epoch 1/3", 1000, out, clock::get)) {
      clock.set(2 * SECOND);
      progress.step(100, 2.5);
      clock.set(5 * SECOND);
      progress.step(150, 2.5);
      clock.set(9 * SECOND);
      progress.step(150, 2.5);
      clock.set(10 * SECOND);
      progress.step(600, 0.5);
    }
    assertEquals("""
        epoch 1/3  250/1000  loss 2.500  50 samples/s  15 s left
        epoch 1/3  1000/1000  loss 2.400  100 samples/s  0 s left
        epoch 1/3  1000/1000  loss 2.400  100 samples/s  0 s left
        """, printed());
  }

  @Test
  void aTerminalGetsABarThatFitsItsWidth() {
    try (var progress = new ProgressOnTerminal("epoch 1/3", 1000, 90, out)) {
      progress.step(500, 1.25);
      progress.step(500, 1.25);
    }
    String last = printed().substring(printed().lastIndexOf('\r') + 1);
    assertTrue(last.startsWith("epoch 1/3 100%") && last.contains("1000/1000") && last.contains("loss 1.25"), last);
    assertTrue(printed().lines().flatMap(line -> Arrays.stream(line.split("\r"))).allMatch(line -> line.length() < 90));
    assertTrue(last.endsWith("\n"), last);
  }
}
