package dev.sluice.cuda.driver;

import java.lang.foreign.MemorySegment;

/**
 * The calls of the CUDA driver that Sluice makes. Device memory is named by its address; everything else by a handle
 * that only the same driver understands. Every call but {@link #free} and those that give handles back works in the
 * context that is current on the calling thread.
 *
 * <p>Every method throws {@link CudaException} where the driver reports a failure, which may be that of an earlier
 * asynchronous call.
 */
public interface CudaDriver {
  /** The driver's result where there is no memory left. */
  int OUT_OF_MEMORY = 2;

  /** A device's context. */
  interface Context {}

  /** A queue of work that runs in order. */
  interface Stream {}

  /** A mark in a stream. */
  interface Event {}

  /** Loaded kernels. */
  interface Module {}

  /** A kernel. */
  interface Function {}

  /** Where a launch finds its arguments: native memory that holds the address of each. */
  interface Arguments {}

  /** Page-locked memory of the host. */
  interface HostMemory {
    /** The memory itself. */
    MemorySegment segment();
  }

  /**
   * Free and total bytes of a device.
   *
   * @param free what could be allocated
   * @param total all there is
   */
  record MemoryState(long free, long total) {}

  /** What implements the calls, for people. */
  String name();

  /** What there is to know of a device of the host. */
  DeviceFacts facts(int ordinal);

  /** The primary context of a device, shared with every other library of the process. */
  Context retainContext(int ordinal);

  /** Lets go of a device's primary context. */
  void releaseContext(int ordinal);

  /** Makes a context the calling thread's. */
  void setCurrent(Context context);

  /** Loads PTX, which the driver compiles for the device. */
  Module loadModule(byte[] ptx);

  /** Unloads a module. */
  void unload(Module module);

  /** A kernel of a module. */
  Function function(Module module, String name);

  /** A stream that does not wait for the legacy default stream. */
  Stream createStream();

  /** Waits for all work of a stream. */
  void synchronize(Stream stream);

  /** Destroys a stream. */
  void destroy(Stream stream);

  /** An event without time. */
  Event createEvent();

  /** Marks the present end of a stream. */
  void record(Event event, Stream stream);

  /** Waits until the stream has passed the event's mark. */
  void synchronize(Event event);

  /** Destroys an event. */
  void destroy(Event event);

  /**
   * Device memory.
   *
   * @return its address
   * @throws CudaOutOfMemoryException if there is not enough
   */
  long allocate(long bytes);

  /** Gives device memory back. */
  void free(long address);

  /** How much memory the current device has. */
  MemoryState memory();

  /** Page-locked memory of the host. */
  HostMemory allocateHost(long bytes);

  /** Gives page-locked memory back. */
  void free(HostMemory memory);

  /** Copies the first bytes of host memory to the device, in a stream. */
  void copyToDevice(HostMemory source, long target, long bytes, Stream stream);

  /** Copies bytes of the device into the start of host memory, in a stream. */
  void copyToHost(long source, HostMemory target, long bytes, Stream stream);

  /** Makes a table of addresses usable in launches; the memory must be native and outlive its use. */
  Arguments arguments(MemorySegment table);

  /** Launches a kernel in a stream. */
  void launch(Function function, int gridX, int gridY, int gridZ, int blockX, int blockY, int sharedBytes,
      Stream stream, Arguments arguments);

  /** The matrix products of cuBLAS for the current context, in a stream. */
  Blas blas(Stream stream, boolean allowTf32);
}
