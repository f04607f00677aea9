package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** C2 inlines every method that takes or returns a vector into the loops that call it. */
class KernelInliningTest {
  private static final int SECONDS = 25;

  @TempDir static Path folder;

  @Test
  void kernelsAreInlined() throws IOException, InterruptedException {
    Path file = folder.resolve("compilation.log");
    List<String> flags = new ArrayList<>(ChildJvm.VECTOR_FLAGS);
    flags.addAll(List.of("-Xbatch", "-XX:-TieredCompilation", "-XX:+UnlockDiagnosticVMOptions", "-XX:+LogCompilation",
        "-XX:LogFile=" + file));
    ChildJvm.run(flags, KernelAllocationMain.class, "-1", Integer.toString(SECONDS)).requireOutput();
    CompilationLog log = CompilationLog.read(file);
    assertTrue(log.compiled() > 50, "C2 compiled " + log.compiled() + " methods of kernels");
    assertEquals(Map.of(), log.failures());
  }
}
