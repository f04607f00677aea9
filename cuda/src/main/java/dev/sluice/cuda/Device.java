package dev.sluice.cuda;

import dev.sluice.cuda.driver.Blas;
import dev.sluice.cuda.driver.CudaDriver;
import dev.sluice.cuda.driver.CudaDriver.Context;
import dev.sluice.cuda.driver.CudaDriver.Stream;
import dev.sluice.cuda.driver.CudaException;
import dev.sluice.cuda.driver.CudaOutOfMemoryException;
import dev.sluice.cuda.driver.DeviceFacts;
import dev.sluice.spi.ElementType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One GPU as the kernel families see it: its kernels by name, memory, products, and facts for choosing grids. All work
 * goes into one stream, in the order of the calls. Any thread may use it.
 *
 * <p>After a kernel or a transfer failed, the device's memory is not to be trusted: every later call fails and names
 * that first failure.
 */
public final class Device {
  /** The property that, if {@code true}, waits after each kernel, so that a failure names the kernel that failed. */
  public static final String BLOCKING_PROPERTY = "sluice.cuda.blocking";

  /** Blocks for each multiprocessor that a loop over a grid is given at most. */
  private static final int WAVES = 32;

  private final CudaDriver driver;
  /** How to give back what lives in the context, the last that was made first. */
  private final Deque<Runnable> made = new ArrayDeque<>();
  private final DeviceFacts facts;
  private final Context context;
  private final Stream stream;
  private final CudaDriver.Module module;
  private final Map<String, KernelSignature> signatures;
  private final Map<String, Kernel> kernels = new ConcurrentHashMap<>();
  private final MemoryPool pool;
  private final Staging staging;
  private final Blas blas;
  private final Gemm gemm;
  private final ThreadLocal<Launch> launches = ThreadLocal.withInitial(() -> new Launch(this));
  private final boolean blocking = Boolean.getBoolean(BLOCKING_PROPERTY);
  private volatile @Nullable CudaException failure;
  private volatile boolean closed;

  Device(CudaDriver driver, int ordinal, boolean allowTf32) {
    this.driver = driver;
    facts = driver.facts(ordinal);
    context = driver.retainContext(ordinal);
    try {
      driver.setCurrent(context);
      stream = driver.createStream();
      made.push(() -> driver.destroy(stream));
      byte[] ptx = Ptx.bytes();
      module = driver.loadModule(ptx);
      made.push(() -> driver.unload(module));
      signatures = KernelSignature.all(ptx);
      pool = new MemoryPool(this, driver, facts.totalBytes());
      made.push(pool::close);
      staging = new Staging(this, driver, stream);
      made.push(staging::close);
      blas = driver.blas(stream, allowTf32);
      made.push(blas::close);
      gemm = new Gemm(this, blas);
    } catch (RuntimeException | Error e) {
      made.forEach(Runnable::run);
      driver.releaseContext(ordinal);
      throw e;
    }
  }

  /**
   * A kernel of the module.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public Kernel kernel(String name) {
    return kernels.computeIfAbsent(name, this::find);
  }

  private Kernel find(String name) {
    KernelSignature signature = signatures.get(name);
    if (signature == null) {
      throw new IllegalArgumentException("cuda: kernel is " + name + ", wanted one of the " + signatures.size()
          + " in " + Ptx.NAME);
    }
    driver.setCurrent(context);
    return new Kernel(this, signature, driver.function(module, name));
  }

  /** A new buffer; its contents are undefined. */
  public CudaBuffer allocate(ElementType type, int length) {
    enter();
    Block block = pool.take((long) length * CudaBuffer.bytes(type), type + " buffer of " + length);
    return CudaBuffer.of(this, type, length, block);
  }

  /**
   * A workspace, to be closed: work queued before that still uses it is over before work queued later reuses it. The
   * object itself is used again: it must not be touched once closed.
   */
  public CudaBuffer scratch(ElementType type, int length) {
    enter();
    Block block = pool.take((long) length * CudaBuffer.bytes(type), "workspace");
    return block.scratch(this, type, length);
  }

  /** Matrix products. */
  public Gemm gemm() {
    return gemm;
  }

  /** How many multiprocessors there are. */
  public int multiprocessors() {
    return facts.multiprocessors();
  }

  /** Bytes of shared memory that a block may have. */
  public int sharedPerBlock() {
    return facts.sharedPerBlock();
  }

  /** What the device says of itself. */
  public DeviceFacts facts() {
    return facts;
  }

  /**
   * Blocks for a loop over a grid: enough for every element, and no more than keep the device busy; 0 for no elements.
   *
   * @param perBlock elements that a block does at a time, usually its threads
   */
  public int blocks(long elements, int perBlock) {
    long wanted = (elements + perBlock - 1) / perBlock;
    return (int) Math.min(wanted, (long) WAVES * facts.multiprocessors());
  }

  /**
   * Makes the device's context the calling thread's.
   *
   * @throws IllegalStateException if the backend is closed
   * @throws CudaException if an earlier call failed
   */
  void enter() {
    requireUsable();
    driver.setCurrent(context);
  }

  /** The checks of {@link #enter} alone. */
  void requireUsable() {
    if (closed) {
      throw new IllegalStateException("cuda: the backend is closed");
    }
    CudaException first = failure;
    if (first != null) {
      throw new CudaException("cuda: the backend is unusable since a call failed: " + first.getMessage()
          + "; start the process anew", first);
    }
  }

  /** Makes the context the calling thread's, unless memory cannot be freed any more. */
  boolean canFree() {
    if (closed || failure != null) {
      return false;
    }
    driver.setCurrent(context);
    return true;
  }

  /** Waits for all work; the device has been entered. */
  void synchronize() {
    try {
      driver.synchronize(stream);
    } catch (CudaException e) {
      throw failed("waiting for kernels", e);
    }
  }

  /** What a call becomes that failed: the device is not used again. */
  CudaException failed(String what, CudaException cause) {
    if (cause instanceof CudaOutOfMemoryException) {
      return cause;
    }
    CudaException told =
        new CudaException("cuda: " + what + " on " + facts.describe() + " failed: " + cause.getMessage(), cause);
    if (failure == null) {
      failure = told;
    }
    return told;
  }

  Launch launch(Kernel kernel) {
    enter();
    return launches.get().start(kernel);
  }

  void run(Kernel kernel, int gridX, int gridY, int gridZ, int blockX, int blockY, int sharedBytes,
      CudaDriver.Arguments arguments) {
    try {
      driver.launch(kernel.function(), gridX, gridY, gridZ, blockX, blockY, sharedBytes, stream, arguments);
      if (blocking) {
        driver.synchronize(stream);
      }
    } catch (CudaException e) {
      throw failed(kernel.name() + " with grid (" + gridX + ", " + gridY + ", " + gridZ + ") and block ("
          + blockX + ", " + blockY + ")", e);
    }
  }

  CudaDriver driver() {
    return driver;
  }

  MemoryPool pool() {
    return pool;
  }

  Staging staging() {
    return staging;
  }

  /** Whether products may round their factors to TF32. */
  void allowTf32(boolean allowed) {
    blas.allowTf32(allowed);
  }

  /** For people: name, architecture, memory, cuBLAS. */
  String description() {
    return facts.describe() + ", " + (facts.totalBytes() >> 20) + " MB, " + blas.description();
  }

  /** Waits, and gives everything back. Closing twice does nothing. */
  void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    driver.setCurrent(context);
    if (failure == null) {
      driver.synchronize(stream);
      made.forEach(Runnable::run);
    }
    driver.releaseContext(facts.ordinal());
  }
}
