package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.Generator;
import dev.sluice.bench.UsageException;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.data.FashionMnist;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FashionTrainingTest {
  @TempDir Path folder;

  private FashionMnist images;

  @BeforeEach
  void makeImages() throws IOException {
    images = Stripes.make(folder, 256, 64);
  }

  private static FashionConfiguration configuration(CellKind cell, AttentionKind attention, String clip, int epochs) {
    ScoreKind score = attention == AttentionKind.SOFT ? ScoreKind.SCALED : null;
    return new FashionConfiguration(cell, 8, 1, false, 0, norm(cell), attention, score, ClipOption.parse(clip), epochs,
        32, 0.02, null, null, false);
  }

  private static BatchNormKind norm(CellKind cell) {
    return cell.isIndependent() ? BatchNormKind.TIME : BatchNormKind.NONE;
  }

  private List<FashionReport.Epoch> train(FashionTraining training) {
    return training.run(images, Progress::open, _ -> {});
  }

  private static FashionTraining training(FashionConfiguration configuration, long seed) {
    return new FashionTraining(configuration, seed, Backends.selected());
  }

  @ParameterizedTest
  @CsvSource({"LSTM,SOFT", "LSTM,FEATURE", "LSTM,NONE", "JANET,SOFT", "JANET,FEATURE", "JANET,NONE", "NONE,SOFT",
    "GRU,SOFT", "RNN,SOFT", "INDRNN,SOFT", "INDRNN,FEATURE", "INDRNN,NONE", "INDRNN2,SOFT"})
  void everyModelLearns(CellKind cell, AttentionKind attention) {
    List<FashionReport.Epoch> epochs = train(training(configuration(cell, attention, "norm:1", 8), 1));
    assertTrue(epochs.getLast().loss() < 0.8 * epochs.getFirst().loss(), epochs::toString);
    assertTrue(epochs.getLast().testAccuracy() > 0.5, epochs::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "LSTM,NONE,SOFT", "GRU,NONE,NONE", "RNN,NONE,FEATURE", "JANET,NONE,SOFT", "INDRNN,NONE,SOFT", "INDRNN,TIME,NONE",
    "INDRNN,STEP,SOFT", "INDRNN2,TIME,SOFT", "INDRNN2,STEP,NONE"
  })
  void layersOfTwoDirectionsWithDropoutLearnToo(CellKind cell, BatchNormKind norm, AttentionKind attention) {
    ScoreKind score = attention == AttentionKind.SOFT ? ScoreKind.SCALED : null;
    var configuration = new FashionConfiguration(cell, 8, 2, true, 0.1, norm, attention, score,
        new ClipOption.Norm(1, 2), 8, 32, 0.02, null, null, false);
    List<FashionReport.Epoch> epochs = train(training(configuration, 1));
    assertTrue(epochs.getLast().loss() < 0.8 * epochs.getFirst().loss(), epochs::toString);
    assertTrue(epochs.getLast().testAccuracy() > 0.5, epochs::toString);
  }

  @ParameterizedTest
  @CsvSource({"NONE, 0", "SOFT, 0.1", "FEATURE, 0"})
  void convolutionsLearnToo(AttentionKind attention, double dropout) {
    var configuration = convolutions(attention, dropout);
    List<FashionReport.Epoch> epochs = train(training(configuration, 1));
    assertTrue(epochs.getLast().loss() < 0.8 * epochs.getFirst().loss(), epochs::toString);
    assertTrue(epochs.getLast().testAccuracy() > 0.5, epochs::toString);
  }

  private static FashionConfiguration convolutions(AttentionKind attention, double dropout) {
    ScoreKind score = attention == AttentionKind.SOFT ? ScoreKind.SCALED : null;
    return new FashionConfiguration(CellKind.NONE, 16, 1, false, dropout, BatchNormKind.NONE, attention, score,
        new ClipOption.Norm(1, 2), 6, 32, 0.01, null, null, false, NetworkKind.CNN);
  }

  @Test
  void sixNormalizedLayersReadSinglePixelsStably() {
    var configuration = new FashionConfiguration(CellKind.INDRNN, 4, 6, false, 0, BatchNormKind.TIME,
        AttentionKind.NONE, null, new ClipOption.None(), 2, 16, 0.005, 64, 16, true);
    List<FashionReport.Epoch> epochs = train(training(configuration, 1));
    assertTrue(epochs.getLast().loss() < epochs.getFirst().loss(), epochs::toString);
    assertTrue(epochs.stream().allMatch(epoch -> Double.isFinite(epoch.gradientNormBefore())), epochs::toString);
  }

  @Test
  void refusesABatchThatHasNoStatistics() {
    var configuration = new FashionConfiguration(CellKind.INDRNN, 4, 1, false, 0, BatchNormKind.STEP,
        AttentionKind.NONE, null, new ClipOption.None(), 1, 51, 0.005, null, null, false);
    String message = assertThrows(UsageException.class, () -> train(training(configuration, 1))).getMessage();
    assertEquals("--batch 51 leaves one of 256 training images to a batch of its own, of which --batch-norm step has no"
        + " statistics; wanted another one", message);
  }

  @Test
  void tellsOfEveryEpochOnce() {
    List<FashionReport.Epoch> told = new ArrayList<>();
    var training = training(configuration(CellKind.JANET, AttentionKind.SOFT, "none", 3), 1);
    List<FashionReport.Epoch> epochs = training.run(images, Progress::open, told::add);
    assertEquals(epochs, told);
    assertEquals(List.of(1, 2, 3), epochs.stream().map(FashionReport.Epoch::epoch).toList());
    for (FashionReport.Epoch epoch : epochs) {
      assertEquals(images.train().count() / epoch.seconds(), epoch.samplesPerSecond(), 1e-6);
      assertTrue(epoch.gradientNormBefore() > 0);
      assertEquals(epoch.gradientNormBefore(), epoch.gradientNormAfter());
    }
  }

  @Test
  void theSeedDecidesEveryWeight() {
    List<String> digests = new ArrayList<>();
    for (long seed : new long[] {3, 3, 4}) {
      var training = training(configuration(CellKind.LSTM, AttentionKind.SOFT, "norm:1", 1), seed);
      train(training);
      digests.add(WeightsDigest.of(training.model().namedParameters()));
    }
    assertEquals(digests.get(0), digests.get(1));
    assertNotEquals(digests.get(0), digests.get(2));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "norm:0.1                                        | 0.1",
    "norm:0.1,1                                      | 0.1",
    "norm:0.01,inf                                   | 0.01",
    "value:0.001                                     | 0.001",
    "range:-0.001,0.001                              | 0.001",
    "range:recurrence.*=-0.001,0.001;*=-0.0005,0.001 | 0.001",
  })
  void clippingBoundsTheNorm(String clip, double bound) {
    var training = training(configuration(CellKind.JANET, AttentionKind.NONE, clip, 1), 1);
    long elements = training.model().parameters().stream().mapToLong(p -> p.elements()).sum();
    double most = clip.startsWith("norm") ? bound : bound * Math.sqrt(elements);
    FashionReport.Epoch epoch = train(training).getFirst();
    assertTrue(epoch.gradientNormAfter() <= most * (1 + 1e-6), epoch::toString);
    assertTrue(epoch.gradientNormAfter() > 0, epoch::toString);
    assertTrue(epoch.gradientNormBefore() > 2 * epoch.gradientNormAfter(), epoch::toString);
  }

  @Test
  void boundsOfARangeHoldForTheNamesThatMatch() {
    String clip = "range:classifier.bias=0,0;*=-1000,1000";
    var training = training(configuration(CellKind.JANET, AttentionKind.NONE, clip, 1), 1);
    float[] before = training.model().namedParameters().get("classifier.bias").toFloats();
    float[] weight = training.model().namedParameters().get("classifier.weight").toFloats();
    train(training);
    assertEquals(toList(before), toList(training.model().namedParameters().get("classifier.bias").toFloats()));
    assertNotEquals(toList(weight), toList(training.model().namedParameters().get("classifier.weight").toFloats()));
  }

  private static List<Float> toList(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  @Test
  void refusesAPatternThatMatchesNothing() {
    String message = assertThrows(UsageException.class,
        () -> training(configuration(CellKind.JANET, AttentionKind.NONE, "range:lstm.*=0,1", 1), 1)).getMessage();
    assertEquals("--clip range: 'lstm.*' matches no parameter, wanted a pattern for one of recurrence.weight_ih_l0,"
        + " recurrence.weight_hh_l0, recurrence.bias_ih_l0, recurrence.bias_hh_l0, classifier.weight, classifier.bias",
        message);
  }

  @Test
  void stopsWhereTheLossIsNoNumber() {
    var configuration = new FashionConfiguration(CellKind.NONE, 8, 1, false, 0, BatchNormKind.NONE, AttentionKind.SOFT,
        ScoreKind.DOT, new ClipOption.None(), 2, 32, 1e308, null, null, false);
    var failure = assertThrows(DivergedException.class, () -> train(training(configuration, 1)));
    assertTrue(failure.getMessage().startsWith("training diverged: the loss is "), failure::getMessage);
  }

  @Test
  void readsAnImageAsSinglePixelsToo() {
    var configuration = new FashionConfiguration(CellKind.JANET, 2, 1, false, 0, BatchNormKind.NONE,
        AttentionKind.SOFT, ScoreKind.ADDITIVE, new ClipOption.None(), 1, 4, 0.01, 4, 4, true);
    assertEquals(1, train(training(configuration, 1)).size());
  }

  @Test
  void namesConvolutionsByTheirPlace() {
    assertEquals(
        Set.of("convolutions.maps.0.weight", "convolutions.maps.0.bias", "convolutions.maps.4.weight",
            "convolutions.maps.4.bias", "convolutions.maps.8.weight", "convolutions.maps.8.bias",
            "convolutions.summary.weight", "convolutions.summary.bias",
            "classifier.weight", "classifier.bias"),
        new FashionClassifier(convolutions(AttentionKind.NONE, 0), new Generator(1)).namedParameters().keySet());
  }

  @Test
  void namesParametersAfterTheirLayers() {
    var configuration = new FashionConfiguration(CellKind.NONE, 8, 1, false, 0, BatchNormKind.NONE, AttentionKind.SOFT,
        ScoreKind.GENERAL, new ClipOption.None(), 1, 4, 0.01, null, null, false);
    assertEquals(
        Set.of("projection.weight", "projection.bias", "attention.query", "attention.matrix",
            "classifier.weight", "classifier.bias"),
        new FashionClassifier(configuration, new Generator(1)).namedParameters().keySet());
  }
}
