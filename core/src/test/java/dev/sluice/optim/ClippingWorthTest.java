package dev.sluice.optim;

import static dev.sluice.autograd.Losses.mseLoss;
import static dev.sluice.autograd.Shaping.select;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Tensor;
import dev.sluice.nn.Linear;
import dev.sluice.nn.recurrent.JANET;
import dev.sluice.nn.recurrent.RecurrentOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What clipping is for. A JANET learns to add 20 numbers of [-1, 1) by plain gradient descent. With beta = 1 it
 * accumulates more than it forgets, so that gradients grow on their way back through time: at this learning rate the
 * first few steps throw the weights so far that they never come back, whatever the seed. The same steps bounded, in any
 * of the three ways, learn the task.
 */
class ClippingWorthTest {
  private static final double LEARNING_RATE = 0.5;
  private static final int TRAINING_STEPS = 300;
  private static final int LENGTH = 20;
  private static final int BATCH = 16;
  private static final int HIDDEN = 16;

  /** Bounds gradients: by a hook set up beforehand, or after each backward. */
  private interface Clipping {
    default void before(List<Tensor> parameters) {}

    default void afterBackward(List<Tensor> parameters) {}
  }

  private static final Clipping NONE = new Clipping() {};

  private static final Clipping VALUE = new Clipping() {
    @Override
    public void afterBackward(List<Tensor> parameters) {
      GradientClipping.clipGradValue(parameters, 0.03);
    }
  };

  private static final Clipping RANGE = new Clipping() {
    @Override
    public void before(List<Tensor> parameters) {
      parameters.forEach(parameter -> GradientClipping.clipGradHook(parameter, -0.025, 0.03));
    }
  };

  private static final Clipping NORM = new Clipping() {
    @Override
    public void afterBackward(List<Tensor> parameters) {
      GradientClipping.clipGradNorm(parameters, 0.3);
    }
  };

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void withoutClippingItDiverges(long seed) {
    assertFalse(Double.isFinite(train(seed, NONE).getLast()), "the loss was still finite");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void clippedByValueItConverges(long seed) {
    assertConverges(train(seed, VALUE));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void clippedByRangeItConverges(long seed) {
    assertConverges(train(seed, RANGE));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void clippedByNormItConverges(long seed) {
    assertConverges(train(seed, NORM));
  }

  private static void assertConverges(List<Double> losses) {
    double start = mean(losses.subList(0, 5));
    double end = mean(losses.subList(losses.size() - 20, losses.size()));
    assertTrue(end < start / 3, "loss from " + start + " to " + end);
  }

  private static double mean(List<Double> losses) {
    return losses.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** The loss of every step. */
  private static List<Double> train(long seed, Clipping clipping) {
    var generator = new Generator(seed);
    var recurrence = new JANET(RecurrentOptions.of(1, HIDDEN), generator);
    var readout = new Linear(HIDDEN, 1, generator);
    List<Tensor> parameters = new ArrayList<>(recurrence.parameters());
    parameters.addAll(readout.parameters());
    clipping.before(parameters);
    var optimizer = new SGD(parameters, LEARNING_RATE);
    var random = new SplittableRandom(seed);
    List<Double> losses = new ArrayList<>();
    for (int step = 0; step < TRAINING_STEPS; step++) {
      float[] numbers = new float[LENGTH * BATCH];
      float[] sums = new float[BATCH];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = (float) random.nextDouble(-1, 1);
        sums[i % BATCH] += numbers[i];
      }
      try (Scope _ = Scope.open()) {
        Tensor hidden = select(recurrence.forward(Tensor.of(numbers, LENGTH, BATCH, 1)).state().hidden(), 0, 0);
        Tensor loss = mseLoss(readout.forward(hidden), Tensor.of(sums, BATCH, 1));
        optimizer.zeroGrad();
        loss.backward();
        clipping.afterBackward(parameters);
        optimizer.step();
        losses.add(loss.item());
      }
    }
    return losses;
  }
}
