package dev.sluice.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.sluice.Backends;
import dev.sluice.spi.BackendOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The software GPU of this JVM as tests handle it: its libraries, and what its driver exports beside CUDA's own calls.
 */
public final class SoftGpu {
  /** The driver's library. */
  public static final Path DRIVER = Path.of(System.getProperty("sluice.cuda.driver"));

  /** cuBLAS 12. */
  public static final Path CUBLAS = Path.of(System.getProperty("sluice.cuda.cublas"));

  private static final SymbolLookup SYMBOLS = SymbolLookup.libraryLookup(DRIVER, Arena.global());
  private static final int LINE_BYTES = 4096;

  private SoftGpu() {}

  /** What a JVM of its own needs to run on the software GPU. */
  public static List<String> flags() {
    return flags(DRIVER.toString(), CUBLAS.toString());
  }

  /** What a JVM of its own needs to look for these libraries. */
  public static List<String> flags(String driver, String cublas) {
    return List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
        "-Dsluice.cuda.driver=" + driver, "-Dsluice.cuda.cublas=" + cublas);
  }

  /** A backend of the caller's own on the first device. */
  public static CudaBackend backend() {
    return (CudaBackend) Backends.create("cuda", new BackendOptions(1));
  }

  /** Makes the n-th call of a function from now on fail with a code. */
  public static void fail(String function, int call, int code) {
    try (Arena arena = Arena.ofConfined()) {
      require("cuSoftgpuFail", arena.allocateFrom(function + ":" + call + ":" + code));
    }
  }

  /** How often a function was called in this process. */
  public static long calls(String function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_LONG);
      require("cuSoftgpuCalls", arena.allocateFrom(function), count);
      return count.get(JAVA_LONG, 0);
    }
  }

  /** Sets the memory of a device. */
  public static void setMemory(int device, long bytes) {
    require("cuSoftgpuSetMemory", device, bytes);
  }

  /** What checking mode has found so far. */
  public static List<String> reports() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_LONG);
      require("cuSoftgpuReportCount", count);
      List<String> reports = new ArrayList<>();
      MemorySegment line = arena.allocate(LINE_BYTES);
      for (long i = 0; i < count.get(JAVA_LONG, 0); i++) {
        require("cuSoftgpuReport", i, line, (long) LINE_BYTES);
        reports.add(line.getString(0));
      }
      return reports;
    }
  }

  /** Counters of all kernels so far, as JSON: accesses only where the variable SOFTGPU_COUNTERS is set. */
  public static String counters() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment needed = arena.allocate(JAVA_LONG);
      require("cuSoftgpuCounters", arena.allocate(1), 1L, needed);
      MemorySegment text = arena.allocate(needed.get(JAVA_LONG, 0));
      require("cuSoftgpuCounters", text, text.byteSize(), needed);
      return text.getString(0);
    }
  }

  private static void require(String function, Object... arguments) {
    MemoryLayout[] layouts = new MemoryLayout[arguments.length];
    for (int i = 0; i < layouts.length; i++) {
      layouts[i] = arguments[i] instanceof MemorySegment ? ADDRESS
          : arguments[i] instanceof Long ? JAVA_LONG : JAVA_INT;
    }
    try {
      Object result = Linker.nativeLinker()
          .downcallHandle(SYMBOLS.find(function).orElseThrow(), FunctionDescriptor.of(JAVA_INT, layouts))
          .invokeWithArguments(arguments);
      if (!result.equals(0)) {
        throw new AssertionError(function + " gives " + result);
      }
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
