package dev.sluice.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.Backends;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same call gives the same bits: run after run, and for any number of threads, at sizes that make several chunks of
 * work.
 */
@Tag("conformance")
class DeterminismTest {
  private static final long SEED = 31;

  @ParameterizedTest
  @EnumSource
  void theSameBitsForAnyNumberOfThreads(Family family) {
    Fingerprint once = fingerprint(family, 1);
    for (int threads : new int[] {1, 2, 5}) {
      assertEquals(once, fingerprint(family, threads), family + " with " + threads + " threads");
    }
  }

  private static Fingerprint fingerprint(Family family, int threads) {
    Setting setting = Setting.current();
    // The reference knows no chunks: there the small sizes tell as much.
    Script script = setting.runsReference() ? family.tiny() : family.large();
    try (Backend backend = Backends.create(setting.backend(), new BackendOptions(threads))) {
      return Fingerprint.of(backend, SEED, script);
    }
  }
}
