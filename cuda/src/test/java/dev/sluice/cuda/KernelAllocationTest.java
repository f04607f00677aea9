package dev.sluice.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.sluice.testing.ChildJvm;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A warm kernel call allocates nothing on the heap: arguments, workspace and addresses are kept. */
class KernelAllocationTest {
  /** Enough for a busy machine: the child ends as soon as no call allocates. */
  private static final int SECONDS = 60;

  @Test
  void aWarmCallAllocatesNothing() throws IOException, InterruptedException {
    List<String> lines =
        ChildJvm.run(SoftGpu.flags(), KernelAllocationMain.class, Integer.toString(SECONDS)).requireOutput();
    assertFalse(lines.isEmpty());
    assertEquals(List.of(), lines.stream().filter(line -> !line.startsWith("0 ")).toList(), "bytes allocated by a call");
  }
}
