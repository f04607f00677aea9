package dev.sluice.backend.vector;

import static dev.sluice.autograd.Losses.crossEntropy;
import static dev.sluice.optim.GradientClipping.clipGradNorm;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Named.named;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Tensor;
import dev.sluice.nn.Linear;
import dev.sluice.nn.attention.Query;
import dev.sluice.nn.attention.Score;
import dev.sluice.nn.attention.SoftAttention;
import dev.sluice.nn.recurrent.JANET;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.RecurrentOptions;
import dev.sluice.optim.Adam;
import dev.sluice.spi.BackendOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A training step inside a scope works in the arrays that the steps before it gave back: it makes no new one. */
class SteadyStepTest {
  private static final int STEPS = 12;
  private static final int LENGTH = 9;
  private static final int BATCH = 6;
  private static final int INPUTS = 5;
  private static final int HIDDEN = 24;
  private static final int CLASSES = 3;

  /** Makes a recurrence. */
  private interface Recurrence extends BiFunction<RecurrentOptions, Generator, Recurrent> {}

  static Stream<Named<Recurrence>> recurrences() {
    return Stream.of(named("LSTM", LSTM::new), named("JANET", JANET::new));
  }

  @ParameterizedTest
  @MethodSource("recurrences")
  void makesNoNewArray(Recurrence recurrence) {
    List<Long> made = new ArrayList<>();
    // One thread: of several, chance says how many borrow workspace at the same time.
    try (var backend = new VectorBackend(new BackendOptions(1))) {
      var generator = new Generator(1);
      RecurrentOptions options = RecurrentOptions.of(INPUTS, HIDDEN).withNumLayers(2).withDropout(0.1);
      Recurrent recurrent = recurrence.apply(options, generator);
      var attention = new SoftAttention(recurrent, Score.ADDITIVE, Query.LAST, generator);
      var classifier = new Linear(2 * HIDDEN, CLASSES, generator);
      List<Tensor> parameters = new ArrayList<>();
      Stream.of(recurrent, attention, classifier).forEach(module -> {
        module.to(backend);
        parameters.addAll(module.parameters());
      });
      var optimizer = new Adam(parameters, 0.01);
      for (int step = 0; step < STEPS; step++) {
        try (Scope _ = Scope.open()) {
          Tensor input = Tensor.of(backend, generator.uniform(LENGTH * BATCH * INPUTS, -1, 1), LENGTH, BATCH, INPUTS);
          Tensor labels = Tensor.of(backend, new int[BATCH], BATCH);
          Tensor loss = crossEntropy(classifier.forward(attention.forward(recurrent.forward(input)).output()), labels);
          optimizer.zeroGrad();
          loss.backward();
          clipGradNorm(parameters, 1);
          optimizer.step();
          loss.item();
        }
        made.add(backend.madeBytes());
      }
    }
    assertTrue(made.getFirst() > 0);
    assertEquals(made.get(1), made.getLast(), made::toString);
  }
}
