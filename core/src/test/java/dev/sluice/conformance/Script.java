package dev.sluice.conformance;

/**
 * What a case does: draws inputs, allocates outputs and calls kernels, all through the bench, so that it runs alike on
 * any backend.
 */
@FunctionalInterface
interface Script {
  void run(Bench bench);
}
