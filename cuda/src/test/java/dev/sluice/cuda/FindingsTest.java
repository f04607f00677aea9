package dev.sluice.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs after the suite: the software GPU's checking mode, where it was on, has found nothing. */
@Tag("conformance-check")
class FindingsTest {
  @Test
  void nothingWasFound() throws IOException {
    Path findings = Path.of(System.getProperty("softgpu.findings"));
    assertEquals(List.of(), Files.exists(findings) ? Files.readAllLines(findings) : List.of());
  }
}
