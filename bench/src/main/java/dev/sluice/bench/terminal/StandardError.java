package dev.sluice.bench.terminal;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * Takes stderr back from the launcher.
 *
 * <p>The JVM prints a line about incubator modules on stderr before the program starts. The launcher therefore starts
 * it with descriptor 2 led through a filter and the real stderr kept as descriptor 3, and says so with
 * {@code -Dsluice.stderr=3}. Copying 3 over 2 gives everything back as it was (the terminal, its offset in a file, what
 * child processes inherit), and ends the filter.
 */
public final class StandardError {
  private static final String PROPERTY = "sluice.stderr";
  private static final int STDERR = 2;

  private StandardError() {}

  /** Puts the real stderr back; without a launcher, or where that cannot be done, stderr stays as it is. */
  public static void restore() {
    Integer kept = Integer.getInteger(PROPERTY);
    if (kept == null) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    try {
      MethodHandle dup2 = linker.downcallHandle(
          linker.defaultLookup().findOrThrow("dup2"), FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
      int _ = (int) dup2.invokeExact((int) kept, STDERR);
    } catch (Throwable e) {
      // The filter passes every other line on, so nothing is lost: only a progress bar suffers.
      System.getLogger(StandardError.class.getName()).log(System.Logger.Level.DEBUG, "stderr stays filtered", e);
    }
  }
}
