package dev.sluice.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.sluice.testing.ChildJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the JIT has compiled changes no bit: interpreted, and before and after C2 has compiled the kernels. */
class InvarianceTest {
  /** Enough runs for C2 to compile the kernels' loops, at the threshold that the child JVM is given. */
  private static final int RUNS = 150;

  /** For the kernels alone: the child spends its time on nothing else. */
  private static final String COMPILE_SOON =
      "-XX:CompileCommand=CompileThresholdScaling,dev/sluice/backend/vector/*.*,0.02";

  @Test
  void interpretedAndCompiledGiveTheSameBits() throws IOException, InterruptedException {
    List<String> interpreted = hashes(List.of("-Xint", "-Dsluice.vector.allowInterpreter=true"), 1);
    List<String> compiled = hashes(List.of("-Xbatch", "-XX:CompileCommand=quiet", COMPILE_SOON), RUNS);
    assertFalse(interpreted.isEmpty());
    assertEquals(interpreted, compiled);
  }

  private static List<String> hashes(List<String> flags, int runs) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(ChildJvm.VECTOR_FLAGS);
    all.addAll(flags);
    return ChildJvm.run(all, InvarianceMain.class, Integer.toString(runs)).requireOutput();
  }
}
