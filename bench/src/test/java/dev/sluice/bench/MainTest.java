package dev.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
  @ValueSource(strings = {"--help", "train --help", "train fashion --help", "doctor --help"})
  void helpIsForReading(String line) {
    Outcome outcome = run(line.split(" "));
    assertEquals(Exit.OK, outcome.code());
    assertEquals("", outcome.err());
    assertTrue(outcome.out().startsWith("Usage: sluice "), outcome.out());
    assertTrue(outcome.out().lines().allMatch(text -> text.length() <= 100), outcome.out());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
       | a command is missing, wanted train or doctor; see: sluice --help
      trian | unmatched argument at index 0: 'trian' (did you mean train?); see: sluice --help
      train | a task is missing, wanted fashion; see: sluice train --help
      """)
  void refusesACommandThatIsNone(String line, String message) {
    assertRefused("sluice: " + message, line == null ? new String[0] : line.split(" "));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --foo | unknown option: '--foo'
      --cell gru | invalid value for option '--cell': 'gru' is unknown, wanted one of lstm, janet, none
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
      --seed x | invalid value for option '--seed': 'x' is not a long
      --epochs | missing required parameter for option '--epochs' (N)
      --clip norm:-1 | invalid value for option '--clip': MAX is -1, wanted a finite number, 0 or more
      --score dot --attention none | --score is dot with --attention none, which has no scores; wanted --attention soft
      --cell none --layers 2 | --layers is 2 with --cell none, which has no layers; wanted a cell
      --cell none --attention none | --attention is none with --cell none, wanted --attention soft to read the sequence
      """)
  void refusesOptionsOfTraining(String line, String message) {
    assertRefused("sluice: " + message + "; see: sluice train fashion --help", ("train fashion " + line).split(" "));
  }

  @Test
  void refusesAReportFolderThatIsAFile() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertRefused("sluice: --report " + file + ": that is a file, wanted a folder",
        "train", "fashion", "--report", file.toString());
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
