package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.data.FashionMnist;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.testing.CheckingBackend;
import dev.sluice.testing.CheckingBackend.Check;
import dev.sluice.testing.ChildJvm;
import dev.sluice.testing.Counts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a training step asks of its backend, seen through one that counts and checks. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainingStepTest {
  private static final int STEPS = 4;
  private static final int BATCH = 4;

  /**
   * What a steady step at the default sizes may allocate on the heap: its tensors and nodes, and the few vectors that a
   * rarely taken path boxes. A kernel's loop that boxes makes ten times as much.
   */
  private static final long MOST_BYTES = 1 << 20;

  /** For each cell; the child goes on to the next as soon as a step is within the bound. */
  private static final int SECONDS = 15;

  @TempDir static Path folder;

  private final Backend vector = Backends.create("vector", new BackendOptions(1));
  private FashionMnist images;

  @BeforeAll
  void makeImages() throws IOException {
    images = Stripes.make(folder, STEPS * BATCH, BATCH);
  }

  @AfterAll
  void closeBackend() {
    vector.close();
  }

  static Stream<Arguments> cellsAndClips() {
    return Stream.of(CellKind.values()).flatMap(cell -> Settings.CLIPS.stream().map(clip -> Arguments.of(cell, clip)));
  }

  /**
   * What one step did.
   *
   * @param kernels calls by kernel
   * @param reads copies to the host
   * @param opened buffers allocated less buffers closed
   */
  private record Step(SortedMap<String, Long> kernels, long reads, long opened) {
    static Step take(Counts counts) {
      var step = new Step(counts.byKernel(), counts.reads(), counts.allocations() - counts.closes());
      counts.reset();
      return step;
    }
  }

  private List<Step> steps(FashionConfiguration configuration) {
    var backend = new CheckingBackend(vector);
    return StepLog.of(configuration, 1, backend, images, () -> Step.take(backend.counts())).notes();
  }

  /** All but the first two, which make the gradients, the state of the optimizer and the running norms. */
  private static List<Step> steady(List<Step> steps) {
    assertEquals(STEPS, steps.size());
    return steps.subList(2, steps.size());
  }

  @ParameterizedTest
  @MethodSource("cellsAndClips")
  void callsTheSameKernelsForALongSequenceAsForAShortOne(CellKind cell, String clip) {
    Step rows = steady(steps(Settings.of(cell, clip, 3, BATCH, false))).getFirst();
    Step pixels = steady(steps(Settings.of(cell, clip, 3, BATCH, true))).getFirst();
    assertEquals(rows.kernels(), pixels.kernels());
    assertTrue(rows.kernels().containsKey("optimizer.adam"), rows::toString);
    assertEquals(cell != CellKind.NONE && !cell.isIndependent(),
        rows.kernels().containsKey("recurrent.recurrenceBackward"), rows::toString);
    assertEquals(cell.isIndependent(), rows.kernels().containsKey("indRnn.indRnnBackward"), rows::toString);
  }

  /** An independent recurrence looks at its recurrent weights, to bound them, and normalization counts its batches. */
  @ParameterizedTest
  @MethodSource("cellsAndClips")
  void copiesLittleToTheHostButItsLoss(CellKind cell, String clip) {
    for (Step step : steps(Settings.of(cell, clip, 3, BATCH, false))) {
      assertEquals(cell.isIndependent() ? 3 : 1, step.reads());
    }
  }

  @ParameterizedTest
  @MethodSource("cellsAndClips")
  void closesAsManyBuffersAsItOpens(CellKind cell, String clip) {
    for (Step step : steady(steps(Settings.of(cell, clip, 3, BATCH, false)))) {
      assertEquals(0, step.opened());
    }
  }

  /** Undefined contents are NaN here, closed buffers and changed inputs are refused. */
  @ParameterizedTest
  @MethodSource("cellsAndClips")
  void readsNothingUndefinedAndChangesNoInput(CellKind cell, String clip) {
    FashionConfiguration configuration = Settings.of(cell, clip, 21, BATCH, false);
    List<Double> plain = StepLog.losses(configuration, 1, vector, images);
    assertTrue(plain.stream().allMatch(Double::isFinite), plain::toString);
    var checking = new CheckingBackend(vector, Check.POISON, Check.UNCHANGED);
    assertEquals(plain, StepLog.losses(configuration, 1, checking, images));
  }

  static List<String> attentions() {
    return Settings.ATTENTIONS;
  }

  @ParameterizedTest
  @MethodSource("attentions")
  void everyAttentionCallsTheSameKernelsForALongSequence(AttentionOption attention) {
    Step rows = steady(attending(attention, NetworkKind.RNN, false)).getFirst();
    Step pixels = steady(attending(attention, NetworkKind.RNN, true)).getFirst();
    assertEquals(rows.kernels(), pixels.kernels());
  }

  @ParameterizedTest
  @MethodSource("attentions")
  void everyAttentionCopiesItsLossAloneAndKeepsNoBuffer(AttentionOption attention) {
    for (NetworkKind network : NetworkKind.values()) {
      List<Step> steps = attending(attention, network, false);
      assertTrue(steps.stream().allMatch(step -> step.reads() == 1), steps::toString);
      assertTrue(steady(steps).stream().allMatch(step -> step.opened() == 0), steps::toString);
    }
  }

  private List<Step> attending(AttentionOption attention, NetworkKind network, boolean pixels) {
    CellKind cell = network == NetworkKind.CNN ? CellKind.NONE : CellKind.JANET;
    return steps(Settings.of(cell, network, attention, 3, BATCH, pixels));
  }

  @ParameterizedTest
  @MethodSource("attentions")
  void everyAttentionReadsNothingUndefined(AttentionOption attention) {
    FashionConfiguration configuration = Settings.of(CellKind.JANET, NetworkKind.RNN, attention, 21, BATCH, false);
    List<Double> plain = StepLog.losses(configuration, 1, vector, images);
    assertTrue(plain.stream().allMatch(Double::isFinite), plain::toString);
    var checking = new CheckingBackend(vector, Check.POISON, Check.UNCHANGED);
    assertEquals(plain, StepLog.losses(configuration, 1, checking, images));
  }

  /** In a JVM that waits for its compiler: until C2 has compiled a kernel, vectors are objects on the heap. */
  @Test
  void aSteadyStepAllocatesLittleAtTheDefaultSizes() throws IOException, InterruptedException {
    List<String> flags = new ArrayList<>(ChildJvm.VECTOR_FLAGS);
    flags.add("-Xbatch");
    List<String> lines = ChildJvm.run(flags, AllocationMain.class, folder.toString(),
        Long.toString(MOST_BYTES), Integer.toString(SECONDS)).requireOutput();
    assertEquals(CellKind.values().length, lines.size());
    for (String line : lines) {
      long bytes = Long.parseLong(line.substring(line.indexOf(' ') + 1));
      assertTrue(bytes < MOST_BYTES, line + " bytes, wanted fewer than " + MOST_BYTES);
    }
  }
}
