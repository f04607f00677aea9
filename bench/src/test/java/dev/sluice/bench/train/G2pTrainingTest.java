package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.Generator;
import dev.sluice.bench.UsageException;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.nn.sequence.Hypothesis;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class G2pTrainingTest {
  private static final int EPOCHS = 24;

  @TempDir Path folder;

  private PronouncingDictionary dictionary;
  private DictionarySplit split;

  @BeforeEach
  void makeDictionary() throws IOException {
    dictionary = PronouncingDictionary.read(ToyDictionary.write(folder.resolve("toy.dict"), 500));
    split = DictionarySplit.of(dictionary, 1);
  }

  private G2pConfiguration configuration(CellKind cell, ScoreKind score, int layers, int epochs) {
    return configuration(cell, AttentionOption.Plain.SOFT, score, layers, epochs);
  }

  private G2pConfiguration configuration(CellKind cell, AttentionOption attention, ScoreKind score, int layers,
      int epochs) {
    return new G2pConfiguration(ToyDictionary.options(cell, attention, score, layers, epochs),
        G2pVocabulary.of(dictionary));
  }

  private static G2pTraining training(G2pConfiguration configuration, long seed) {
    return new G2pTraining(configuration, seed, Backends.selected());
  }

  @ParameterizedTest
  @CsvSource({"LSTM,soft,GENERAL,1", "LSTM,multihead,,1", "GRU,hard:topk=2,DOT,2", "GRU,hard:threshold=0.2,GENERAL,1",
    "LSTM,hard:sample,SCALED,1", "JANET,sparsemax,ADDITIVE,1", "RNN,soft,SCALED,1", "INDRNN,soft,GENERAL,2",
    "INDRNN2,soft,GENERAL,2"})
  void everyCellAndEveryAttentionLearn(CellKind cell, AttentionOption attention, ScoreKind score, int layers) {
    learns(configuration(cell, attention, score, layers, EPOCHS));
  }

  @Test
  void aTransformerLearns() {
    learns(new G2pConfiguration(ToyDictionary.transformer(EPOCHS), G2pVocabulary.of(dictionary)));
  }

  private void learns(G2pConfiguration configuration) {
    G2pTraining training = training(configuration, 1);
    List<G2pReport.Epoch> epochs = training.run(split, Progress::open, _ -> {});
    assertEquals(EPOCHS, epochs.size());
    assertTrue(epochs.getLast().loss() < 0.6 * epochs.getFirst().loss(), epochs::toString);
    assertTrue(epochs.getLast().validationWordErrorRate() < 0.35, epochs::toString);
    assertTrue(epochs.getLast().gradientNormAfter() < 1 + 1e-6, epochs::toString);
    var evaluation = new G2pEvaluation(configuration);
    for (int beam : new int[] {1, 3}) {
      G2pErrors errors = evaluation.errors(training.model(), split.test(), beam);
      assertEquals(split.test().size(), errors.wordsTested());
      assertTrue(errors.wordErrorRate() < 0.35 && errors.phonemeErrorRate() < 0.2, errors::toString);
    }
  }

  @Test
  void aBeamGivesSeveralPronunciationsWithAlignments() {
    G2pConfiguration configuration = configuration(CellKind.LSTM, ScoreKind.GENERAL, 1, 8);
    G2pTraining training = training(configuration, 1);
    training.run(split, Progress::open, _ -> {});
    List<List<Hypothesis>> found =
        new G2pEvaluation(configuration).pronounce(training.model(), List.of("abc", "d"), 3);
    List<List<String>> said =
        found.getFirst().stream().map(each -> configuration.vocabulary().pronunciation(each.tokens())).toList();
    assertEquals(3, said.size());
    assertTrue(said.subList(0, 2).containsAll(List.of(List.of("AA", "B", "K", "S"), List.of("EY", "B", "K", "S"))),
        said::toString);
    assertEquals(List.of("D"), configuration.vocabulary().pronunciation(found.get(1).getFirst().tokens()));
    for (float[] weights : found.getFirst().getFirst().weights()) {
      assertEquals(3, weights.length);
      assertEquals(1, weights[0] + weights[1] + weights[2], 1e-5);
    }
    for (float[] weights : found.get(1).getFirst().weights()) {
      assertEquals(1, weights[0], 1e-6);
    }
  }

  @Test
  void theSeedDecidesEveryWeightForAnyNumberOfThreads() {
    List<String> digests = new ArrayList<>();
    for (int threads : new int[] {1, 3}) {
      try (Backend backend = Backends.create("vector", new BackendOptions(threads))) {
        digests.add(digest(3, backend));
      }
    }
    assertEquals(digests.get(0), digests.get(1));
    assertNotEquals(digests.get(0), digest(4, Backends.selected()));
  }

  private String digest(long seed, Backend backend) {
    var training = new G2pTraining(configuration(CellKind.GRU, ScoreKind.ADDITIVE, 1, 1), seed, backend);
    training.run(split, Progress::open, _ -> {});
    return WeightsDigest.of(training.model().namedParameters());
  }

  @ParameterizedTest
  @ValueSource(strings = {"soft", "hard:topk=2", "hard:sample", "sparsemax", "multihead", "transformer"})
  void aModelMadeAgainHasTheSameFiguresAndLooksAtTheSameLetters(String form) throws IOException {
    G2pConfiguration configuration = configuration(form);
    G2pTraining training = training(configuration, 5);
    training.run(split, Progress::open, _ -> {});
    Path saved = folder.resolve("saved");
    new SavedModel(configuration, 5).write(saved, training.model());
    SavedModel read = SavedModel.read(saved);
    assertEquals(new SavedModel("g2p", 5, configuration), read);
    G2pModel again = G2pModel.make((G2pConfiguration) read.configuration(), new Generator(99));
    SavedModel.load(saved, again);
    var evaluation = new G2pEvaluation(configuration);
    assertEquals(evaluation.loss(training.model(), split.test()), evaluation.loss(again, split.test()));
    assertEquals(evaluation.errors(training.model(), split.test(), 3), evaluation.errors(again, split.test(), 3));
    for (int beam : new int[] {1, 3}) {
      Hypothesis said = evaluation.pronounce(training.model(), List.of("abcd"), beam).getFirst().getFirst();
      Hypothesis saidAgain = evaluation.pronounce(again, List.of("abcd"), beam).getFirst().getFirst();
      assertEquals(said.tokens(), saidAgain.tokens());
      assertEquals(said.tokens().size() + (said.ended() ? 1 : 0), said.weights().size());
      for (int token = 0; token < said.weights().size(); token++) {
        assertEquals(4, said.weights().get(token).length);
        assertArrayEquals(said.weights().get(token), saidAgain.weights().get(token));
      }
    }
  }

  private G2pConfiguration configuration(String form) {
    if (form.equals("transformer")) {
      return new G2pConfiguration(ToyDictionary.transformer(2), G2pVocabulary.of(dictionary));
    }
    AttentionOption attention = AttentionOption.parse(form);
    return configuration(CellKind.LSTM, attention, attention.hasScore() ? ScoreKind.GENERAL : null, 1, 2);
  }

  @Test
  void refusesAnotherDictionary() throws IOException {
    PronouncingDictionary.read(folder.resolve("toy.dict"));
    var other = new PronouncingDictionary(List.of(new Word("ab", List.of(List.of("AA", "B")))));
    assertEquals("the dictionary has 2 letters and 2 phonemes that are not those of the model in x, wanted the"
        + " dictionary of its training", assertThrows(UsageException.class,
        () -> G2pVocabulary.of(dictionary).requireSameAs(other, Path.of("x"))).getMessage());
    G2pVocabulary.of(dictionary).requireSameAs(dictionary, Path.of("x"));
  }

  @Test
  void stopsWhereTheLossIsNoNumber() {
    G2pOptions small = ToyDictionary.options(CellKind.RNN, ScoreKind.DOT, 1, 2);
    var options = new G2pOptions(small.model(), small.cell(), small.attention(), small.score(), null,
        small.hidden(), small.layers(), small.embedding(), 0, 0, new ClipOption.None(), 2, 16, 1e308, 1, 0, 1, null,
        null);
    var training = training(new G2pConfiguration(options, G2pVocabulary.of(dictionary)), 1);
    var failure = assertThrows(DivergedException.class, () -> training.run(split, Progress::open, _ -> {}));
    assertTrue(failure.getMessage().startsWith("training diverged: the loss is "), failure::getMessage);
  }
}
