package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import org.junit.jupiter.api.Test;

class VectorBufferTest {
  private final VectorBuffer.Pool pool = new VectorBuffer.Pool();

  @Test
  void aClosedBuffersArrayServesTheNextOfItsSize() {
    Buffer first = pool.allocate(ElementType.REAL, 100);
    float[] array = VectorBuffer.reals(first);
    assertTrue(array.length >= 100);
    first.close();
    assertTrue(first.isClosed());
    Buffer second = pool.allocate(ElementType.REAL, 99);
    assertSame(array, VectorBuffer.reals(second));
    assertEquals(99, second.length());
  }

  @Test
  void closingTwiceGivesBackOnce() {
    Buffer buffer = pool.allocate(ElementType.INT32, 50);
    buffer.close();
    buffer.close();
    Buffer second = pool.allocate(ElementType.INT32, 50);
    Buffer third = pool.allocate(ElementType.INT32, 50);
    assertNotSame(VectorBuffer.ints(second), VectorBuffer.ints(third));
  }

  @Test
  void useAfterCloseNamesTheBuffer() {
    Buffer buffer = pool.allocate(ElementType.BOOL, 7);
    assertFalse(buffer.isClosed());
    buffer.close();
    String message = assertThrows(IllegalStateException.class, () -> VectorBuffer.flags(buffer)).getMessage();
    assertTrue(message.contains("BOOL buffer of 7"), message);
  }

  @Test
  void theWrongTypeAndAForeignBufferAreRefused() {
    Buffer buffer = pool.allocate(ElementType.REAL, 7);
    assertThrows(IllegalArgumentException.class, () -> VectorBuffer.ints(buffer));
    Buffer foreign = Agreement.REFERENCE.allocate(ElementType.REAL, 7);
    assertThrows(IllegalArgumentException.class, () -> VectorBuffer.reals(foreign));
    assertThrows(IllegalArgumentException.class, () -> pool.allocate(ElementType.REAL, -1));
  }

  @Test
  void sizeClassesHoldTheirLengthsAndWasteAQuarterAtMost() {
    for (long length = 0; length < Integer.MAX_VALUE; length = length < 5000 ? length + 1 : length * 17 / 16) {
      int n = (int) length;
      int sizeClass = ArrayPool.sizeClass(n);
      int size = ArrayPool.classLength(sizeClass);
      assertTrue(size >= n || size == Integer.MAX_VALUE - 8, n + " in " + size);
      assertTrue(n <= 16 || size <= n * 1.25, n + " in " + size);
      assertEquals(sizeClass, ArrayPool.sizeClass(size));
    }
  }

  @Test
  void whatIsKeptIsBounded() {
    ArrayPool<float[]> small = new ArrayPool<>(float[]::new, Float.BYTES, 1000);
    float[] first = small.take(100);
    float[] second = small.take(100);
    float[] third = small.take(100);
    small.give(first);
    small.give(second);
    small.give(third);
    assertEquals(2 * 112 * Float.BYTES, small.heldBytes());
    small.clear();
    assertEquals(0, small.heldBytes());
  }

  @Test
  void aClosedPoolKeepsNothing() {
    Buffer buffer = pool.allocate(ElementType.REAL, 100);
    pool.close();
    buffer.close();
    assertEquals(0, pool.heldBytes());
  }
}
