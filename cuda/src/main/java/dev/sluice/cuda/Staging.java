package dev.sluice.cuda;

import dev.sluice.cuda.driver.CudaDriver;
import dev.sluice.cuda.driver.CudaDriver.Event;
import dev.sluice.cuda.driver.CudaDriver.HostMemory;
import dev.sluice.cuda.driver.CudaDriver.Stream;
import dev.sluice.cuda.driver.CudaException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Transfers between arrays of the host and buffers, through page-locked memory in two halves: while one is copied by
 * the device, the next part is laid into the other. A write returns when its last part is queued; a read waits.
 */
final class Staging {
  private static final int HALF_BYTES = 1 << 20;
  private static final int HALVES = 2;

  private final Device device;
  private final CudaDriver driver;
  private final Stream stream;
  private final HostMemory[] halves = new HostMemory[HALVES];
  private final Event[] copied = new Event[HALVES];
  private int next;

  /** One part of a transfer between an array and page-locked memory. */
  private interface Part {
    void move(MemorySegment segment, int start, int count);
  }

  Staging(Device device, CudaDriver driver, Stream stream) {
    this.device = device;
    this.driver = driver;
    this.stream = stream;
    try {
      for (int i = 0; i < HALVES; i++) {
        halves[i] = driver.allocateHost(HALF_BYTES);
        copied[i] = driver.createEvent();
        driver.record(copied[i], stream);
      }
    } catch (CudaException e) {
      close();
      throw e;
    }
  }

  void write(double[] source, int sourceOffset, CudaBuffer target, int targetOffset, int length) {
    write(target, targetOffset, length, (segment, start, count) -> {
      for (int i = 0; i < count; i++) {
        segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) source[sourceOffset + start + i]);
      }
    });
  }

  void write(float[] source, int sourceOffset, CudaBuffer target, int targetOffset, int length) {
    write(target, targetOffset, length, (segment, start, count) ->
        MemorySegment.copy(source, sourceOffset + start, segment, ValueLayout.JAVA_FLOAT, 0, count));
  }

  void write(int[] source, int sourceOffset, CudaBuffer target, int targetOffset, int length) {
    write(target, targetOffset, length, (segment, start, count) ->
        MemorySegment.copy(source, sourceOffset + start, segment, ValueLayout.JAVA_INT, 0, count));
    target.wroteInts(source, sourceOffset, targetOffset, length);
  }

  void write(boolean[] source, int sourceOffset, CudaBuffer target, int targetOffset, int length) {
    write(target, targetOffset, length, (segment, start, count) -> {
      for (int i = 0; i < count; i++) {
        segment.set(ValueLayout.JAVA_BYTE, i, source[sourceOffset + start + i] ? (byte) 1 : (byte) 0);
      }
    });
  }

  void read(CudaBuffer source, int sourceOffset, double[] target, int targetOffset, int length) {
    read(source, sourceOffset, length, (segment, start, count) -> {
      for (int i = 0; i < count; i++) {
        target[targetOffset + start + i] = segment.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      }
    });
  }

  void read(CudaBuffer source, int sourceOffset, float[] target, int targetOffset, int length) {
    read(source, sourceOffset, length, (segment, start, count) ->
        MemorySegment.copy(segment, ValueLayout.JAVA_FLOAT, 0, target, targetOffset + start, count));
  }

  void read(CudaBuffer source, int sourceOffset, int[] target, int targetOffset, int length) {
    read(source, sourceOffset, length, (segment, start, count) ->
        MemorySegment.copy(segment, ValueLayout.JAVA_INT, 0, target, targetOffset + start, count));
  }

  void read(CudaBuffer source, int sourceOffset, boolean[] target, int targetOffset, int length) {
    read(source, sourceOffset, length, (segment, start, count) -> {
      for (int i = 0; i < count; i++) {
        target[targetOffset + start + i] = segment.get(ValueLayout.JAVA_BYTE, i) != 0;
      }
    });
  }

  private synchronized void write(CudaBuffer target, int targetOffset, int length, Part part) {
    device.enter();
    int bytes = CudaBuffer.bytes(target.type());
    long address = target.address() + (long) targetOffset * bytes;
    try {
      for (int start = 0; start < length; start += HALF_BYTES / bytes) {
        int count = Math.min(length - start, HALF_BYTES / bytes);
        driver.synchronize(copied[next]);
        part.move(halves[next].segment(), start, count);
        driver.copyToDevice(halves[next], address + (long) start * bytes, (long) count * bytes, stream);
        driver.record(copied[next], stream);
        next = (next + 1) % HALVES;
      }
    } catch (CudaException e) {
      throw device.failed("write of " + length + " elements to " + target, e);
    }
  }

  private synchronized void read(CudaBuffer source, int sourceOffset, int length, Part part) {
    device.enter();
    int bytes = CudaBuffer.bytes(source.type());
    long address = source.address() + (long) sourceOffset * bytes;
    try {
      for (int start = 0; start < length; start += HALF_BYTES / bytes) {
        int count = Math.min(length - start, HALF_BYTES / bytes);
        driver.synchronize(copied[next]);
        driver.copyToHost(address + (long) start * bytes, halves[next], (long) count * bytes, stream);
        driver.synchronize(stream);
        part.move(halves[next].segment(), start, count);
      }
    } catch (CudaException e) {
      throw device.failed("read of " + length + " elements of " + source, e);
    }
  }

  /** Gives the page-locked memory back; the device has been entered and its work is over. */
  synchronized void close() {
    for (int i = 0; i < HALVES; i++) {
      if (copied[i] != null) {
        driver.destroy(copied[i]);
      }
      if (halves[i] != null) {
        driver.free(halves[i]);
      }
    }
  }
}
