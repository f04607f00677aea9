package dev.sluice.bench.play;

import dev.sluice.bench.work.sluice.SluicePerformer;
import java.util.Map;

/**
 * Someone who plays.
 *
 * @param name what messages call it
 * @param performer the class of the performer, with a public constructor without arguments
 * @param classPath where that class is
 * @param environment variables that its process gets
 * @param clock what it is timed by
 */
public record Contestant(
    String name, String performer, String classPath, Map<String, String> environment, Clock clock) {
  /** Sluice as it is here. */
  public static Contestant sluice() {
    return sluice("sluice", ChildJvm.classPath(), Clock.WALL);
  }

  /** Sluice as it is on a class path. */
  public static Contestant sluice(String name, String classPath, Clock clock) {
    return new Contestant(name, SluicePerformer.class.getName(), classPath, Map.of(), clock);
  }

  /** Whether native threads of its process may spin for a while when their work is done. */
  boolean spins() {
    return !performer.equals(SluicePerformer.class.getName());
  }
}
