package dev.sluice.backend.reference;

import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.BackendProvider;
import dev.sluice.spi.Probe;
import java.util.Map;

/** Offers the reference backend, which runs on every JVM. */
public final class ReferenceProvider implements BackendProvider {
  /** For {@link java.util.ServiceLoader}. */
  public ReferenceProvider() {}

  @Override
  public String id() {
    return ReferenceBackend.ID;
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Probe probe() {
    return Probe.usable("plain loops in double run on every JVM", Map.of("threads", "1"));
  }

  /** Makes the backend; it computes in the calling thread, whatever the options say. */
  @Override
  public Backend create(BackendOptions options) {
    return new ReferenceBackend();
  }
}
