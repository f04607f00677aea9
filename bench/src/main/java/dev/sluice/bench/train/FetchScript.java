package dev.sluice.bench.train;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** The launcher's scripts that fetch data. */
final class FetchScript {
  /** Set by the launcher: the folder of the scripts. */
  private static final String SCRIPTS = "sluice.scripts";

  private FetchScript() {}

  /**
   * Runs a script: progress on stderr, the reason for a failure on stdout.
   *
   * @param name of the script
   * @param folder to fill
   * @return why the data is not there, or nothing where it is
   */
  static Optional<String> run(String name, Path folder) throws IOException, InterruptedException {
    String scripts = System.getProperty(SCRIPTS);
    if (scripts == null) {
      return Optional.of("nothing was there to fetch it with");
    }
    Process process = new ProcessBuilder(Path.of(scripts, name).toString(), folder.toString())
        .redirectError(Redirect.INHERIT).start();
    Thread whenInterrupted = new Thread(process::destroy, "sluice-end-of-fetch");
    Runtime.getRuntime().addShutdownHook(whenInterrupted);
    String reason = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    int code = process.waitFor();
    try {
      Runtime.getRuntime().removeShutdownHook(whenInterrupted);
    } catch (IllegalStateException e) {
      // The JVM is ending, interrupted like the script: there is nothing left to say.
      Thread.currentThread().join();
    }
    return code == 0 ? Optional.empty() : Optional.of(reason);
  }
}
