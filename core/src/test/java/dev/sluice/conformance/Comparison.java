package dev.sluice.conformance;

import dev.sluice.conformance.Tolerance.Bound;
import dev.sluice.spi.Backend;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Holds a backend to the reference.
 *
 * @param tested the backend under test
 * @param reference the reference, in double
 * @param twin the reference's own source in float
 */
record Comparison(Backend tested, Backend reference, Backend twin) {
  /** Runs a case on all three; what is wrong, if anything is. */
  Optional<String> failure(Case wanted) {
    List<Bench.Result> exact = run(reference, wanted, 0);
    List<Bench.Result> rounded = run(twin, wanted, 0);
    List<Bench.Result> got = run(tested, wanted, 0);
    for (int i = 0; i < got.size(); i++) {
      Optional<String> failure = failure(wanted, i, exact.get(i), rounded.get(i), got.get(i));
      if (failure.isPresent()) {
        return failure.map(what -> wanted + ", " + what);
      }
    }
    return Optional.empty();
  }

  private Optional<String> failure(Case wanted, int result, Bench.Result exact, Bench.Result rounded, Bench.Result got) {
    double[] reference = exact.values();
    String name = exact.name();
    double[] twin = rounded.values();
    if (exact.exact()) {
      int index = Arrays.mismatch(reference, got.values());
      return index < 0 ? Optional.empty()
          : Optional.of(Tolerance.describe(name, index, reference[index], twin[index], got.values()[index], null));
    }
    Bound bound = Bound.of(reference, twin);
    int index = Tolerance.mismatch(reference, twin, got.values(), bound, wanted.special());
    if (index >= 0 && Double.isFinite(got.values()[index]) && reference.length < Tolerance.FEW_ELEMENTS) {
      bound = overDraws(wanted, result, bound);
      index = Tolerance.mismatch(reference, twin, got.values(), bound, wanted.special());
    }
    return index < 0 ? Optional.empty()
        : Optional.of(Tolerance.describe(name, index, reference[index], twin[index], got.values()[index], bound));
  }

  /** The error of float over several draws of the same case. */
  private Bound overDraws(Case wanted, int result, Bound first) {
    Bound bound = first;
    for (int draw = 1; draw < Tolerance.DRAWS; draw++) {
      double[] exact = run(reference, wanted, draw).get(result).values();
      double[] rounded = run(twin, wanted, draw).get(result).values();
      bound = bound.max(Bound.of(exact, rounded));
    }
    return bound;
  }

  private static List<Bench.Result> run(Backend backend, Case wanted, int draw) {
    try (Bench bench = new Bench(backend, wanted.seed() + draw, wanted.special())) {
      wanted.script().run(bench);
      return bench.results();
    }
  }
}
