package dev.sluice.optim;

/** The norm of the gradients is infinite or NaN, and the caller asked to be told; the gradients are as they were. */
public final class NonFiniteNormException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final double norm;

  NonFiniteNormException(String operation, double p, double norm) {
    super(operation + ": the total norm of order " + p + " is " + norm
        + ", wanted a finite one; no gradient was scaled");
    this.norm = norm;
  }

  /** What the norm is. */
  public double norm() {
    return norm;
  }
}
