package dev.sluice.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.Backends;
import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Losses;
import dev.sluice.nn.attention.Query;
import dev.sluice.nn.attention.Score;
import dev.sluice.nn.attention.SoftAttention;
import dev.sluice.nn.recurrent.JANET;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.RecurrentOptions;
import dev.sluice.optim.AdamW;
import dev.sluice.optim.GradientClipping;
import dev.sluice.optim.Optimizer;
import dev.sluice.spi.BackendOptions;
import dev.sluice.testing.CheckingBackend;
import dev.sluice.testing.Counts;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a whole training step asks of a backend: as many kernels whatever the length, and nothing back. */
class TrainingStepTest {
  static Stream<Arguments> models() {
    return Stream.of("LSTM", "JANET")
        .flatMap(name -> Stream.of(Score.values()).map(score -> Arguments.of(name, score)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void theNumberOfKernelsDoesNotDependOnTheLengthAndNothingIsReadBack(String name, Score score) {
    Counts short28 = secondStep(name, score, 28);
    Counts long784 = secondStep(name, score, 784);
    assertEquals(short28.byKernel(), long784.byKernel());
    assertEquals(0, long784.reads());
    Map<String, Long> calls = long784.byKernel();
    assertEquals(2, calls.get("recurrent.recurrence"), "one call per layer");
    assertEquals(2, calls.get("recurrent.recurrenceBackward"));
    assertEquals(1, calls.get("clipping.norm"));
    assertEquals(1, calls.get("clipping.scaleToNorm"));
    assertEquals(1, calls.get("optimizer.adam"));
    boolean product = score != Score.ADDITIVE;
    assertEquals(product ? 1 : 0, calls.getOrDefault("attention.attention", 0L), "a product is one kernel");
    assertEquals(product ? 0 : 1, calls.getOrDefault("softmax.softmax", 0L));
  }

  private static Counts secondStep(String name, Score score, int steps) {
    var backend = new CheckingBackend(Backends.create("reference", BackendOptions.defaults()));
    var options = RecurrentOptions.of(1, 4).withNumLayers(2).withBatchFirst(true);
    Recurrent recurrent =
        name.equals("LSTM") ? new LSTM(options, new Generator(1)) : new JANET(options, new Generator(1));
    var attention = new SoftAttention(recurrent, score, Query.LAST, new Generator(2));
    var head = new Linear(8, 3, new Generator(3));
    var model = new Module() {
      {
        register("recurrent", recurrent);
        register("attention", attention);
        register("head", head);
      }
    };
    model.to(backend);
    Optimizer optimizer = new AdamW(model.parameters(), 1e-3);
    Tensor input = Tensor.full(backend, Shape.of(2, steps, 1), 0.5);
    Tensor labels = Tensor.of(backend, new int[] {0, 2}, 2);
    for (int step = 0; step < 2; step++) {
      backend.counts().reset();
      try (Scope _ = Scope.open()) {
        optimizer.zeroGrad();
        Tensor logits = head.forward(attention.forward(recurrent.forward(input)).output());
        Losses.crossEntropy(logits, labels).backward();
        GradientClipping.clipGradNorm(model.parameters(), 1);
        optimizer.step();
      }
    }
    return backend.counts();
  }
}
