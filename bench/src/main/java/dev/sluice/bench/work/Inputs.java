package dev.sluice.bench.work;

import java.util.SplittableRandom;

/** The numbers that a work is done on: the same for every performer, drawn from the names of work and argument. */
public final class Inputs {
  private final String work;

  /** The inputs of a work. */
  public Inputs(Work work) {
    this.work = work.name();
  }

  /**
   * Numbers for an argument, uniform in [-bound, bound).
   *
   * @param argument its name, such as {@code query}
   * @param size how many
   * @param bound the bound, positive
   */
  public float[] uniform(String argument, int size, double bound) {
    var random = random(argument);
    var values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }

  /**
   * Indices for an argument, uniform in [0, bound).
   *
   * @param argument its name, such as {@code tokens}
   * @param size how many
   * @param bound the bound, positive
   */
  public int[] indices(String argument, int size, int bound) {
    return random(argument).ints(size, 0, bound).toArray();
  }

  private SplittableRandom random(String argument) {
    return new SplittableRandom(31L * work.hashCode() + argument.hashCode());
  }
}
