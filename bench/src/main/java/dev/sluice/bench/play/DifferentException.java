package dev.sluice.bench.play;

/** A peer computed something else, so that there is nothing to time. */
final class DifferentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DifferentException(String message) {
    super(message);
  }
}
