package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.data.FashionMnist;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The two backends train alike: from the same seed, step by step over 256 images. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgreementTest {
  private static final double TOLERANCE = 1e-4;
  private static final int IMAGES = 256;
  private static final int BATCH = 32;

  @TempDir static Path folder;

  private final Backend vector = Backends.create("vector", new BackendOptions(1));
  private final Backend reference = Backends.create("reference", new BackendOptions(1));
  private FashionMnist images;

  @BeforeAll
  void makeImages() throws IOException {
    images = Stripes.make(folder, IMAGES, 8);
  }

  @AfterAll
  void closeBackends() {
    vector.close();
    reference.close();
  }

  static Stream<Arguments> cellsAndClips() {
    return TrainingStepTest.cellsAndClips();
  }

  @ParameterizedTest
  @MethodSource("cellsAndClips")
  void lossesOfEveryStepAgree(CellKind cell, String clip) {
    assertLearns(agreedLosses(Settings.of(cell, clip, 21, BATCH, false)));
  }

  static List<String> attentions() {
    return Settings.ATTENTIONS;
  }

  @ParameterizedTest
  @MethodSource("attentions")
  void lossesOfEveryAttentionAgree(AttentionOption attention) {
    assertLearns(agreedLosses(Settings.of(CellKind.JANET, NetworkKind.RNN, attention, 21, BATCH, false)));
    agreedLosses(Settings.of(CellKind.NONE, NetworkKind.CNN, attention, 12, BATCH, false));
  }

  /** The loss of each step by the reference, once the other backend's are the same. */
  private List<Double> agreedLosses(FashionConfiguration configuration) {
    List<Double> expected = StepLog.losses(configuration, 1, reference, images);
    List<Double> losses = StepLog.losses(configuration, 1, vector, images);
    assertEquals(IMAGES / BATCH, expected.size());
    assertEquals(expected.size(), losses.size());
    for (int step = 0; step < losses.size(); step++) {
      assertEquals(expected.get(step), losses.get(step), TOLERANCE, "loss of step " + step);
    }
    return expected;
  }

  /** Else there would be little to agree on. */
  private static void assertLearns(List<Double> losses) {
    assertTrue(losses.getLast() < losses.getFirst() - 100 * TOLERANCE, losses::toString);
  }

  /** Else agreement would say nothing of clipping. */
  @ParameterizedTest
  @MethodSource("cellsAndClips")
  void clippingBites(CellKind cell, String clip) {
    FashionConfiguration configuration = Settings.of(cell, clip, 21, BATCH, false);
    var training = new FashionTraining(configuration, 1, vector);
    FashionReport.Epoch epoch = training.run(images, Progress::open, _ -> {}).getFirst();
    assertEquals(clip.equals("none"), epoch.gradientNormAfter() >= 0.9 * epoch.gradientNormBefore(), epoch::toString);
  }
}
