package dev.sluice.bench.train;

import static dev.sluice.bench.train.Configuration.positive;
import static dev.sluice.bench.train.Configuration.positiveNumber;
import static dev.sluice.bench.train.Configuration.require;

/**
 * What is trained on the adding problem and how.
 *
 * @param cell the recurrence
 * @param steps length of a sequence, at least 2
 * @param hidden width of the recurrence, at least 1
 * @param layers recurrent layers on top of each other, at least 1
 * @param clip how gradients are clipped
 * @param batch sequences in an iteration, at least 1
 * @param learningRate of Adam, above 0
 * @param iterations the most that are made, at least 1
 * @param evaluateEvery iterations between two looks at the test loss, at least 1
 * @param target the test loss that ends the training, above 0
 */
public record AddingConfiguration(
    CellKind cell,
    int steps,
    int hidden,
    int layers,
    ClipOption clip,
    int batch,
    double learningRate,
    int iterations,
    int evaluateEvery,
    double target)
    implements Configuration {
  /** The task's name. */
  static final String TASK = "adding";

  public AddingConfiguration {
    require(cell != CellKind.NONE, "--cell is none, wanted a recurrence: attention alone is no part of this task");
    require(steps >= 2, "--steps is " + steps + ", wanted 2 or more");
    positive("--hidden", hidden);
    positive("--layers", layers);
    positive("--batch", batch);
    require((long) batch * steps * AddingSequences.WIDTH <= Integer.MAX_VALUE, "--batch is " + batch + " with --steps "
        + steps + ", wanted at most " + Integer.MAX_VALUE + " numbers in an iteration");
    positiveNumber("--lr", learningRate);
    positive("--iterations", iterations);
    positive("--evaluate-every", evaluateEvery);
    positiveNumber("--target", target);
  }

  @Override
  public String task() {
    return TASK;
  }
}
