package dev.sluice.bench.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.bench.train.FashionData;
import dev.sluice.bench.work.Job;
import dev.sluice.bench.work.Pass;
import dev.sluice.bench.work.Performer;
import dev.sluice.bench.work.Work;
import dev.sluice.bench.work.sluice.SluicePerformer;
import dev.sluice.spi.Backend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A peer does every work, with Sluice's results, again and again. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Agreement {
  private static final double TOLERANCE = 1e-4;

  private final Performer peer;
  private final Backend selected = Backends.selected();

  Agreement(Performer peer) {
    this.peer = peer;
  }

  @BeforeAll
  void fetch() throws IOException, InterruptedException {
    FashionData.fetchIfMissing();
  }

  /** Sluice's performer selects backends and closes them. */
  @AfterAll
  void selectAgain() {
    Backends.select(selected);
  }

  /** Of every kind, with every pass; sizes that no width of a vector divides. */
  static Stream<Work> works() {
    var works = new ArrayList<Work>();
    works.add(new Work.Gemm(5, 7, 19));
    works.add(new Work.Softmax(Pass.FORWARD, 3, 19));
    works.add(new Work.Softmax(Pass.BACKWARD, 3, 19));
    for (Pass pass : List.of(Pass.FORWARD, Pass.FORWARD_BACKWARD)) {
      works.add(new Work.Attention(pass, 2, 3, 21, 5, false));
      works.add(new Work.Attention(pass, 2, 3, 21, 5, true));
      works.add(new Work.Attention(pass, 2, 3, 1, 21, 5, false));
      for (Work.Cell cell : Work.Cell.values()) {
        works.add(new Work.Recurrent(cell, pass, 4, 3, 5, 7));
      }
      works.add(new Work.LayerNorm(pass, 2, 3, 19));
    }
    works.add(new Work.IndRnn(6, 3, 5));
    works.add(new Work.ClipByNorm(3, 5));
    works.add(new Work.AdamStep(3, 5));
    works.add(new Work.CrossEntropy(4, 21));
    works.add(new Work.EmbeddingGradient(9, 6, 5));
    works.add(new Work.Epoch(70));
    return works.stream();
  }

  @ParameterizedTest
  @MethodSource("works")
  void agreesWithSluice(Work work) {
    assertTrue(peer.can(work));
    try (Job own = new SluicePerformer().prepare(work, 1);
        Job other = peer.prepare(work, 1)) {
      List<Job.Result> expected = own.results();
      List<Job.Result> actual = other.results();
      assertEquals(expected.stream().map(Job.Result::name).toList(), actual.stream().map(Job.Result::name).toList());
      for (int i = 0; i < expected.size(); i++) {
        assertClose(expected.get(i), actual.get(i).values());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("works")
  void runsLeaveNothingBehind(Work work) {
    try (Job job = peer.prepare(work, 1)) {
      List<Job.Result> first = job.results();
      for (int i = 0; i < 3; i++) {
        job.run();
      }
      List<Job.Result> again = job.results();
      for (int i = 0; i < first.size(); i++) {
        assertArrayEquals(first.get(i).values(), again.get(i).values(), first.get(i).name());
      }
    }
  }

  private static void assertClose(Job.Result expected, float[] actual) {
    double largest = 0;
    for (float value : expected.values()) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest > 0, expected.name() + " is all 0, which any result would be close to");
    assertArrayEquals(expected.values(), actual, (float) (TOLERANCE * largest), expected.name());
  }
}
