package dev.sluice.conformance;

import org.jspecify.annotations.Nullable;

/**
 * How close a backend must come to the reference: the one place that says so.
 *
 * <p>An element may differ from the reference by {@value #TWIN} times the error of the reference's own source run in
 * float (its largest error over the result) plus {@value #ULPS} ulp of the result's largest magnitude in float. NaN
 * must be NaN, and an infinity the same infinity; the sign of zero is not compared. A reference beyond float's range
 * must be the infinity that it rounds to. Where float overflows on the way in the reference's own formula, so that it
 * disagrees with the double about being finite or about which infinity, the element says nothing about the backend;
 * only cases of special values may have such elements.
 */
final class Tolerance {
  static final double TWIN = 2;
  static final double ULPS = 4;

  /**
   * One draw of the inputs may estimate the error of float poorly: where a result fails, the verdict is given over so
   * many draws, with the largest error of float, and the largest magnitude, of all of them for each.
   *
   * <p>For a result of few elements even that is an estimate. A gradient {@code p (dP - sum p dP)} of attention whose
   * row has one weight near 1 is a difference of nearly equal numbers, with an error that has nothing to do with its
   * size, and now and then one backend's is large where the other's is small. Over 2484 results of hard attention by a
   * predicate, of 3 queries of width 7 and with dropout, 10 of the vector backend lay beyond the bound of 16 draws, 17
   * of the reference in float beyond the bound that the vector backend's errors would make, while the errors themselves
   * were 5 to 8 % less than the reference's in float.
   */
  static final int DRAWS = 16;

  private Tolerance() {}

  /**
   * What a result is held to.
   *
   * @param twinError largest error of the reference in float
   * @param largest largest magnitude of the result
   */
  record Bound(double twinError, double largest) {
    static Bound of(double[] reference, double[] twin) {
      double error = 0;
      double largest = 0;
      for (int i = 0; i < reference.length; i++) {
        if (Float.isFinite((float) reference[i])) {
          largest = Math.max(largest, Math.abs(reference[i]));
          if (Float.isFinite((float) twin[i])) {
            error = Math.max(error, Math.abs(twin[i] - reference[i]));
          }
        }
      }
      return new Bound(error, largest);
    }

    Bound max(Bound other) {
      return new Bound(Math.max(twinError, other.twinError), Math.max(largest, other.largest));
    }

    double value() {
      return TWIN * twinError + ULPS * Math.ulp((float) largest);
    }
  }

  /** The first element that is wrong, or -1. */
  static int mismatch(double[] reference, double[] twin, double[] got, Bound bound, boolean special) {
    double limit = bound.value();
    for (int i = 0; i < reference.length; i++) {
      if (!agrees(reference[i], twin[i], got[i], limit, special)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean agrees(double reference, double twin, double got, double limit, boolean special) {
    if (Double.isNaN(reference)) {
      return Double.isNaN(got);
    }
    float wanted = (float) reference;
    boolean comparable = Float.isFinite(wanted) ? Double.isFinite(twin) : twin == wanted;
    if (special && !comparable) {
      return true;
    }
    return Float.isFinite(wanted) ? Math.abs(got - reference) <= limit : got == wanted;
  }

  /** A sentence about a wrong element. */
  static String describe(String name, int index, double reference, double twin, double got, @Nullable Bound bound) {
    return name + "[" + index + "]: got " + got + ", wanted " + reference
        + (bound == null ? " exactly" : " within " + bound.value() + " (off by " + Math.abs(got - reference)
        + "; in float "
            + twin + ", largest error " + bound.twinError() + "; largest magnitude " + bound.largest() + ")");
  }
}
