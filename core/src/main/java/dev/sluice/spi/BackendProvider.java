package dev.sluice.spi;

import java.util.Map;

/**
 * Offers one backend; found by {@link java.util.ServiceLoader}. Making a provider touches nothing that may be missing
 * on a host.
 */
public interface BackendProvider {
  /** The name by which the backend is chosen. */
  String id();

  /** The automatic choice takes the usable provider of the highest priority: reference 0, vector 100, cuda 200. */
  int priority();

  /** Whether the backend can run here. Never throws. */
  Probe probe();

  /** Whether the backend can run on a device of this host, by its number. Never throws. */
  default Probe probe(int device) {
    return device == 0 ? probe()
        : Probe.refused("it has no devices by number", "name it " + id(), Map.of());
  }

  /**
   * Makes the backend.
   *
   * @throws IllegalStateException with the probe's reason and remedy if the device wanted is not usable
   */
  Backend create(BackendOptions options);
}
