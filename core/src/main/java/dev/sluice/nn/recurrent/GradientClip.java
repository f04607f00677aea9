package dev.sluice.nn.recurrent;

import dev.sluice.checks.Arguments;

/**
 * Bounds on each element of what a backward contributes to a parameter's gradient, before it is accumulated: the sum of
 * two backwards may reach twice the bounds.
 *
 * @param min the least value
 * @param max the largest value, not below the least
 */
public record GradientClip(double min, double max) {
  public GradientClip {
    Arguments.require(min <= max, "gradientClip", "bounds are " + min + " and " + max, "min <= max");
  }

  /** Within -limit and limit; more than 0. */
  public static GradientClip of(double limit) {
    Arguments.require(limit > 0, "gradientClip", "limit is " + limit, "more than 0");
    return new GradientClip(-limit, limit);
  }
}
