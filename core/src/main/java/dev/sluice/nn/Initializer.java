package dev.sluice.nn;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;

/** Overwrites a tensor by initial values; {@link Init} has the functions that such a thing is made of. */
@FunctionalInterface
public interface Initializer {
  /** Overwrites the tensor in place and returns it. */
  Tensor initialize(Tensor tensor, Generator generator);

  /** Every element the same number. */
  static Initializer constant(double value) {
    return (tensor, _) -> Init.constant(tensor, value);
  }

  /** Uniform in [lower, upper). */
  static Initializer uniform(double lower, double upper) {
    Arguments.require(lower <= upper, "uniform", "bounds are " + lower + " and " + upper, "lower <= upper");
    return (tensor, generator) -> Init.uniform(tensor, lower, upper, generator);
  }

  /** Normal. */
  static Initializer normal(double mean, double standardDeviation) {
    Arguments.require(standardDeviation >= 0, "normal", "standardDeviation is " + standardDeviation, "0 or more");
    return (tensor, generator) -> Init.normal(tensor, mean, standardDeviation, generator);
  }
}
