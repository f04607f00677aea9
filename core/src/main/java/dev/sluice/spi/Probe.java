package dev.sluice.spi;

import java.util.Map;

/**
 * What a provider found on this host.
 *
 * @param usable whether the backend can run
 * @param reason one line: what was found, or why the backend cannot run
 * @param remedy one line: what to do about it, with the exact flag or package; empty where usable
 * @param facts what was looked at, by name, for reports (for example {@code vectorBits=512}); in a stable order
 */
public record Probe(boolean usable, String reason, String remedy, Map<String, String> facts) {
  /** The backend can run. */
  public static Probe usable(String reason, Map<String, String> facts) {
    return new Probe(true, reason, "", facts);
  }

  /** The backend cannot run. */
  public static Probe refused(String reason, String remedy, Map<String, String> facts) {
    return new Probe(false, reason, remedy, facts);
  }
}
