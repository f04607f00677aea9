package dev.sluice.backend.vector;

import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.BackendProvider;
import dev.sluice.spi.Probe;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Offers the vector backend where it is worth having: with the Vector API's module, the C2 compiler and hardware FMA;
 * without any of them the same kernels run hundreds of times slower than plain loops. Touches no class of the Vector
 * API before it knows the module is there.
 */
public final class VectorProvider implements BackendProvider {
  /** The name by which the backend is chosen. */
  public static final String ID = "vector";

  /**
   * Lifts the refusal without C2, for tests only: they show that the bits do not depend on what the JIT has compiled.
   */
  public static final String ALLOW_INTERPRETER = "sluice.vector.allowInterpreter";

  private static final int PRIORITY = 100;
  private static final int LEAST_BITS = 128;
  private static final String MODULE = "jdk.incubator.vector";
  private static final String ADD_MODULE = "start java with --add-modules " + MODULE;

  /** Made by {@link java.util.ServiceLoader}. */
  public VectorProvider() {}

  @Override
  public String id() {
    return ID;
  }

  @Override
  public int priority() {
    return PRIORITY;
  }

  @Override
  public Probe probe() {
    Map<String, String> facts = new LinkedHashMap<>();
    try {
      return probe(facts);
    } catch (LinkageError | RuntimeException e) {
      return refused("the Vector API does not load: " + e, "use an unmodified JDK 25 and " + ADD_MODULE, facts);
    }
  }

  private static Probe probe(Map<String, String> facts) {
    boolean module = ModuleLayer.boot().findModule(MODULE).isPresent();
    facts.put("module", String.valueOf(module));
    JvmOptions jvm = JvmOptions.read();
    facts.put("c2", String.valueOf(jvm.withoutC2().isEmpty()));
    facts.put("fma", String.valueOf(jvm.fma()));
    if (!module) {
      return refused("module " + MODULE + " is not loaded", ADD_MODULE, facts);
    }
    if (!jvm.withoutC2().isEmpty() && !Boolean.getBoolean(ALLOW_INTERPRETER)) {
      return refused("no C2 compiler: " + jvm.withoutC2(), jvm.c2Remedy(), facts);
    }
    if (!jvm.fma()) {
      return refused("no fused multiply-add", "remove -XX:-UseFMA, or use a CPU with FMA (x86-64-v3, any AArch64)",
          facts);
    }
    int bits = VectorWidth.bits();
    facts.put("vectorBits", String.valueOf(bits));
    facts.put("lanes", String.valueOf(VectorWidth.lanes()));
    if (bits < LEAST_BITS) {
      return refused("vectors have " + bits + " bits", "remove -XX:MaxVectorSize, or use a CPU with vectors of "
          + LEAST_BITS + " bits or more", facts);
    }
    return Probe.usable(bits + "-bit vectors, FMA, C2", Collections.unmodifiableMap(facts));
  }

  @Override
  public Backend create(BackendOptions options) {
    Probe probe = probe();
    if (!probe.usable()) {
      throw new IllegalStateException(ID + ": " + probe.reason() + "; " + probe.remedy());
    }
    return new VectorBackend(options);
  }

  private static Probe refused(String reason, String remedy, Map<String, String> facts) {
    return Probe.refused(reason, remedy, Collections.unmodifiableMap(facts));
  }
}
