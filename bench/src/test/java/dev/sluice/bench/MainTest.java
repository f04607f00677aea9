package dev.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir Path folder;

  private record Outcome(int code, String out, String err) {}

  private static Outcome run(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
    return new Outcome(code, out.toString(), err.toString());
  }

  private static void assertRefused(String message, String... arguments) {
    Outcome outcome = run(arguments);
    assertEquals(message + "\n", outcome.err());
    assertEquals(Exit.USAGE, outcome.code());
    assertEquals("", outcome.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "train --help", "train fashion --help", "train adding --help",
    "train comprehension --help", "train g2p --help", "train graph --help", "evaluate --help", "pronounce --help",
    "doctor --help", "bench --help", "peers --help"})
  void helpIsForReading(String line) {
    Outcome outcome = run(line.split(" "));
    assertEquals(Exit.OK, outcome.code());
    assertEquals("", outcome.err());
    assertTrue(outcome.out().startsWith("Usage: sluice "), outcome.out());
    assertTrue(outcome.out().lines().allMatch(text -> text.length() <= 100), outcome.out());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
       | a command is missing, wanted train, evaluate, pronounce, doctor, bench, peers, growth or hard; see: sluice --help
      trian | unmatched argument at index 0: 'trian' (did you mean train?); see: sluice --help
      train | a task is missing, wanted fashion, adding, comprehension, g2p or graph; see: sluice train --help
      """)
  void refusesACommandThatIsNone(String line, String message) {
    assertRefused("sluice: " + message, line == null ? new String[0] : line.split(" "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"train fashion", "train adding", "train g2p", "train graph", "train comprehension"})
  void refusesABackendThatCannotBeHad(String command) {
    String library = folder.resolve("libcuda.so.1").toString();
    System.setProperty("sluice.cuda.driver", library);
    try {
      assertRefused("sluice: backend cuda: there is no CUDA driver at " + library
          + "; correct -Dsluice.cuda.driver, or leave it out", (command + " --backend cuda").split(" "));
      assertRefused("sluice: backend cuda:1: there is no CUDA driver at " + library
          + "; correct -Dsluice.cuda.driver, or leave it out", (command + " --backend cuda:1").split(" "));
    } finally {
      System.clearProperty("sluice.cuda.driver");
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      peers --threads 0 | --threads is 0, wanted 1 or more; see: sluice peers --help
      peers --busy -1 | --busy is -1, wanted 0 or more; see: sluice peers --help
      peers --forks 0 | --forks is 0, wanted 1 or more; see: sluice peers --help
      peers gemm | this build has no peers; the launcher's does: ./sluice peers
      bench no-such-kernel | no kernel matches 'no-such-kernel', wanted words of names such as gemm plain
      bench --check main --quick | --check is given with --quick or --json, wanted alone; see: sluice bench --help
      bench --check main --threads 0 | --threads is 0, wanted 1 or more; see: sluice bench --help
      bench --check main | --check does not know where the sources are; start it by ./sluice
      """)
  void refusesMeasurementsThatCannotBe(String line, String message) {
    assertRefused("sluice: " + message, line.split(" "));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --foo | unknown option: '--foo'
      --cell sru | invalid value for option '--cell': 'sru' is unknown, wanted one of lstm, gru, rnn, janet, indrnn, \
      indrnn2, none
      --attention hard | invalid value for option '--attention': 'hard' is unknown, wanted none, soft, hard:topk=K, \
      hard:threshold=T, hard:sample, sparsemax, feature, self or multihead
      --attention hard:topk=0 | invalid value for option '--attention': K is 0, wanted 1 or more
      --score cos | invalid value for option '--score': 'cos' is unknown, wanted one of dot, scaled, general, additive
      --hidden 0 | --hidden is 0, wanted 1 or more
      --layers -1 | --layers is -1, wanted 1 or more
      --epochs 0 | --epochs is 0, wanted 1 or more
      --batch 0 | --batch is 0, wanted 1 or more
      --limit-train 0 | --limit-train is 0, wanted 1 or more
      --limit-test 0 | --limit-test is 0, wanted 1 or more
      --threads 0 | --threads is 0, wanted 1 or more
      --lr 0 | --lr is 0.0, wanted a finite number above 0
      --lr NaN | --lr is NaN, wanted a finite number above 0
      --dropout 1 --layers 2 | --dropout is 1.0, wanted a number from 0 to below 1
      --dropout -1 | --dropout is -1.0, wanted a number from 0 to below 1
      --dropout 0.5 | --dropout is 0.5 with --layers 1, but it acts between layers; wanted --layers 2 or more
      --batch-norm time | --batch-norm is time with --cell lstm, which has none; wanted --cell indrnn or indrnn2
      --batch-norm step --cell indrnn --batch 1 | --batch is 1 with --batch-norm step, wanted 2 or more to take \
      statistics over
      --batch-norm all | invalid value for option '--batch-norm': 'all' is unknown, wanted one of none, time, step
      --seed x | invalid value for option '--seed': 'x' is not a long
      --epochs | missing required parameter for option '--epochs' (N)
      --clip norm:-1 | invalid value for option '--clip': MAX is -1, wanted a finite number, 0 or more
      --score dot --attention none | --score is dot with --attention none, which has no scores; wanted \
      --attention soft, sparsemax or a hard one
      --score dot --attention self | --score is dot with --attention self, which has no scores; wanted \
      --attention soft, sparsemax or a hard one
      --heads 2 | --heads is 2 with --attention soft, which has none; wanted --attention self or multihead
      --heads 0 --attention self | --heads is 0, wanted 1 or more
      --heads 3 --attention multihead | --heads is 3 over outputs 128 wide, wanted a number that divides the width
      --cell none --bidirectional | --bidirectional with --cell none, which has no directions; wanted a cell
      --cell none --dropout 0.5 | --dropout is 0.5 with --cell none, which has no layers; wanted a cell
      --cell none --layers 2 | --layers is 2 with --cell none, which has no layers; wanted a cell
      --network mlp | invalid value for option '--network': 'mlp' is unknown, wanted one of rnn, cnn
      --network cnn --cell gru | --cell is gru with --network cnn, which reads no sequence; wanted --network rnn
      --network cnn --layers 2 | --layers is 2 with --network cnn, which reads no sequence; wanted --network rnn
      --network cnn --bidirectional | --bidirectional with --network cnn, which reads no sequence; wanted --network rnn
      --network cnn --pixels | --pixels with --network cnn, which reads no sequence; wanted --network rnn
      --network cnn --batch-norm time | --batch-norm is time with --network cnn, which reads no sequence; wanted \
      --network rnn
      --cell none --attention none | --attention is none with --cell none, wanted soft, sparsemax, a hard one, \
      self or multihead to read the sequence
      """)
  void refusesOptionsOfTraining(String line, String message) {
    assertRefused("sluice: " + message + "; see: sluice train fashion --help", ("train fashion " + line).split(" "));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --cell none | --cell is none, wanted a recurrence: attention alone is no part of this task
      --steps 1 | --steps is 1, wanted 2 or more
      --steps 0 | --steps is 0, wanted 2 or more
      --hidden 0 | --hidden is 0, wanted 1 or more
      --layers 0 | --layers is 0, wanted 1 or more
      --batch 0 | --batch is 0, wanted 1 or more
      --steps 100000000 | --batch is 50 with --steps 100000000, wanted at most 2147483647 numbers in an iteration
      --lr -1 | --lr is -1.0, wanted a finite number above 0
      --iterations 0 | --iterations is 0, wanted 1 or more
      --evaluate-every 0 | --evaluate-every is 0, wanted 1 or more
      --target 0 | --target is 0.0, wanted a finite number above 0
      --threads 0 | --threads is 0, wanted 1 or more
      """)
  void refusesOptionsOfAdding(String line, String message) {
    assertRefused("sluice: " + message + "; see: sluice train adding --help", ("train adding " + line).split(" "));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --cell none | --cell is none, wanted a recurrence: something has to read the words
      --attention soft | invalid value for option '--attention': 'soft' is unknown, wanted one of none, candidates, \
      question
      --hidden 5 | --hidden is 5, wanted an even number, 2 or more: half of it reads from each end
      --hidden 0 | --hidden is 0, wanted an even number, 2 or more: half of it reads from each end
      --embedding 0 | --embedding is 0, wanted 1 or more
      --hops 0 | --hops is 0, wanted 1 or more
      --attention candidates --hops 2 | --hops is 2 with --attention candidates, where the question looks at no \
      sentence; wanted --attention question
      --epochs 0 | --epochs is 0, wanted 1 or more
      --questions 0 | --questions is 0, wanted 1 or more
      --test-questions 0 | --test-questions is 0, wanted 1 or more
      --batch 0 | --batch is 0, wanted 1 or more
      --lr 0 | --lr is 0.0, wanted a finite number above 0
      --threads 0 | --threads is 0, wanted 1 or more
      """)
  void refusesOptionsOfComprehension(String line, String message) {
    assertRefused("sluice: " + message + "; see: sluice train comprehension --help",
        ("train comprehension " + line).split(" "));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --communities 1 | --communities is 1, wanted 2 or more
      --nodes 7 | --nodes is 7, wanted 2 or more for each of 4 communities
      --nodes 20000 | --nodes is 20000, wanted at most 16384: scores are dense
      --features 0 | --features is 0, wanted 1 or more
      --signal 0 | --signal is 0.0, wanted a finite number above 0
      --inside 2 | --inside is 2.0, wanted a probability, 0 to 1
      --outside -1 | --outside is -1.0, wanted a probability, 0 to 1
      --train-share 1 | --train-share is 1.0, wanted a number above 0 and below 1
      --score general | --score is general, wanted dot, scaled or additive
      --hidden 0 | --hidden is 0, wanted 1 or more
      --heads 0 | --heads is 0, wanted 1 or more
      --dropout 1 | --dropout is 1.0, wanted a number from 0 to below 1
      --epochs 0 | --epochs is 0, wanted 1 or more
      --lr 0 | --lr is 0.0, wanted a finite number above 0
      --threads 0 | --threads is 0, wanted 1 or more
      """)
  void refusesOptionsOfTheGraph(String line, String message) {
    assertRefused("sluice: " + message + "; see: sluice train graph --help", ("train graph " + line).split(" "));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --model cnn | invalid value for option '--model': 'cnn' is unknown, wanted one of rnn, transformer
      --model transformer --cell gru | --cell is gru with --model transformer, which has none; wanted --model rnn
      --model transformer --score dot | --score is dot with --model transformer, which has no scores; wanted \
      --attention soft, sparsemax or a hard one
      --model transformer --attention soft | --attention is soft with --model transformer, which has none; wanted \
      --model rnn
      --attention self | --attention is self, wanted soft, sparsemax, a hard one or multihead
      --attention none | --attention is none, wanted soft, sparsemax, a hard one or multihead
      --attention hard | invalid value for option '--attention': 'hard' is unknown, wanted none, soft, hard:topk=K, \
      hard:threshold=T, hard:sample, sparsemax, feature, self or multihead
      --attention multihead --score dot | --score is dot with --attention multihead, which has no scores; wanted \
      --attention soft, sparsemax or a hard one
      --attention multihead --heads 5 | --hidden is 384 with --heads 5, wanted a multiple of the heads
      --model transformer --embedding 8 | --embedding is 8 with --model transformer, which has none; wanted --model rnn
      --heads 2 | --heads is 2 with --attention soft, which has none; wanted --attention multihead or --model \
      transformer
      --model transformer --heads 0 | --heads is 0, wanted 1 or more
      --model transformer --heads 3 | --hidden is 256 with --heads 3, wanted a multiple of the heads
      --cell none | --cell is none, wanted a recurrence: without one the decoder has no memory
      --score cos | invalid value for option '--score': 'cos' is unknown, wanted one of dot, scaled, general, additive
      --hidden 7 | --hidden is 7, wanted an even number, 2 or more: half of it for each direction
      --hidden 0 | --hidden is 0, wanted an even number, 2 or more: half of it for each direction
      --layers 0 | --layers is 0, wanted 1 or more
      --embedding 0 | --embedding is 0, wanted 1 or more
      --dropout 1 | --dropout is 1.0, wanted a number from 0 to below 1
      --label-smoothing -0.1 | --label-smoothing is -0.1, wanted a number from 0 to below 1
      --epochs 0 | --epochs is 0, wanted 1 or more
      --batch 0 | --batch is 0, wanted 1 or more
      --lr 0 | --lr is 0.0, wanted a finite number above 0
      --beam 0 | --beam is 0, wanted 1 or more
      --length-penalty -1 | --length-penalty is -1.0, wanted a finite number, 0 or more
      --limit-train 0 | --limit-train is 0, wanted 1 or more
      --limit-test 0 | --limit-test is 0, wanted 1 or more
      --threads 0 | --threads is 0, wanted 1 or more
      """)
  void refusesOptionsOfG2p(String line, String message) {
    assertRefused("sluice: " + message + "; see: sluice train g2p --help", ("train g2p " + line).split(" "));
  }

  @ParameterizedTest
  @CsvSource({"graph,--report", "graph,--save", "fashion,--report", "fashion,--save", "adding,--report",
    "adding,--save", "comprehension,--report", "g2p,--report", "g2p,--save"})
  void refusesAFolderThatIsAFile(String task, String option) throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertRefused("sluice: " + option + " " + file + ": that is a file, wanted a folder",
        "train", task, option, file.toString());
  }

  @Test
  void evaluatesWhatAddingSaved() throws IOException {
    Path reports = folder.resolve("reports");
    Outcome trained = run("train", "adding", "--cell", "indrnn2", "--steps", "8", "--hidden", "6", "--iterations", "3",
        "--report", reports.toString(), "--save", folder.toString());
    assertEquals(Exit.OK, trained.code(), trained.err());
    JsonNode report = new ObjectMapper().readTree(reports.resolve("report.json").toFile());
    Outcome evaluated = run("evaluate", folder.toString(), "--json");
    assertEquals(Exit.OK, evaluated.code(), evaluated.err());
    assertEquals(report.get("testLoss"), new ObjectMapper().readTree(evaluated.out()).get("testLoss"));
    assertRefused("sluice: --data x: the model in " + folder + " was trained on the adding problem, which has no files",
        "evaluate", folder.toString(), "--data", "x");
  }

  @Test
  void evaluatesWhatTheGraphSaved() throws IOException {
    Path reports = folder.resolve("reports");
    Outcome trained = run("train", "graph", "--nodes", "40", "--epochs", "3", "--report", reports.toString(), "--save",
        folder.toString());
    assertEquals(Exit.OK, trained.code(), trained.err());
    JsonNode report = new ObjectMapper().readTree(reports.resolve("report.json").toFile());
    Outcome evaluated = run("evaluate", folder.toString(), "--json");
    assertEquals(Exit.OK, evaluated.code(), evaluated.err());
    JsonNode figures = new ObjectMapper().readTree(evaluated.out());
    assertEquals(report.get("neighbours").get("testLoss"), figures.get("testLoss"));
    assertEquals(report.get("neighbours").get("testAccuracy"), figures.get("testAccuracy"));
    assertRefused("sluice: --data x: the model in " + folder + " was trained on a generated graph, which has no files",
        "evaluate", folder.toString(), "--data", "x");
  }

  @Test
  void evaluatesAndPronouncesWhatG2pSaved() throws IOException {
    Path dictionary = Files.write(folder.resolve("some.dict"),
        IntStream.range(0, 100).mapToObj(i -> "w" + i + " W " + (i % 2 == 0 ? "EH" : "OW")).toList());
    Outcome trained = run("train", "g2p", "--data", dictionary.toString(), "--hidden", "6", "--embedding", "4",
        "--epochs", "1", "--report", folder.toString(), "--save", folder.toString());
    assertEquals(Exit.OK, trained.code(), trained.err());
    JsonNode report = new ObjectMapper().readTree(folder.resolve("report.json").toFile());
    assertEquals(100, report.at("/words/train").intValue() + report.at("/words/validation").intValue()
        + report.at("/words/test").intValue());
    Outcome evaluated = run("evaluate", folder.toString(), "--json", "--data", dictionary.toString());
    assertEquals(Exit.OK, evaluated.code(), evaluated.err());
    JsonNode figures = new ObjectMapper().readTree(evaluated.out());
    for (String name : new String[] {"testLoss", "phonemeErrorRate", "wordErrorRate"}) {
      assertTrue(figures.get(name).isNumber(), evaluated.out());
      assertEquals(report.get(name), figures.get(name));
    }
    Outcome said = run("pronounce", "--model", folder.toString(), "--best", "2", "w1", "W22");
    assertEquals(Exit.OK, said.code(), said.err());
    assertEquals(List.of("w1", "w1", "W22", "W22"),
        said.out().lines().map(line -> line.substring(0, line.indexOf('\t'))).toList());
    assertTrue(said.out().lines().allMatch(line -> line.matches("\\w+\t((W|EH|OW)( (W|EH|OW))*)?")), said.out());
    assertRefused("sluice: 'wé' cannot be spelled, wanted a word in the letters 0123456789w",
        "pronounce", "--model", folder.toString(), "wé");
    assertRefused("sluice: --best is 0, wanted 1 or more; see: sluice pronounce --help",
        "pronounce", "--model", folder.toString(), "--best", "0", "w1");
    assertRefused("sluice: missing required parameter: 'WORD'; see: sluice pronounce --help",
        "pronounce", "--model", folder.toString());
  }

  @Test
  void refusesADictionaryThatIsNone() throws IOException {
    Path none = folder.resolve("none");
    assertRefused("sluice: " + none + ": no such file, wanted a pronouncing dictionary",
        "train", "g2p", "--data", none.toString());
    Path small = Files.writeString(folder.resolve("small.dict"), "a EY");
    assertRefused("sluice: the dictionary has 1 words, wanted enough for a part to train with, one to look at and one"
        + " to test", "train", "g2p", "--data", small.toString());
  }

  @Test
  void pronouncesByAModelOfG2pAlone() {
    Outcome trained = run("train", "adding", "--steps", "4", "--hidden", "2", "--iterations", "1",
        "--save", folder.toString());
    assertEquals(Exit.OK, trained.code(), trained.err());
    assertRefused("sluice: " + folder + ": the model there was trained on adding, wanted one of g2p",
        "pronounce", "--model", folder.toString(), "word");
  }

  @Test
  void evaluatesWhatComprehensionSavedAndLeavesAPage() throws IOException {
    Path reports = folder.resolve("reports");
    Outcome trained = run("train", "comprehension", "--hidden", "8", "--embedding", "6", "--epochs", "1",
        "--questions", "64", "--test-questions", "100", "--report", reports.toString(), "--save", folder.toString());
    assertEquals(Exit.OK, trained.code(), trained.err());
    JsonNode report = new ObjectMapper().readTree(reports.resolve("report.json").toFile());
    assertEquals(5, report.get("kinds").size());
    assertTrue(report.get("kinds").get(0).get("picked").isDouble());
    assertTrue(Files.readString(reports.resolve("index.html")).contains("<h2>The course of the training</h2>"));
    Outcome evaluated = run("evaluate", folder.toString(), "--json");
    assertEquals(Exit.OK, evaluated.code(), evaluated.err());
    assertEquals(report.get("testAccuracy"), new ObjectMapper().readTree(evaluated.out()).get("testAccuracy"));
    assertRefused("sluice: --data x: the model in " + folder + " was trained on stories that are drawn, which have no"
        + " files", "evaluate", folder.toString(), "--data", "x");
  }

  @Test
  void refusesAModelThatIsNone() throws IOException {
    Path none = folder.resolve("none");
    assertRefused("sluice: " + none + ": no such folder, wanted one that train --save wrote",
        "evaluate", none.toString());
    assertRefused("sluice: " + folder.resolve("configuration.json")
        + ": no such file, wanted the folder that train --save wrote", "evaluate", folder.toString());
  }

  @Test
  void refusesMissingAndCorruptData() throws IOException {
    Path none = folder.resolve("none");
    assertRefused("sluice: " + none + ": no such folder, wanted one with the four files of Fashion-MNIST",
        "train", "fashion", "--data", none.toString());
    for (String name : new String[] {
      "train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"
    }) {
      Files.write(folder.resolve(name + "-ubyte.gz"), new byte[] {1, 2});
    }
    assertRefused("sluice: " + folder.resolve("train-images-idx3-ubyte.gz") + ": not an IDX file of unsigned bytes:"
        + " it begins with 01 02, wanted 00 00 08 and the number of dimensions",
        "train", "fashion", "--data", folder.toString());
  }

  @Test
  void aFailureIsOneLine() {
    assertEquals("IllegalStateException: one two (SLUICE_DEBUG=1 shows where)",
        Errors.describe(new IllegalStateException("one\n  two")));
    assertEquals("out of memory; give the JVM more, such as SLUICE_JAVA_OPTS=-Xmx4g, or take a smaller --batch",
        Errors.describe(new OutOfMemoryError()));
  }
}
