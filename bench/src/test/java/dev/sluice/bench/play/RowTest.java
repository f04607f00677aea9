package dev.sluice.bench.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.bench.JsonFile;
import dev.sluice.bench.work.Catalogue;
import dev.sluice.bench.work.Work;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowTest {
  private static final Work SMALL = Catalogue.named("gemm 256x256x256");
  private static final Work LARGE = Catalogue.named("gemm 1024x1024x1024");

  private static Row row(double ratio, double limitShare) {
    return new Row("gemm", 2, 1, 10, List.of(new Row.PeerTime("libtorch 2.10.0", 10 * ratio, 1e-6)), ratio,
        List.of(0.9, 1.5), limitShare, 1.1);
  }

  @Test
  void passesAtItsBarOrNearTheLimit() {
    assertTrue(row(1.1, 0.3).passes(SMALL));
    assertFalse(row(1.09, 0.79).passes(SMALL));
    assertTrue(row(0.5, 0.80).passes(SMALL));
  }

  @Test
  void aShareThatTheWorkAsksForIsWantedWhateverPeersDo() {
    assertFalse(row(2, 0.84).passes(LARGE));
    assertTrue(row(2, 0.85).passes(LARGE));
  }

  @Test
  void theJsonIsAnArrayOfRows(@TempDir Path folder) throws IOException {
    Path file = JsonFile.write(folder.resolve("new").resolve("rows.json"), List.of(row(1.2, 0.5)));
    assertEquals(new ObjectMapper().readTree("""
        [{"work": "gemm", "threads": 2, "busy": 1, "sluiceMicros": 10.0,
          "peers": [{"name": "libtorch 2.10.0", "micros": 12.0, "maxError": 1e-6}],
          "ratio": 1.2, "spread": [0.9, 1.5], "limitShare": 0.5, "bar": 1.1}]"""),
        new ObjectMapper().readTree(file.toFile()));
  }
}
