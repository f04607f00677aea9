package dev.sluice.bench.play;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Other processes that each keep a core busy, until closed or until this process ends. */
final class Busy implements AutoCloseable {
  private final List<Process> processes = new ArrayList<>();
  private final Thread whenInterrupted = new Thread(this::destroy, "sluice-end-of-busy");

  Busy(int count) throws IOException {
    Runtime.getRuntime().addShutdownHook(whenInterrupted);
    for (int i = 0; i < count; i++) {
      processes.add(ChildJvm.of(ChildJvm.classPath(), List.of(), Map.of(), Busy.class)
          .redirectOutput(Redirect.DISCARD)
          .redirectError(Redirect.DISCARD)
          .start());
    }
  }

  /** The busy process itself: computes until its standard input, a pipe from whoever started it, ends. */
  public static void main(String[] arguments) {
    Thread.ofPlatform().start(() -> {
      try {
        int _ = System.in.read();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        System.exit(0);
      }
    });
    double x = 1;
    while (x != 0) {
      x = Math.fma(x, 0.999_999_9, 1e-7);
    }
  }

  private void destroy() {
    processes.forEach(Process::destroyForcibly);
  }

  @Override
  public void close() {
    destroy();
    Runtime.getRuntime().removeShutdownHook(whenInterrupted);
  }
}
