package dev.sluice.bench.play;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Processes like this one: the same JVM, options and class path, another main class. */
public final class ChildJvm {
  /** Properties by which the launcher tells this process of its terminal: they are no concern of a child. */
  private static final List<String> LAUNCHERS_OWN = List.of("-Dsluice.stderr=", "-Dsluice.columns=");

  private ChildJvm() {}

  /** This process's class path. */
  public static String classPath() {
    return System.getProperty("java.class.path");
  }

  /**
   * A process to be started; its standard streams are pipes.
   *
   * @param classPath its class path
   * @param options of its JVM, beside this one's
   * @param environment variables that it has beside this process's
   * @param mainClass where it starts
   * @param arguments what it is given
   */
  static ProcessBuilder of(String classPath, List<String> options, Map<String, String> environment,
      Class<?> mainClass, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (LAUNCHERS_OWN.stream().noneMatch(option::startsWith) && !option.startsWith("-agentlib")) {
        command.add(option);
      }
    }
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, mainClass.getName()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(new File("."));
    builder.environment().putAll(environment);
    return builder;
  }
}
