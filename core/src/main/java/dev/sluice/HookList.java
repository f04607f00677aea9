package dev.sluice;

import java.util.ArrayList;
import java.util.List;

/**
 * Hooks in the order of their registration. A list is replaced, not changed, so that a hook may remove itself while it
 * runs.
 */
final class HookList<H> {
  /** Sets one registration apart from another of the same hook. */
  private record Entry<H>(H hook) {
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  private volatile List<Entry<H>> entries = List.of();

  synchronized HookHandle add(H hook) {
    Entry<H> entry = new Entry<>(hook);
    List<Entry<H>> longer = new ArrayList<>(entries);
    longer.add(entry);
    entries = List.copyOf(longer);
    return new HookHandle(() -> remove(entry));
  }

  List<H> hooks() {
    return entries.isEmpty() ? List.of() : entries.stream().map(Entry::hook).toList();
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  private synchronized void remove(Entry<H> entry) {
    entries = entries.stream().filter(e -> e != entry).toList();
  }
}
