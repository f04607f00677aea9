package dev.sluice.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.cuda.SoftGpu;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.SgdSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ListBatchTest {
  private static final SgdSpec SGD = new SgdSpec(0.1, 0.9, 0, 0, false, false, true);

  private final Backend backend = SoftGpu.backend();

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void aBatchHasSoManyBuffersAndTheirChunks() {
    List<Buffer> list = IntStream.range(0, 70).mapToObj(i -> buffer(i == 0 ? 4097 : 5)).toList();
    ListBatch batch = ListBatch.ofThread();
    assertTrue(batch.next(list, false));
    assertEquals(64, batch.buffers());
    assertEquals(65, batch.chunks());
    assertTrue(batch.next(list, false));
    assertEquals(6, batch.buffers());
    assertFalse(batch.next(list, false));
    assertEquals(71, ListBatch.chunks(list));
  }

  @Test
  void aBufferThatStandsInTheListAgainBeginsABatchForKernelsThatChangeIt() {
    Buffer one = buffer(3);
    Buffer other = buffer(4);
    List<Buffer> list = List.of(one, other, one, one);
    ListBatch batch = ListBatch.ofThread();
    for (int buffers : new int[] {2, 1, 1}) {
      assertTrue(batch.next(list, true));
      assertEquals(buffers, batch.buffers());
    }
    assertFalse(batch.next(list, true));
    ListBatch whole = ListBatch.ofThread();
    assertTrue(whole.next(list, false));
    assertEquals(4, whole.buffers());
  }

  @Test
  void listsThatDoNotMatchAreRefused() {
    List<Buffer> parameters = List.of(buffer(3), buffer(4));
    refused("sgd: gradients has 1 buffers, wanted 2 buffers", parameters, List.of(buffer(3)), parameters);
    refused("sgd: gradients[1] has 3 elements, wanted 4", parameters, List.of(buffer(3), buffer(3)), parameters);
    refused("sgd: velocities is null, wanted 2 buffers", parameters, parameters, null);
  }

  private void refused(String message, List<Buffer> parameters, List<Buffer> gradients, List<Buffer> velocities) {
    assertEquals(message, assertThrows(IllegalArgumentException.class,
        () -> backend.optimizer().sgd(SGD, parameters, gradients, velocities)).getMessage());
  }

  private Buffer buffer(int length) {
    return backend.allocate(ElementType.REAL, length);
  }
}
