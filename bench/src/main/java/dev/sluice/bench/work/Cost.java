package dev.sluice.bench.work;

/**
 * What a work needs at least, however it is done: every operand read once, every result written once.
 *
 * @param operations floating-point operations, a fused multiply-add counting as two
 * @param exps exponentials
 * @param sigmoids logistic functions
 * @param tanhs hyperbolic tangents
 * @param bytes bytes read and written
 */
public record Cost(double operations, double exps, double sigmoids, double tanhs, double bytes) {
  /** A cost without transcendental functions. */
  static Cost of(double operations, double bytes) {
    return new Cost(operations, 0, 0, 0, bytes);
  }

  /** This cost and another's. */
  Cost plus(Cost other) {
    return new Cost(
        operations + other.operations,
        exps + other.exps,
        sigmoids + other.sigmoids,
        tanhs + other.tanhs,
        bytes + other.bytes);
  }

  /** This cost, several times over. */
  Cost times(double count) {
    return new Cost(operations * count, exps * count, sigmoids * count, tanhs * count, bytes * count);
  }
}
