package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.Generator;
import dev.sluice.bench.UsageException;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.bench.train.AttentionOption.Plain;
import dev.sluice.data.FashionMnist;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SavedModelTest {
  @TempDir Path folder;

  private static final AddingConfiguration ADDING = new AddingConfiguration(
      CellKind.GRU, 10, 8, 2, new ClipOption.Norm(1, 2), 20, 0.002, 30, 10, 0.01);

  private static FashionConfiguration fashion(CellKind cell, BatchNormKind norm, AttentionOption attention) {
    ScoreKind score = attention.hasScore() ? ScoreKind.ADDITIVE : null;
    int layers = cell == CellKind.NONE ? 1 : 2;
    return new FashionConfiguration(cell, 6, layers, cell != CellKind.NONE, layers == 1 ? 0 : 0.25, norm, attention,
        score, ClipOption.parse("range:*.weight*=-1,1;*=-2,2"), 1, 48, 0.01, 256, 100, false);
  }

  @ParameterizedTest
  @CsvSource({
    "LSTM,NONE,soft", "GRU,NONE,none", "RNN,NONE,hard:topk=4", "JANET,NONE,feature", "INDRNN,TIME,hard:threshold=0.03",
    "INDRNN,STEP,sparsemax", "INDRNN2,TIME,multihead", "INDRNN2,NONE,hard:sample", "NONE,NONE,soft", "NONE,NONE,self"
  })
  void aModelMadeAgainHasTheSameFigures(CellKind cell, BatchNormKind norm, AttentionOption attention)
      throws IOException {
    FashionMnist images = Stripes.make(folder, 256, 128);
    FashionConfiguration configuration = fashion(cell, norm, attention);
    var training = new FashionTraining(configuration, 5, Backends.selected());
    FashionReport.Epoch last = training.run(images, Progress::open, _ -> {}).getLast();
    Path saved = folder.resolve("saved");
    new SavedModel(configuration, 5).write(saved, training.model());

    SavedModel read = SavedModel.read(saved);
    assertEquals(new SavedModel("fashion", 5, configuration), read);
    var again = new FashionClassifier(configuration, new Generator(99));
    SavedModel.load(saved, again);
    var figures = new FashionEvaluation(configuration, Backends.selected()).figures(again, images);
    assertEquals(last.testLoss(), figures.loss());
    assertEquals(last.testAccuracy(), figures.accuracy());
    assertEquals(WeightsDigest.of(training.model().namedParameters()), WeightsDigest.of(again.namedParameters()));
  }

  @Test
  void convolutionsMadeAgainHaveTheSameFigures() throws IOException {
    FashionMnist images = Stripes.make(folder, 64, 32);
    var configuration = new FashionConfiguration(CellKind.NONE, 6, 1, false, 0, BatchNormKind.NONE,
        Plain.SOFT, ScoreKind.DOT, new ClipOption.None(), 1, 32, 0.01, null, null, false, NetworkKind.CNN, null);
    var training = new FashionTraining(configuration, 5, Backends.selected());
    FashionReport.Epoch last = training.run(images, Progress::open, _ -> {}).getLast();
    new SavedModel(configuration, 5).write(folder, training.model());
    assertEquals(new SavedModel("fashion", 5, configuration), SavedModel.read(folder));
    var again = new FashionClassifier(configuration, new Generator(99));
    SavedModel.load(folder, again);
    var figures = new FashionEvaluation(configuration, Backends.selected()).figures(again, images);
    assertEquals(last.testLoss(), figures.loss());
    assertEquals(last.testAccuracy(), figures.accuracy());
  }

  @Test
  void theFolderHoldsTheTwoFilesAlone() throws IOException {
    var model = new AddingModel(ADDING, new Generator(1));
    new SavedModel(ADDING, 1).write(folder, model);
    new SavedModel(ADDING, 2).write(folder, model);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of("configuration.json", "model.safetensors"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
    assertEquals(2, SavedModel.read(folder).seed());
    assertEquals(ADDING, SavedModel.read(folder).configuration());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      "adding"        | "subtracting" | : the task is 'subtracting', wanted fashion, adding, comprehension, g2p or graph
      "adding"        | 3             | : the task is '3', wanted fashion, adding, comprehension, g2p or graph
      "seed" : 1      | "seed" : "x"  | : has no seed, wanted what --save wrote
      "gru"           | "sru"         | : Cannot deserialize value of type
      "steps" : 10,   |               | : Missing creator property 'steps'
      "steps" : 10    | "steps" : 1   | : --steps is 1, wanted 2 or more
      "steps" : 10    | "steps" : 1.5 | : Cannot coerce Floating-point value (1.5)
      "norm:1"        | "norm:-1"     | : MAX is -1, wanted a finite number, 0 or more
      "steps" : 10    | "steps":9,"a":1 | : Unrecognized field "a"
      "configuration" | "other"       | : has no configuration, wanted what --save wrote
      }               |               | : Unexpected end-of-input
      """)
  void refusesADamagedConfiguration(String part, String damage, String message) throws IOException {
    new SavedModel(ADDING, 1).write(folder, new AddingModel(ADDING, new Generator(1)));
    Path file = folder.resolve("configuration.json");
    String text = Files.readString(file);
    assertTrue(text.contains(part), text);
    Files.writeString(file, text.replace(part, damage == null ? "" : damage));
    String said = assertThrows(UsageException.class, () -> SavedModel.read(folder)).getMessage();
    assertTrue(said.startsWith(file + message), said);
  }

  @Test
  void refusesWeightsThatAreDamagedOrOfAnotherModel() throws IOException {
    var model = new AddingModel(ADDING, new Generator(1));
    new SavedModel(ADDING, 1).write(folder, model);
    Path file = folder.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertRefused(file, model);
    Files.write(file, new byte[0]);
    assertRefused(file, model);
    Files.write(file, whole);
    var other = new AddingConfiguration(CellKind.GRU, 10, 9, 2, new ClipOption.None(), 20, 0.002, 30, 10, 0.01);
    String said = assertRefused(file, new AddingModel(other, new Generator(1)));
    assertTrue(said.contains("misshapen recurrence.bias_hh_l0 (24) for (27)"), said);
    Files.delete(file);
    assertEquals(file + ": no such file, wanted the folder that train --save wrote", assertRefused(file, model));
  }

  private String assertRefused(Path file, AddingModel model) {
    String said = assertThrows(UsageException.class, () -> SavedModel.load(folder, model)).getMessage();
    assertTrue(said.startsWith(file + ": "), said);
    assertEquals(1, said.lines().count(), said);
    return said;
  }
}
