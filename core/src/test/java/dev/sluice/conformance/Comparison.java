package dev.sluice.conformance;

import dev.sluice.conformance.Tolerance.Bound;
import dev.sluice.spi.Backend;
import java.util.ArrayList;
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
  /** What the three made of one draw of a case, result by result. */
  private record Runs(List<Bench.Result> reference, List<Bench.Result> twin, List<Bench.Result> tested) {
    String name(int result) {
      return reference.get(result).name();
    }

    Bound bound(int result) {
      return Bound.of(reference.get(result).values(), twin.get(result).values());
    }

    /** What is wrong with a result, if anything is. */
    Optional<String> failure(int result, Bound bound, boolean special) {
      double[] wanted = reference.get(result).values();
      double[] rounded = twin.get(result).values();
      double[] got = tested.get(result).values();
      boolean exact = reference.get(result).exact();
      int index = exact ? Arrays.mismatch(wanted, got) : Tolerance.mismatch(wanted, rounded, got, bound, special);
      return index < 0 ? Optional.empty()
          : Optional.of(Tolerance.describe(name(result), index, wanted[index], rounded[index], got[index],
              exact ? null : bound));
    }
  }

  /** Runs a case on all three; what is wrong, if anything is. */
  Optional<String> failure(Case wanted) {
    Runs runs = run(wanted, 0);
    for (int result = 0; result < runs.tested().size(); result++) {
      int compared = result;
      Optional<String> failure = runs.failure(result, runs.bound(result), wanted.special())
          .flatMap(first -> overDraws(wanted, runs, compared));
      if (failure.isPresent()) {
        return failure.map(what -> wanted + ", " + what);
      }
    }
    return Optional.empty();
  }

  /** The verdict on a result over several draws: each must lie within the bound that follows from all. */
  private Optional<String> overDraws(Case wanted, Runs first, int result) {
    List<Runs> draws = new ArrayList<>(List.of(first));
    for (int draw = 1; draw < Tolerance.DRAWS; draw++) {
      draws.add(run(wanted, draw));
    }
    Bound bound = draws.stream().map(runs -> runs.bound(result)).reduce(Bound::max).orElseThrow();
    return draws.stream().flatMap(runs -> runs.failure(result, bound, wanted.special()).stream()).findFirst();
  }

  private Runs run(Case wanted, int draw) {
    return new Runs(run(reference, wanted, draw), run(twin, wanted, draw), run(tested, wanted, draw));
  }

  private static List<Bench.Result> run(Backend backend, Case wanted, int draw) {
    try (Bench bench = new Bench(backend, wanted.seed() + draw, wanted.special())) {
      wanted.script().run(bench);
      return bench.results();
    }
  }
}
