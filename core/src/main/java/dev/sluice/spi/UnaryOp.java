package dev.sluice.spi;

/**
 * Functions of one element, with up to two parameters {@code a} and {@code b} ({@link UnarySpec#a}, {@link
 * UnarySpec#b}). NaN gives NaN, value and gradient, but for {@code x^0}, which is 1 for every x. The derivative at a
 * kink is stated.
 */
public enum UnaryOp {
  /** {@code a*x + b}. */
  AFFINE,
  /** {@code |x|}; derivative 0 at 0. */
  ABS,
  /** {@code x*x}. */
  SQUARE,
  /** {@code x^a} as {@link Math#pow}; derivative {@code a * x^(a-1)}, and 0 everywhere for a = 0. */
  POWER,
  /** Square root; NaN below 0. */
  SQRT,
  /** {@code 1/x}. */
  RECIPROCAL,
  /** {@code e^x}. */
  EXP,
  /** Natural logarithm; NaN below 0, negative infinity at 0. */
  LOG,
  /** Hyperbolic tangent. */
  TANH,
  /** {@code 1 / (1 + e^-x)}. */
  SIGMOID,
  /** {@code max(x, 0)}; derivative 0 at 0. */
  RELU,
  /** {@code x} above 0, {@code a*x} elsewhere; derivative a at 0. */
  LEAKY_RELU,
  /** {@code x * (1 + erf(x/sqrt(2))) / 2}. */
  GELU,
  /** {@code x * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))) / 2}. */
  GELU_TANH,
  /** {@code log(1 + e^x)}. */
  SOFTPLUS,
  /** {@code min(max(x, a), b)}; derivative 1 from a to b, both included, and 0 elsewhere. */
  CLAMP
}
