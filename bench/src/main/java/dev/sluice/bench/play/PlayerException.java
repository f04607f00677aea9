package dev.sluice.bench.play;

/** A player failed, or ended before it was told to. */
public final class PlayerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PlayerException(String message) {
    super(message);
  }
}
