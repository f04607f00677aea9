package dev.sluice.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The libraries of the host: that of the driver, and cuBLAS. They are opened by {@code java.lang.foreign}, before any
 * class of JCuda; its native libraries are then bound to the same ones, because the loader knows them by the name they
 * bear.
 */
final class Libraries {
  /** The property that names the driver's library by its path. */
  static final String DRIVER_PROPERTY = "sluice.cuda.driver";

  /** The property that names cuBLAS by its path. */
  static final String CUBLAS_PROPERTY = "sluice.cuda.cublas";

  static final String DRIVER = "libcuda.so.1";

  /** The names of cuBLAS, the preferred one first. */
  static final List<String> CUBLAS = List.of("libcublas.so.12", "libcublas.so.13");

  private static final int MAJOR_VERSION = 0;

  private static final Linker LINKER = Linker.nativeLinker();

  /**
   * A cuBLAS that was opened.
   *
   * @param symbols its functions
   * @param name by what it was opened
   * @param major its major version
   */
  record Cublas(SymbolLookup symbols, String name, int major) {}

  private Libraries() {}

  /**
   * Opens the driver's library.
   *
   * @throws IllegalArgumentException if it cannot be opened
   */
  static SymbolLookup driver() {
    return open(System.getProperty(DRIVER_PROPERTY), DRIVER);
  }

  /** Opens cuBLAS, empty where there is none. */
  static Optional<Cublas> cublas() {
    for (String name : cublasNames()) {
      try {
        SymbolLookup symbols = open(name, name);
        return Optional.of(new Cublas(symbols, name, major(symbols)));
      } catch (IllegalArgumentException e) {
        // The next name may be there.
      }
    }
    return Optional.empty();
  }

  /** What cuBLAS is looked for by. */
  static List<String> cublasNames() {
    String named = System.getProperty(CUBLAS_PROPERTY);
    return named == null ? CUBLAS : List.of(named);
  }

  /** A function that returns an int. */
  static MethodHandle function(SymbolLookup symbols, String name, ValueLayout... arguments) {
    MemorySegment address = symbols.find(name)
        .orElseThrow(() -> new IllegalArgumentException("the library has no function " + name));
    return LINKER.downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
  }

  /** The result of a function with one out-parameter of an int, which comes first in the pair. */
  static int[] intOut(MethodHandle function, List<Object> before) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
      List<Object> given = new ArrayList<>(before);
      given.add(out);
      int result = (int) function.invokeWithArguments(given);
      return new int[] {out.get(ValueLayout.JAVA_INT, 0), result};
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static SymbolLookup open(@Nullable String path, String name) {
    return path == null || !path.contains("/")
        ? SymbolLookup.libraryLookup(path == null ? name : path, Arena.global())
        : SymbolLookup.libraryLookup(Path.of(path), Arena.global());
  }

  private static int major(SymbolLookup symbols) {
    MethodHandle property =
        function(symbols, "cublasGetProperty", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    return intOut(property, List.of(MAJOR_VERSION))[0];
  }
}
