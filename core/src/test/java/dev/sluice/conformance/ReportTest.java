package dev.sluice.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs after the suite has run under every setting: each has left its report, ran the backend that it must, and left
 * nothing out.
 */
@Tag("conformance-check")
class ReportTest {
  @ParameterizedTest
  @MethodSource
  void ranInFull(String name) {
    Setting setting = Setting.named(name);
    assertTrue(Files.exists(setting.report()),
        () -> setting.report() + " is missing: the suite did not run under " + name);
    Report report = Report.read(setting.report());
    assertEquals(setting.name(), report.setting());
    assertEquals(setting.backend(), report.backend(), "backend under " + name);
    assertTrue(setting.lanes().contains(report.lanes()),
        () -> "lanes under " + name + " are " + report.lanes() + ", wanted one of " + setting.lanes());
    assertEquals(Family.values().length, setting.cases().size(), "families expected under " + name);
    setting.cases().forEach((family, least) -> {
      int run = report.cases().getOrDefault(family, 0);
      assertTrue(run >= least,
          () -> family + " ran " + run + " cases under " + name + ", wanted " + least + " or more");
    });
  }

  /** The settings that this build must have run. */
  static String[] ranInFull() {
    return System.getProperty("conformance.settings").split(",");
  }
}
