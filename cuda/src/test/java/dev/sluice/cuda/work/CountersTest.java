package dev.sluice.cuda.work;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.cuda.SoftGpu;
import dev.sluice.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kernels access memory as the table says: accesses that no longer lie side by side show here, in no result. */
@Tag("slow")
class CountersTest {
  /** The property that has the table written in place of compared. */
  private static final String WRITE = "counters.write";

  @TempDir Path folder;

  @Test
  void theTableIsWhatIsCounted() throws IOException, InterruptedException {
    Path table = Path.of(System.getProperty("native"), "ptx", "counters.tsv");
    List<String> counted = ChildJvm.run(SoftGpu.flags(),
        Map.of("SOFTGPU_COUNTERS", folder.resolve("counters.json").toString()), CountersMain.class).requireOutput();
    if (System.getProperty(WRITE) != null) {
      Files.write(table, counted);
    }
    assertEquals(String.join("\n", Files.readAllLines(table)), String.join("\n", counted),
        table + " is not what is counted; -D" + WRITE + " writes it");
  }
}
