package dev.sluice;

import dev.sluice.spi.Probe;

/** A backend that was asked for by name cannot be had here. The message says why, and what to do about it. */
public final class BackendUnavailableException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  BackendUnavailableException(String id, Probe probe) {
    super("backend " + id + ": " + probe.reason() + "; " + probe.remedy());
  }
}
