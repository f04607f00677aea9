package dev.sluice.bench;

/** Something the person at the command line can put right; shown as one line, exit code {@link Exit#USAGE}. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
