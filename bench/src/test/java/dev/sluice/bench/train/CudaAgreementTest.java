package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.data.FashionMnist;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A GPU, or the software one, trains as the other backends do: every cell, each way of clipping, step by step. */
@Tag("cuda")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudaAgreementTest {
  private static final double TOLERANCE = 1e-4;
  private static final int IMAGES = 256;
  private static final int BATCH = 64;
  private static final int HIDDEN = 21;

  /** By value, by a hook for each parameter, by norm. */
  private static final List<String> CLIPS = List.of("value:0.003", "range:-0.002,0.003", "norm:0.05");

  @TempDir static Path folder;

  private final Backend cuda = Backends.create("cuda", new BackendOptions(1));
  private final Backend vector = Backends.create("vector", new BackendOptions(1));
  private final Backend reference = Backends.create("reference", new BackendOptions(1));
  private FashionMnist images;

  @BeforeAll
  void makeImages() throws IOException {
    images = Stripes.make(folder, IMAGES, 8);
  }

  @AfterAll
  void closeBackends() {
    cuda.close();
    vector.close();
    reference.close();
  }

  static Stream<Arguments> cellsAndClips() {
    return Stream.of(CellKind.values()).flatMap(cell -> CLIPS.stream().map(clip -> Arguments.of(cell, clip)));
  }

  @ParameterizedTest
  @MethodSource("cellsAndClips")
  void lossesOfEveryStepAgree(CellKind cell, String clip) {
    FashionConfiguration configuration = Settings.of(cell, clip, HIDDEN, BATCH, false);
    List<Double> expected = StepLog.losses(configuration, 1, reference, images);
    assertEquals(IMAGES / BATCH, expected.size());
    assertTrue(expected.getLast() < expected.getFirst() - 100 * TOLERANCE, expected::toString);
    for (Backend backend : List.of(vector, cuda)) {
      List<Double> losses = StepLog.losses(configuration, 1, backend, images);
      assertEquals(expected.size(), losses.size());
      for (int step = 0; step < losses.size(); step++) {
        assertEquals(expected.get(step), losses.get(step), TOLERANCE, backend.id() + ", loss of step " + step);
      }
    }
  }
}
