package dev.sluice.bench.work.sluice;

import dev.sluice.Tensor;
import java.util.List;

/** Does a work once, inside a scope that someone else opens. */
@FunctionalInterface
interface Step {
  /** A result that is still where it was computed. */
  record Output(String name, Tensor tensor) {}

  /** Does the work, and says where the results are. */
  List<Output> run();

  /** The same as a first time, for a work whose runs go on from one another. */
  default List<Output> first() {
    return run();
  }
}
