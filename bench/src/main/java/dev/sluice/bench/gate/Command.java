package dev.sluice.bench.gate;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Other programs that are run and waited for. */
final class Command {
  /**
   * What came of one.
   *
   * @param code its exit code
   * @param output what it wrote, on either stream
   */
  record Outcome(int code, String output) {
    private static final int LAST = 5;

    /** The end of what it wrote, in one line. */
    String lastLines() {
      List<String> lines = output.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
      return String.join("; ", lines.subList(Math.max(0, lines.size() - LAST), lines.size()));
    }
  }

  private Command() {}

  /** Runs a program in a folder, by the JVM that runs this where it needs one. */
  static Outcome run(Path folder, String... command) throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
        .redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), output);
  }
}
