package dev.sluice.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testing.ChildJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the automatic choice takes and says in JVMs that can and that cannot run the vector backend. */
class SelectionTest {
  @Test
  void takesTheVectorBackendWithoutAWarning() throws IOException, InterruptedException {
    ChildJvm child = choose(ChildJvm.VECTOR_FLAGS);
    assertEquals(List.of("vector", "vector"), child.requireOutput());
    assertEquals(List.of(), warnings(child));
  }

  @Test
  void withoutTheModuleFallsToTheReferenceAndWarnsOnceWithTheFlag() throws IOException, InterruptedException {
    ChildJvm child = choose(List.of());
    assertEquals(List.of("reference", "reference"), child.requireOutput());
    assertWarnsOnceOf(child, "--add-modules jdk.incubator.vector");
  }

  @Test
  void withoutC2FallsToTheReferenceAndSaysSo() throws IOException, InterruptedException {
    List<String> flags = new ArrayList<>(ChildJvm.VECTOR_FLAGS);
    flags.add("-XX:TieredStopAtLevel=1");
    ChildJvm child = choose(flags);
    assertEquals(List.of("reference", "reference"), child.requireOutput());
    assertWarnsOnceOf(child, "C2");
  }

  private static ChildJvm choose(List<String> flags) throws IOException, InterruptedException {
    return ChildJvm.run(flags, SelectionMain.class);
  }

  private static void assertWarnsOnceOf(ChildJvm child, String wanted) {
    List<String> warnings = warnings(child);
    assertEquals(1, warnings.size(), () -> String.join("\n", child.errors()));
    assertTrue(warnings.getFirst().contains(wanted), warnings.getFirst());
  }

  /** The library's own warnings: the JVM's line about incubator modules has another form. */
  private static List<String> warnings(ChildJvm child) {
    return child.errors().stream().filter(line -> line.startsWith("WARNING: backend")).toList();
  }
}
