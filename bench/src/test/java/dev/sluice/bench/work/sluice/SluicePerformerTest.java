package dev.sluice.bench.work.sluice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.bench.train.Stripes;
import dev.sluice.bench.work.Inputs;
import dev.sluice.bench.work.Job;
import dev.sluice.bench.work.Job.Result;
import dev.sluice.bench.work.Pass;
import dev.sluice.bench.work.Work;
import dev.sluice.data.LabelledImages;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of work at a tiny size, on both backends. */
class SluicePerformerTest {
  private static final double TOLERANCE = 1e-5;

  static Stream<Work> works() {
    return Stream.of(new Work.Gemm(3, 4, 5), new Work.Softmax(Pass.FORWARD, 3, 5),
        new Work.Softmax(Pass.BACKWARD, 3, 5), new Work.Attention(Pass.FORWARD, 2, 2, 5, 4, false),
        new Work.Attention(Pass.FORWARD_BACKWARD, 2, 2, 5, 4, true),
        new Work.Recurrent(Work.Cell.LSTM, Pass.FORWARD, 3, 2, 4, 5),
        new Work.Recurrent(Work.Cell.LSTM, Pass.FORWARD_BACKWARD, 3, 2, 4, 5),
        new Work.Recurrent(Work.Cell.GRU, Pass.FORWARD_BACKWARD, 3, 2, 4, 5),
        new Work.Recurrent(Work.Cell.JANET, Pass.FORWARD_BACKWARD, 3, 2, 4, 5), new Work.IndRnn(4, 2, 3),
        new Work.ClipByNorm(3, 4), new Work.AdamStep(3, 4), new Work.LayerNorm(Pass.FORWARD, 2, 3, 4),
        new Work.LayerNorm(Pass.FORWARD_BACKWARD, 2, 3, 4), new Work.CrossEntropy(3, 7),
        new Work.EmbeddingGradient(6, 4, 3));
  }

  @ParameterizedTest
  @MethodSource("works")
  void bothBackendsGiveTheSameResults(Work work) {
    try (Job vector = new SluicePerformer().prepare(work, 2);
        Job reference = new SluicePerformer("reference").prepare(work, 1)) {
      assertSame(reference.results(), vector.results());
    }
  }

  @ParameterizedTest
  @MethodSource("works")
  void aRunLeavesNothingBehind(Work work) {
    try (Job job = new SluicePerformer().prepare(work, 1)) {
      List<Result> before = job.results();
      for (int run = 0; run < Work.ClipByNorm.HALVINGS + 2; run++) {
        job.run();
      }
      assertSame(before, job.results());
    }
  }

  @Test
  void backwardHandsOutTheGradientOfEveryLeaf() {
    var work = new Work.Recurrent(Work.Cell.GRU, Pass.FORWARD_BACKWARD, 3, 2, 4, 5);
    try (Job job = new SluicePerformer().prepare(work, 1)) {
      assertEquals(
          List.of("output 30", "gradient of input 24", "gradient of weight_ih_l0 60", "gradient of weight_hh_l0 75",
              "gradient of bias_ih_l0 15", "gradient of bias_hh_l0 15"),
          job.results().stream().map(result -> result.name() + " " + result.values().length).toList());
    }
  }

  @Test
  void clippingHalvesTheNorm() {
    try (Job job = new SluicePerformer().prepare(new Work.ClipByNorm(1, 4), 1)) {
      List<Result> results = job.results();
      double squares = 0;
      for (float value : results.getLast().values()) {
        squares += value * value;
      }
      assertEquals(0.5, Math.sqrt(squares) / results.getFirst().values()[0], 1e-5);
    }
  }

  @Test
  void theSelectedBackendIsSelectedAgainAfterTheJob() {
    Backend before = Backends.selected();
    new SluicePerformer().prepare(new Work.Gemm(2, 3, 4), 1).close();
    assertEquals(before, Backends.selected());
  }

  @Test
  void anEpochLearnsFromTheSameWeightsEachTime(@TempDir Path folder) throws IOException {
    LabelledImages images = Stripes.make(folder, 700, 1).train();
    var work = new Work.Epoch(700);
    try (var backend = Backends.create("vector", new BackendOptions(1))) {
      Step epoch = Epochs.of(work, images, new Arguments(backend, new Inputs(work)));
      var job = new StepJob(backend, Backends.selected(), epoch);
      float[] losses = job.results().getFirst().values();
      assertEquals(Work.Epoch.COMPARED, losses.length);
      assertEquals(Math.log(10), losses[0], 0.1);
      assertTrue(losses[9] < losses[0]);
      job.run();
      assertArrayEquals(losses, job.results().getFirst().values());
    }
  }

  private static void assertSame(List<Result> expected, List<Result> actual) {
    assertEquals(expected.stream().map(Result::name).toList(), actual.stream().map(Result::name).toList());
    for (int i = 0; i < expected.size(); i++) {
      float[] values = expected.get(i).values();
      float[] others = actual.get(i).values();
      assertEquals(values.length, others.length);
      for (int e = 0; e < values.length; e++) {
        assertEquals(values[e], others[e], TOLERANCE, expected.get(i).name());
      }
    }
  }
}
