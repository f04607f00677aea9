package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.bench.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FashionReportTest {
  @TempDir Path folder;

  private static FashionReport report(double accuracy) {
    var configuration = new FashionConfiguration(CellKind.JANET, 32, 2, true, 0.5, BatchNormKind.NONE,
        AttentionOption.Plain.SOFT, ScoreKind.DOT, new ClipOption.Norm(1, 2), 1, 64, 0.002, 4000, null, false);
    return new FashionReport("fashion", configuration, 7, "vector", 2, 1234,
        List.of(new FashionReport.Epoch(1, 0.5, 2, 2000, 3, 1, 0.6, accuracy)), accuracy, 0.6, 2, "ab");
  }

  private static Path write(double accuracy, Path folder) throws IOException {
    return JsonFile.write(folder.resolve(OutputOptions.REPORT), report(accuracy));
  }

  @Test
  void holdsEveryField() throws IOException {
    Path file = write(0.75, folder.resolve("new/folder"));
    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertEquals(folder.resolve("new/folder/report.json"), file);
    assertEquals("fashion", json.get("task").textValue());
    assertEquals(7, json.get("seed").longValue());
    assertEquals("vector", json.get("backend").textValue());
    assertEquals(2, json.get("threads").intValue());
    assertEquals(1234, json.get("parameters").intValue());
    assertEquals(0.75, json.get("testAccuracy").doubleValue());
    assertEquals(0.6, json.get("testLoss").doubleValue());
    assertEquals(2, json.get("trainSeconds").doubleValue());
    assertEquals("ab", json.get("weightsSha256").textValue());
    assertEquals("""
        {"cell":"janet","hidden":32,"layers":2,"bidirectional":true,"dropout":0.5,"batchNorm":"none",\
        "attention":"soft","score":"dot","clip":"norm:1","epochs":1,"batch":64,\
        "learningRate":0.002,"limitTrain":4000,"limitTest":null,"pixels":false,"network":"rnn","heads":null}""",
        json.get("configuration").toString());
    assertEquals("""
        [{"epoch":1,"loss":0.5,"seconds":2.0,"samplesPerSecond":2000.0,"gradientNormBefore":3.0,\
        "gradientNormAfter":1.0,"testLoss":0.6,"testAccuracy":0.75}]""", json.get("epochs").toString());
  }

  @Test
  void replacesAnOlderReportAndLeavesNothingElse() throws IOException {
    write(0.5, folder);
    Path file = write(0.75, folder);
    assertTrue(Files.readString(file).contains("0.75"));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void leavesNothingWhereItCannotBeWritten() throws IOException {
    Files.createDirectories(folder.resolve("report.json/full"));
    assertThrows(IOException.class, () -> write(0.5, folder));
    try (Stream<Path> files = Files.list(folder)) {
      assertFalse(files.anyMatch(file -> file.toString().endsWith(".tmp")));
    }
  }
}
