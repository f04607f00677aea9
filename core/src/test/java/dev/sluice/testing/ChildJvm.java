package dev.sluice.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a main class said in a JVM of its own.
 *
 * @param exit its exit status
 * @param output its lines on standard output
 * @param errors its lines on standard error
 */
public record ChildJvm(int exit, List<String> output, List<String> errors) {
  /** What lets the vector backend run. */
  public static final List<String> VECTOR_FLAGS = List.of("--add-modules", "jdk.incubator.vector");

  private static final int LIMIT_SECONDS = 120;

  /** Runs a main class of the tests with these JVM flags. */
  public static ChildJvm run(List<String> flags, Class<?> main, String... arguments) throws IOException,
      InterruptedException {
    return run(flags, Map.of(), main, arguments);
  }

  /** Runs a main class of the tests with these JVM flags and variables of the environment. */
  public static ChildJvm run(List<String> flags, Map<String, String> environment, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("child", ".out");
    Path errors = Files.createTempFile("child", ".err");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().remove("SLUICE_BACKEND");
      builder.environment().remove("JAVA_TOOL_OPTIONS");
      builder.environment().putAll(environment);
      Process process = builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("no end after " + LIMIT_SECONDS + " seconds: " + String.join(" ", command));
      }
      return new ChildJvm(process.exitValue(), Files.readAllLines(output), Files.readAllLines(errors));
    } finally {
      Files.delete(output);
      Files.delete(errors);
    }
  }

  /** The lines on standard output of a run that must have gone well. */
  public List<String> requireOutput() {
    if (exit != 0) {
      throw new AssertionError("exit status " + exit + ":\n" + String.join("\n", errors));
    }
    return output;
  }
}
