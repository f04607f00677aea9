package dev.sluice.conformance;

import dev.sluice.Backends;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;

/**
 * Runs every family's tiny script so many times on the vector backend and prints the bits of the first and of the last
 * result of each; with many runs the last ones are compiled code's.
 */
final class InvarianceMain {
  private static final long SEED = 77;

  private InvarianceMain() {}

  public static void main(String[] arguments) {
    int runs = Integer.parseInt(arguments[0]);
    try (Backend backend = Backends.create("vector", new BackendOptions(1))) {
      for (Family family : Family.values()) {
        Fingerprint last = Fingerprint.of(backend, SEED, family.tiny());
        System.out.println(family + " first " + last);
        for (int run = 1; run < runs; run++) {
          last = Fingerprint.of(backend, SEED, family.tiny());
        }
        System.out.println(family + " last " + last);
      }
    }
  }
}
