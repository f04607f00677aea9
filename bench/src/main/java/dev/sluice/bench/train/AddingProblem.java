package dev.sluice.bench.train;

import dev.sluice.Generator;
import java.util.Iterator;
import java.util.stream.Stream;

/**
 * Where the sequences of the adding problem come from. Training never sees one twice; the test's are the same whatever
 * the seed, so that test losses compare.
 *
 * @param steps length of a sequence
 * @param batch sequences in a batch
 */
record AddingProblem(int steps, int batch) {
  /** How many sequences the test has. */
  static final int TEST_SEQUENCES = 1000;

  /** Far from where the initial values of a seed are drawn, and from one another. */
  private static final long TRAINING_OFFSET = 1L << 40;
  private static final long TEST_OFFSET = 1L << 41;

  /** The batches that a seed trains with, without end. */
  Iterator<AddingSequences> training(long seed) {
    var generator = new Generator(seed, TRAINING_OFFSET);
    return Stream.generate(() -> AddingSequences.draw(batch, steps, generator)).iterator();
  }

  /** The batches of the test; the last one holds what is left. */
  Iterator<AddingSequences> test() {
    var generator = new Generator(0, TEST_OFFSET);
    return Stream.iterate(0, done -> done < TEST_SEQUENCES, done -> done + batch)
        .map(done -> AddingSequences.draw(Math.min(batch, TEST_SEQUENCES - done), steps, generator))
        .iterator();
  }
}
