package dev.sluice.conformance;

import dev.sluice.spi.Backend;
import java.util.Arrays;
import java.util.List;

/**
 * The bits of a script's results.
 *
 * @param hashes a hash of each result, after its name
 */
record Fingerprint(List<String> hashes) {
  static Fingerprint of(Backend backend, long seed, Script script) {
    try (Bench bench = new Bench(backend, seed, false)) {
      script.run(bench);
      return new Fingerprint(bench.results().stream()
          .map(result -> result.name() + " " + Integer.toHexString(Arrays.hashCode(result.values())))
          .toList());
    }
  }
}
