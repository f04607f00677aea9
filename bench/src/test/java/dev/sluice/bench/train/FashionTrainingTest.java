package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.Generator;
import dev.sluice.bench.UsageException;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.bench.train.AttentionOption.Plain;
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

  private static FashionConfiguration configuration(CellKind cell, AttentionOption attention, String clip, int epochs) {
    return new FashionConfiguration(cell, 8, 1, false, 0, norm(cell), attention, Settings.score(attention),
        ClipOption.parse(clip), epochs, 32, 0.02, null, null, false);
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
  @CsvSource({"LSTM,soft", "LSTM,feature", "LSTM,none", "LSTM,hard:topk=4", "JANET,soft", "JANET,feature",
    "JANET,sparsemax", "JANET,hard:sample", "JANET,self", "NONE,soft", "NONE,hard:threshold=0.03", "NONE,self",
    "NONE,multihead", "GRU,soft", "GRU,multihead", "RNN,soft", "INDRNN,soft", "INDRNN,feature", "INDRNN,none",
    "INDRNN,hard:threshold=0.03", "INDRNN2,soft", "INDRNN2,self"})
  void everyModelLearns(CellKind cell, AttentionOption attention) {
    List<FashionReport.Epoch> epochs = train(training(configuration(cell, attention, "norm:1", 8), 1));
    assertTrue(epochs.getLast().loss() < 0.8 * epochs.getFirst().loss(), epochs::toString);
    assertTrue(epochs.getLast().testAccuracy() > 0.5, epochs::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "LSTM,NONE,soft", "GRU,NONE,none", "RNN,NONE,feature", "JANET,NONE,self", "INDRNN,NONE,soft", "INDRNN,TIME,none",
    "INDRNN,STEP,multihead", "INDRNN2,TIME,hard:topk=4", "INDRNN2,STEP,none"
  })
  void layersOfTwoDirectionsWithDropoutLearnToo(CellKind cell, BatchNormKind norm, AttentionOption attention) {
    var configuration = new FashionConfiguration(cell, 8, 2, true, 0.1, norm, attention, Settings.score(attention),
        new ClipOption.Norm(1, 2), 8, 32, 0.02, null, null, false);
    List<FashionReport.Epoch> epochs = train(training(configuration, 1));
    assertTrue(epochs.getLast().loss() < 0.8 * epochs.getFirst().loss(), epochs::toString);
    assertTrue(epochs.getLast().testAccuracy() > 0.5, epochs::toString);
  }

  @ParameterizedTest
  @CsvSource({"none, 0", "soft, 0.1", "feature, 0", "hard:topk=8, 0", "self, 0", "multihead, 0.1"})
  void convolutionsLearnToo(AttentionOption attention, double dropout) {
    var configuration = convolutions(attention, dropout);
    List<FashionReport.Epoch> epochs = train(training(configuration, 1));
    assertTrue(epochs.getLast().loss() < 0.8 * epochs.getFirst().loss(), epochs::toString);
    assertTrue(epochs.getLast().testAccuracy() > 0.5, epochs::toString);
  }

  private static FashionConfiguration convolutions(AttentionOption attention, double dropout) {
    return new FashionConfiguration(CellKind.NONE, 16, 1, false, dropout, BatchNormKind.NONE, attention,
        Settings.score(attention), new ClipOption.Norm(1, 2), 6, 32, 0.01, null, null, false, NetworkKind.CNN,
        attention.usualHeads());
  }

  @Test
  void sixNormalizedLayersReadSinglePixelsStably() {
    var configuration = new FashionConfiguration(CellKind.INDRNN, 4, 6, false, 0, BatchNormKind.TIME,
        Plain.NONE, null, new ClipOption.None(), 2, 16, 0.005, 64, 16, true);
    List<FashionReport.Epoch> epochs = train(training(configuration, 1));
    assertTrue(epochs.getLast().loss() < epochs.getFirst().loss(), epochs::toString);
    assertTrue(epochs.stream().allMatch(epoch -> Double.isFinite(epoch.gradientNormBefore())), epochs::toString);
  }

  @Test
  void refusesABatchThatHasNoStatistics() {
    var configuration = new FashionConfiguration(CellKind.INDRNN, 4, 1, false, 0, BatchNormKind.STEP,
        Plain.NONE, null, new ClipOption.None(), 1, 51, 0.005, null, null, false);
    String message = assertThrows(UsageException.class, () -> train(training(configuration, 1))).getMessage();
    assertEquals("--batch 51 leaves one of 256 training images to a batch of its own, of which --batch-norm step has no"
        + " statistics; wanted another one", message);
  }

  @Test
  void tellsOfEveryEpochOnce() {
    List<FashionReport.Epoch> told = new ArrayList<>();
    var training = training(configuration(CellKind.JANET, Plain.SOFT, "none", 3), 1);
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
      var training = training(configuration(CellKind.LSTM, Plain.SOFT, "norm:1", 1), seed);
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
    var training = training(configuration(CellKind.JANET, Plain.NONE, clip, 1), 1);
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
    var training = training(configuration(CellKind.JANET, Plain.NONE, clip, 1), 1);
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
        () -> training(configuration(CellKind.JANET, Plain.NONE, "range:lstm.*=0,1", 1), 1)).getMessage();
    assertEquals("--clip range: 'lstm.*' matches no parameter, wanted a pattern for one of recurrence.weight_ih_l0,"
        + " recurrence.weight_hh_l0, recurrence.bias_ih_l0, recurrence.bias_hh_l0, classifier.weight, classifier.bias",
        message);
  }

  @Test
  void stopsWhereTheLossIsNoNumber() {
    var configuration = new FashionConfiguration(CellKind.NONE, 8, 1, false, 0, BatchNormKind.NONE, Plain.SOFT,
        ScoreKind.DOT, new ClipOption.None(), 2, 32, 1e308, null, null, false);
    var failure = assertThrows(DivergedException.class, () -> train(training(configuration, 1)));
    assertTrue(failure.getMessage().startsWith("training diverged: the loss is "), failure::getMessage);
  }

  @Test
  void readsAnImageAsSinglePixelsToo() {
    var configuration = new FashionConfiguration(CellKind.JANET, 2, 1, false, 0, BatchNormKind.NONE,
        Plain.SOFT, ScoreKind.ADDITIVE, new ClipOption.None(), 1, 4, 0.01, 4, 4, true);
    assertEquals(1, train(training(configuration, 1)).size());
  }

  /** Two tests of a trained model that draws in training say the same. */
  @Test
  void aTestDrawsNothing() {
    var training = training(configuration(CellKind.JANET, new AttentionOption.Sample(), "none", 1), 1);
    train(training);
    assertEquals(training.evaluation().figures(training.model(), images),
        training.evaluation().figures(training.model(), images));
  }

  @Test
  void namesWhatSelfAttentionAdds() {
    assertEquals(
        Set.of("projection.weight", "projection.bias", "attention.in_proj_weight", "attention.in_proj_bias",
            "attention.out_proj.weight", "attention.out_proj.bias", "norm.weight", "norm.bias", "classifier.weight",
            "classifier.bias"),
        new FashionClassifier(configuration(CellKind.NONE, Plain.SELF, "none", 1), new Generator(1))
            .namedParameters().keySet());
  }

  @Test
  void namesConvolutionsByTheirPlace() {
    assertEquals(
        Set.of("convolutions.maps.0.weight", "convolutions.maps.0.bias", "convolutions.maps.4.weight",
            "convolutions.maps.4.bias", "convolutions.maps.8.weight", "convolutions.maps.8.bias",
            "convolutions.summary.weight", "convolutions.summary.bias",
            "classifier.weight", "classifier.bias"),
        new FashionClassifier(convolutions(Plain.NONE, 0), new Generator(1)).namedParameters().keySet());
  }

  @Test
  void namesParametersAfterTheirLayers() {
    var configuration = new FashionConfiguration(CellKind.NONE, 8, 1, false, 0, BatchNormKind.NONE, Plain.SOFT,
        ScoreKind.GENERAL, new ClipOption.None(), 1, 4, 0.01, null, null, false);
    assertEquals(
        Set.of("projection.weight", "projection.bias", "attention.query", "attention.matrix",
            "classifier.weight", "classifier.bias"),
        new FashionClassifier(configuration, new Generator(1)).namedParameters().keySet());
  }
}
