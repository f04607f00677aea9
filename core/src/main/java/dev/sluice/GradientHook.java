package dev.sluice;

import org.jspecify.annotations.Nullable;

/** Looks at, or replaces, the gradient of one tensor during backward; see {@link Tensor#registerHook}. */
@FunctionalInterface
public interface GradientHook {
  /**
   * Called with the gradient, which must not be changed in place.
   *
   * @return null to leave it, or a tensor of the same shape and backend to go on with in its place
   */
  @Nullable Tensor apply(Tensor gradient);
}
