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
  @ValueSource(strings = {"--help", "train --help", "train fashion --help", "train adding --help", "evaluate --help",
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
       | a command is missing, wanted train, evaluate, doctor, bench, peers, growth or hard; see: sluice --help
      trian | unmatched argument at index 0: 'trian' (did you mean train?); see: sluice --help
      train | a task is missing, wanted fashion or adding; see: sluice train --help
      """)
  void refusesACommandThatIsNone(String line, String message) {
    assertRefused("sluice: " + message, line == null ? new String[0] : line.split(" "));
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
      --attention hard | invalid value for option '--attention': 'hard' is unknown, wanted one of none, soft, feature
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
      --score dot --attention none | --score is dot with --attention none, which has no scores; wanted --attention soft
      --cell none --bidirectional | --bidirectional with --cell none, which has no directions; wanted a cell
      --cell none --dropout 0.5 | --dropout is 0.5 with --cell none, which has no layers; wanted a cell
      --cell none --layers 2 | --layers is 2 with --cell none, which has no layers; wanted a cell
      --cell none --attention none | --attention is none with --cell none, wanted --attention soft to read the sequence
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
  @CsvSource({"fashion,--report", "fashion,--save", "adding,--report", "adding,--save"})
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
