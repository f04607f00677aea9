package dev.sluice;

/**
 * Takes a hook back. Removing twice does nothing; closing removes, so that a hook can be held for a try-with-resources
 * block.
 */
public final class HookHandle implements AutoCloseable {
  private final Runnable removal;

  HookHandle(Runnable removal) {
    this.removal = removal;
  }

  /** Takes the hook back. */
  public void remove() {
    removal.run();
  }

  @Override
  public void close() {
    remove();
  }
}
