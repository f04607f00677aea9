package dev.sluice.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testing.ChildJvm;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A warm launch allocates nothing on the heap: arguments, workspace and addresses are kept. A call may make a few small
 * records.
 */
class KernelAllocationTest {
  /** Enough for a busy machine: the child ends as soon as no call allocates. */
  private static final int SECONDS = 60;

  @Test
  void aWarmLaunchAllocatesNothing() throws IOException, InterruptedException {
    List<String> lines =
        ChildJvm.run(SoftGpu.flags(), KernelAllocationMain.class, Integer.toString(SECONDS)).requireOutput();
    assertEquals(List.of(), lines.subList(0, lines.size() - 1), "bytes allocated by a call");
    assertTrue(lines.getLast().matches("\\d{2,} calls"), lines.getLast());
  }
}
