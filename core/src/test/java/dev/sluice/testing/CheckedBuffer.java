package dev.sluice.testing;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;

/**
 * A buffer of a {@link CheckingBackend}: knows whose it is.
 *
 * @param owner the decorator that handed it out
 * @param inner the decorated backend's buffer
 */
record CheckedBuffer(CheckingBackend owner, Buffer inner) implements Buffer {
  @Override
  public ElementType type() {
    return inner.type();
  }

  @Override
  public int length() {
    return inner.length();
  }

  @Override
  public boolean isClosed() {
    return inner.isClosed();
  }

  @Override
  public void close() {
    if (!inner.isClosed()) {
      owner.counts().close();
    }
    inner.close();
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
