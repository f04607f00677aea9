package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.sluice.testing.ChildJvm;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A warm kernel call makes its few objects and next to no boxed vectors, and no workspace anew. */
class KernelAllocationTest {
  /**
   * What a call of some 64 rows of 64 may allocate: six kilobytes of small objects, and three vectors a row. A horizontal
   * sum or maximum that C2 compiled before its callers stays a call and boxes one vector, 96 bytes; hard attention has
   * three a row. A loop that boxes makes a hundred kilobytes.
   */
  private static final long MOST_BYTES = 24_576;

  /** Enough for a busy machine: the child ends as soon as every call is within the bound. */
  private static final int SECONDS = 30;

  /**
   * What C2 inlines hangs on the order in which it comes to compile; a loop that boxes by its nature does so in every
   * JVM.
   */
  private static final int JVMS = 3;

  @Test
  void aWarmCallAllocatesNextToNothing() throws IOException, InterruptedException {
    List<String> tooMuch = excess();
    for (int jvm = 1; jvm < JVMS && !tooMuch.isEmpty(); jvm++) {
      Set<String> again = excess().stream().map(KernelAllocationTest::call).collect(Collectors.toSet());
      tooMuch = tooMuch.stream().filter(line -> again.contains(call(line))).toList();
    }
    assertEquals(List.of(), tooMuch, "bytes allocated by a call, wanted at most " + MOST_BYTES);
  }

  /** The calls of a fresh JVM that allocate too much, each behind its bytes. */
  private static List<String> excess() throws IOException, InterruptedException {
    List<String> lines = ChildJvm.run(ChildJvm.VECTOR_FLAGS, KernelAllocationMain.class, Long.toString(MOST_BYTES),
        Integer.toString(SECONDS)).requireOutput();
    assertFalse(lines.isEmpty());
    return lines.stream().filter(line -> bytes(line) > MOST_BYTES).toList();
  }

  private static String call(String line) {
    return line.substring(line.indexOf(' '));
  }

  private static long bytes(String line) {
    return Long.parseLong(line.substring(0, line.indexOf(' ')));
  }
}
