package dev.sluice.spi;

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

  /**
   * Makes the backend.
   *
   * @throws IllegalStateException with the probe's reason and remedy if it is not usable
   */
  Backend create(BackendOptions options);
}
