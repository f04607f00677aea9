package dev.sluice.bench.doctor;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.sluice.spi.BackendOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import jdk.incubator.vector.VectorShape;
import org.jspecify.annotations.Nullable;

/**
 * The JVM and the processor under it.
 *
 * @param java the version of the JVM
 * @param vendor who built it
 * @param javaHome where it is
 * @param system name and version of the operating system
 * @param architecture of the processor, as the JVM calls it
 * @param processor its model, where the system tells
 * @param cores how many the JVM may use
 * @param memoryMegabytes the most memory the JVM may take for its heap
 * @param vectorModule whether jdk.incubator.vector is there
 * @param vectorBits the widest vectors the JVM prefers, null without that module
 * @param fma whether the JVM uses the processor's fused multiply-add
 * @param c2 whether the JVM's optimizing compiler is on
 * @param threads worker threads of a CPU backend
 */
record Machine(
    String java,
    String vendor,
    String javaHome,
    String system,
    String architecture,
    @Nullable String processor,
    int cores,
    long memoryMegabytes,
    boolean vectorModule,
    @Nullable Integer vectorBits,
    boolean fma,
    boolean c2,
    int threads) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final int LEVEL_OF_C2 = 4;

  static Machine here() {
    boolean vectorModule = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return new Machine(
        Runtime.version().toString(),
        System.getProperty("java.vendor"),
        System.getProperty("java.home"),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("os.arch"),
        processorModel(),
        Runtime.getRuntime().availableProcessors(),
        Runtime.getRuntime().maxMemory() >> 20,
        vectorModule,
        vectorModule ? Vectors.preferredBits() : null,
        option("UseFMA").map(Boolean::parseBoolean).orElse(false),
        option("TieredStopAtLevel").map(level -> Integer.parseInt(level) >= LEVEL_OF_C2).orElse(false)
            && !ManagementFactory.getRuntimeMXBean().getInputArguments().contains("-Xint"),
        BackendOptions.defaults().threads());
  }

  private static @Nullable String processorModel() {
    if (!Files.isReadable(CPU_INFO)) {
      return null;
    }
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return lines.filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }

  /** A flag of the JVM, or nothing where this JVM has none of that name. */
  private static Optional<String> option(String name) {
    var hotspot = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      return Optional.ofNullable(hotspot).map(bean -> bean.getVMOption(name).getValue());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Apart, because it must not be loaded without the module. */
  private static final class Vectors {
    static int preferredBits() {
      return VectorShape.preferredShape().vectorBitSize();
    }
  }
}
