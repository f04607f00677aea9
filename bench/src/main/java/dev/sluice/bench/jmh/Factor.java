package dev.sluice.bench.jmh;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Locale;

/**
 * How many times as fast as the reference a kernel is: a line of the table and an object of the JSON.
 *
 * @param kernel its name
 * @param vectorMicros the vector backend's time of one call
 * @param referenceMicros the reference's
 * @param factor the latter over the former
 */
record Factor(String kernel, double vectorMicros, double referenceMicros, double factor) {
  static Factor of(Kernel kernel, double vectorMicros, double referenceMicros) {
    return new Factor(kernel.name(), vectorMicros, referenceMicros, referenceMicros / vectorMicros);
  }

  /** Whether the vector backend is as fast as is wanted. */
  @JsonIgnore
  boolean isEnough() {
    return factor >= Kernel.LEAST_FACTOR;
  }

  /** A line for people. */
  String line() {
    return String.format(Locale.ROOT, "%-44s %11.1f %11.1f %7.1f", kernel, vectorMicros, referenceMicros, factor);
  }
}
