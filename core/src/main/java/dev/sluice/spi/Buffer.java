package dev.sluice.spi;

/**
 * A run of elements that one backend owns and only that backend can look into. Closing gives the memory back for reuse
 * at once; a buffer that is never closed is reclaimed with the garbage. Closing twice does nothing; a kernel given a
 * closed buffer fails with {@link IllegalStateException}.
 */
public interface Buffer extends AutoCloseable {
  /** What this buffer holds. */
  ElementType type();

  /** The number of elements, 0 to 2^31-1. */
  int length();

  /** Whether {@link #close} was called. */
  boolean isClosed();

  @Override
  void close();
}
