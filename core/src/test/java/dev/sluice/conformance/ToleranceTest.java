package dev.sluice.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.backend.reference.ReferenceBackend;
import dev.sluice.backend.referencefloat.FloatReferenceBackend;
import dev.sluice.conformance.Tolerance.Bound;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.FillSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The suite sees what it must see: wrong values, wrong NaN and infinities, too little and too much written. */
class ToleranceTest {
  private static final double INFINITY = Double.POSITIVE_INFINITY;
  private static final Comparison COMPARISON =
      new Comparison(new FloatReferenceBackend(), new ReferenceBackend(), new FloatReferenceBackend());

  @Test
  void allowsTwiceTheErrorOfFloatAndFourUlp() {
    Bound bound = Bound.of(new double[] {1, -3, 2}, new double[] {1.5, -3, 2});
    assertEquals(new Bound(0.5, 3), bound);
    assertEquals(1 + 4 * Math.ulp(3f), bound.value());
  }

  @Test
  void refusesWhatLiesBeyondTheBound() {
    double edge = 1 + 4 * Math.ulp(1f);
    assertEquals(-1, mismatch(1, 1, edge, false));
    assertEquals(0, mismatch(1, 1, Math.nextUp(edge), false));
  }

  @Test
  void refusesAWrongNaNOrInfinity() {
    assertEquals(-1, mismatch(Double.NaN, Double.NaN, Double.NaN, false));
    assertEquals(0, mismatch(Double.NaN, Double.NaN, 0, true));
    assertEquals(0, mismatch(1, 1, Double.NaN, true));
    assertEquals(0, mismatch(1, 1, INFINITY, true));
    assertEquals(-1, mismatch(INFINITY, INFINITY, INFINITY, false));
    assertEquals(0, mismatch(INFINITY, INFINITY, -INFINITY, true));
    assertEquals(0, mismatch(INFINITY, INFINITY, Float.MAX_VALUE, true));
  }

  @Test
  void wantsTheInfinityThatTheReferenceRoundsTo() {
    assertEquals(-1, mismatch(1e60, INFINITY, INFINITY, false));
    assertEquals(0, mismatch(1e60, INFINITY, Float.MAX_VALUE, false));
  }

  @Test
  void comparesNothingWhereFloatOverflowsOnTheWayButInSpecialCasesAlone() {
    assertEquals(-1, mismatch(1, INFINITY, Double.NaN, true));
    assertEquals(0, mismatch(1, INFINITY, Double.NaN, false));
  }

  @Test
  void aComparisonSeesAWrongElement() {
    assertSees("y[4]: got", (bench, own) -> {
      double[] x = bench.draw(9);
      x[4] += own ? 0.01 : 0;
      bench.backend().elementwise().unary(UnarySpec.of(UnaryOp.TANH, 9), bench.input(x), bench.output("y", 9));
    });
  }

  @Test
  void aComparisonSeesTooMuchOrTooLittleWritten() {
    assertSees("y[9]: got 2.0, wanted NaN", (bench, own) -> fill(bench, own ? 10 : 9));
    assertSees("y[8]: got NaN, wanted 2.0", (bench, own) -> fill(bench, own ? 8 : 9));
  }

  @Test
  void aComparisonSeesAWrongIndex() {
    assertSees("indices[1]: got 6.0, wanted 5.0 exactly", (bench, own) -> {
      Buffer indices = bench.indices("indices", 2);
      bench.backend().write(new int[] {4, own ? 6 : 5}, 0, indices, 0, 2);
    });
  }

  @Test
  void aComparisonOfTheSamePasses() {
    assertEquals(Optional.empty(), COMPARISON.failure(Case.of("memory", "fill", "9", bench -> fill(bench, 9))));
  }

  private interface TwoFaced {
    void run(Bench bench, boolean own);
  }

  /**
   * Fails unless a script that does otherwise on the backend under test is found out. Every third bench is that
   * backend's.
   */
  private static void assertSees(String message, TwoFaced script) {
    int[] runs = new int[1];
    Optional<String> failure =
        COMPARISON.failure(Case.of("family", "group", "name", bench -> script.run(bench, ++runs[0] % 3 == 0)));
    assertTrue(failure.orElse("nothing seen").startsWith("family, group, name, " + message), failure::toString);
  }

  private static void fill(Bench bench, int length) {
    bench.backend().memory().fill(new FillSpec(ElementType.REAL, length, 2), bench.output("y", 9));
  }

  private static int mismatch(double reference, double twin, double got, boolean special) {
    double[] exact = {reference};
    double[] rounded = {twin};
    return Tolerance.mismatch(exact, rounded, new double[] {got}, Bound.of(exact, rounded), special);
  }
}
