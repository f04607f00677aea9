package dev.sluice.backend.vector;

import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.BackendProvider;
import dev.sluice.spi.Probe;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Offers the vector backend where the JVM can compile it well: with the module {@code jdk.incubator.vector}, with the
 * C2 compiler, with fused multiply-add in hardware and with vectors of 128 bit at least. Anything less is refused, for
 * it would be tens to thousands of times slower than plain loops; each refusal names what is missing and the flag or
 * machine that brings it.
 *
 * <p>No type of the Vector API stands in this class, so that it loads where the module is missing.
 */
public final class VectorProvider implements BackendProvider {
  /** The name by which the backend is chosen. */
  public static final String ID = "vector";

  /**
   * The property that lifts the refusal without C2 when it is {@code true}. It is there for tests that compare the bits
   * of interpreted and compiled code; the backend is then unusably slow.
   */
  public static final String ALLOW_INTERPRETER_PROPERTY = "sluice.vector.allowInterpreter";

  private static final String MODULE = "jdk.incubator.vector";
  private static final int LEAST_BITS = 128;

  /** For {@link java.util.ServiceLoader}. */
  public VectorProvider() {}

  @Override
  public String id() {
    return ID;
  }

  @Override
  public int priority() {
    return 100;
  }

  /** Looks for the first thing that is missing, in the order module, C2, FMA, width. */
  @Override
  public Probe probe() {
    Map<String, String> facts = new LinkedHashMap<>();
    boolean module = ModuleLayer.boot().findModule(MODULE).isPresent();
    facts.put("module", String.valueOf(module));
    JvmOptions jvm = JvmOptions.read();
    facts.put("c2", jvm.withoutC2().isEmpty() ? "true" : "false");
    facts.put("fma", String.valueOf(jvm.fma()));
    facts.put("threads", String.valueOf(Runtime.getRuntime().availableProcessors()));
    if (!module) {
      return Probe.refused("module " + MODULE + " is not loaded", "run java with --add-modules " + MODULE, facts);
    }
    if (!jvm.withoutC2().isEmpty() && !Boolean.getBoolean(ALLOW_INTERPRETER_PROPERTY)) {
      return Probe.refused("the C2 compiler is off: " + jvm.withoutC2(), jvm.c2Remedy(), facts);
    }
    if (!jvm.fma()) {
      return Probe.refused("no fused multiply-add: UseFMA is false",
          "remove -XX:-UseFMA if it is given, else use a CPU with FMA (x86: Haswell, Zen or later)", facts);
    }
    return probeWidth(facts);
  }

  private static Probe probeWidth(Map<String, String> facts) {
    int bits;
    int lanes;
    try {
      bits = VectorWidth.bits();
      lanes = VectorWidth.lanes();
    } catch (LinkageError | RuntimeException e) {
      return Probe.refused("the Vector API does not start: " + e, "use an unmodified JDK 25 and remove limits on "
          + MODULE, facts);
    }
    facts.put("vectorBits", String.valueOf(bits));
    facts.put("lanes", String.valueOf(lanes));
    if (bits < LEAST_BITS) {
      return Probe.refused("vectors have " + bits + " bit, fewer than " + LEAST_BITS,
          "remove -XX:MaxVectorSize, -XX:UseAVX and -XX:UseSSE if given, else use a CPU with 128-bit vectors", facts);
    }
    return Probe.usable(bits + "-bit vectors (" + lanes + " floats), FMA", facts);
  }

  @Override
  public Backend create(BackendOptions options) {
    Probe probe = probe();
    if (!probe.usable()) {
      throw new IllegalStateException("vector backend: " + probe.reason() + "; " + probe.remedy());
    }
    return new VectorBackend(options);
  }
}
