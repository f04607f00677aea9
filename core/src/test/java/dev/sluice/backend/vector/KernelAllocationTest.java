package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.sluice.testing.ChildJvm;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A warm kernel call makes its few objects and next to no boxed vectors, and no workspace anew. */
class KernelAllocationTest {
  /**
   * What a call of some 40 rows of 64 may allocate. A horizontal sum that C2 compiled before its callers stays a call
   * and boxes one vector, 96 bytes, a row; a loop that boxes makes a hundred kilobytes.
   */
  private static final long MOST_BYTES = 8192;

  /** Far more than a busy machine needs: the child ends as soon as every call is within the bound. */
  private static final int SECONDS = 90;

  @Test
  void aWarmCallAllocatesNextToNothing() throws IOException, InterruptedException {
    List<String> lines = ChildJvm.run(ChildJvm.VECTOR_FLAGS, KernelAllocationMain.class, Long.toString(MOST_BYTES),
        Integer.toString(SECONDS)).requireOutput();
    assertFalse(lines.isEmpty());
    assertEquals(List.of(), lines.stream().filter(line -> bytes(line) > MOST_BYTES).toList(),
        "bytes allocated by a call, wanted at most " + MOST_BYTES);
  }

  private static long bytes(String line) {
    return Long.parseLong(line.substring(0, line.indexOf(' ')));
  }
}
