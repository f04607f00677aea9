package dev.sluice.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.FillSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Copies to and from the device, of parts and of more than fits the page-locked memory; from many threads; two devices.
 */
class TransferTest {
  private static final int HALF = 1 << 18;
  private static final int THREADS = 4;

  private final CudaBackend backend = SoftGpu.backend();
  private final Random random = new Random(7);

  @AfterEach
  void close() {
    backend.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, HALF - 1, HALF, HALF + 1, 5 * HALF + 3})
  void everyTypeComesBackAsItWent(int length) {
    double[] reals = random.doubles(length + 5).toArray();
    int[] ints = random.ints(length + 5).toArray();
    boolean[] flags = new boolean[length + 5];
    for (int i = 0; i < flags.length; i++) {
      flags[i] = random.nextBoolean();
    }
    Buffer real = backend.allocate(ElementType.REAL, length + 2);
    backend.write(reals, 3, real, 2, length);
    double[] realsBack = new double[length + 1];
    backend.read(real, 2, realsBack, 1, length);
    float[] floatsBack = new float[length + 1];
    backend.read(real, 2, floatsBack, 1, length);
    Buffer integer = backend.allocate(ElementType.INT32, length + 2);
    backend.write(ints, 3, integer, 2, length);
    int[] intsBack = new int[length + 1];
    backend.read(integer, 2, intsBack, 1, length);
    Buffer flag = backend.allocate(ElementType.BOOL, length + 2);
    backend.write(flags, 3, flag, 2, length);
    boolean[] flagsBack = new boolean[length + 1];
    backend.read(flag, 2, flagsBack, 1, length);
    for (int i = 0; i < length; i++) {
      assertEquals((float) reals[i + 3], realsBack[i + 1]);
      assertEquals((float) reals[i + 3], floatsBack[i + 1]);
      assertEquals(ints[i + 3], intsBack[i + 1]);
      assertEquals(flags[i + 3], flagsBack[i + 1]);
    }
  }

  @Test
  void whatTheHostWroteIsKnownUntilAKernelMayWrite() {
    Buffer buffer = backend.allocate(ElementType.INT32, 4);
    backend.write(new int[] {1, 2, 3, 4}, 0, buffer, 0, 4);
    backend.write(new int[] {9}, 0, buffer, 2, 1);
    long copies = SoftGpu.calls("cuMemcpyDtoHAsync_v2");
    assertArrayEquals(new int[] {1, 2, 9, 4}, CudaBuffer.readInts(buffer).hostInts(0, 4));
    assertEquals(copies, SoftGpu.calls("cuMemcpyDtoHAsync_v2"));
    backend.memory().fill(new FillSpec(ElementType.INT32, 2, 7), buffer);
    assertArrayEquals(new int[] {7, 9, 4}, CudaBuffer.readInts(buffer).hostInts(1, 3));
    assertEquals(copies + 1, SoftGpu.calls("cuMemcpyDtoHAsync_v2"));
    assertArrayEquals(new int[] {7, 7, 9, 4}, CudaBuffer.readInts(buffer).hostInts(0, 4));
    assertEquals(copies + 1, SoftGpu.calls("cuMemcpyDtoHAsync_v2"));
  }

  @Test
  void threadsUseOneDeviceAtOnce() throws InterruptedException, ExecutionException {
    List<Callable<Boolean>> all = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int own = thread;
      all.add(() -> {
        for (int round = 0; round < 50; round++) {
          int length = 1000 + own;
          Buffer from = backend.allocate(ElementType.REAL, length);
          Buffer to = backend.allocate(ElementType.REAL, length);
          backend.memory().fill(new FillSpec(ElementType.REAL, length, own + round), from);
          backend.memory().copy(CopySpec.contiguous(ElementType.REAL, length), from, to);
          float[] back = new float[length];
          backend.read(to, 0, back, 0, length);
          for (float value : back) {
            assertEquals(own + round, value);
          }
          from.close();
          to.close();
        }
        return true;
      });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (Future<Boolean> done : threads.invokeAll(all)) {
        assertTrue(done.get());
      }
    }
  }

  @Test
  void devicesAreTwoBackends() {
    Backend second = Backends.get("cuda:1");
    assertEquals("cuda:1", second.id());
    assertEquals(second, Backends.get("cuda:1"));
    Buffer there = second.allocate(ElementType.REAL, 4);
    second.write(new float[] {1, 2, 3, 4}, 0, there, 0, 4);
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> backend.read(there, 0, new float[4], 0, 4));
    assertTrue(refusal.getMessage().matches("cuda: REAL buffer of 4@\\w+ lies on device 1 .*, wanted device 0 .*"),
        refusal.getMessage());
    float[] back = new float[4];
    second.read(there, 0, back, 0, 4);
    assertArrayEquals(new float[] {1, 2, 3, 4}, back);
  }

  @Test
  void aBufferOfADeviceIsRefusedByAKernelOfAnother() {
    Backend second = Backends.get("cuda:1");
    Buffer there = second.allocate(ElementType.REAL, 4);
    assertThrows(IllegalArgumentException.class,
        () -> backend.memory().fill(new FillSpec(ElementType.REAL, 4, 1), there));
  }
}
