package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Probe;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VectorProviderTest {
  private static final String SERVER = "OpenJDK 64-Bit Server VM";
  private static final String MIXED = "mixed mode, sharing";

  @Test
  void theProbeStatesItsFactsInOrder() {
    Probe probe = new VectorProvider().probe();
    assertEquals(List.of("module", "c2", "fma", "threads", "vectorBits", "lanes"), List.copyOf(probe.facts().keySet()));
    assertTrue(probe.usable(), probe.reason());
  }

  @Test
  void aServerVmWithC2IsTaken() {
    Map<String, String> options = Map.of("UseCompiler", "true", "TieredCompilation", "true", "TieredStopAtLevel", "4",
        "UseFMA", "true", "CompilationMode", "default");
    assertEquals(new JvmOptions("", "", true), judge(SERVER, MIXED, options));
    assertEquals(new JvmOptions("", "", true), judge(SERVER, MIXED, Map.of()));
    Map<String, String> onlyC2 = Map.of("TieredCompilation", "false", "TieredStopAtLevel", "1");
    assertEquals("", judge(SERVER, MIXED, onlyC2).withoutC2());
  }

  @Test
  void everyWayToLoseC2IsNamedWithItsRemedy() {
    refused("Client VM", judge("OpenJDK Client VM", MIXED, Map.of()), "server VM");
    refused("interprets", judge(SERVER, "interpreted mode, sharing", Map.of()), "-Xint");
    refused("interprets", judge(SERVER, MIXED, Map.of("UseCompiler", "false")), "-XX:-UseCompiler");
    refused("TieredStopAtLevel is 1", judge(SERVER, MIXED, Map.of("TieredCompilation", "true", "TieredStopAtLevel",
        "1")), "-XX:TieredStopAtLevel=1");
    refused("quick-only", judge(SERVER, MIXED, Map.of("CompilationMode", "quick-only")),
        "-XX:CompilationMode=quick-only");
    refused("JVMCI", judge(SERVER, MIXED, Map.of("UseJVMCICompiler", "true")), "-XX:-UseJVMCICompiler");
  }

  @Test
  void missingFmaIsSeen() {
    assertEquals(false, judge(SERVER, MIXED, Map.of("UseFMA", "false")).fma());
  }

  @Test
  void theBackendSaysWhatItIsAndEndsForGood() {
    Backend backend = new VectorProvider().create(new BackendOptions(2));
    assertEquals("vector", backend.id());
    assertEquals("vector: " + 32 * Lanes.COUNT + "-bit (" + Lanes.COUNT + " floats), FMA, 2 threads",
        backend.description());
    Buffer buffer = backend.allocate(ElementType.REAL, 3);
    backend.close();
    backend.close();
    assertThrows(IllegalStateException.class, backend::gemm);
    assertThrows(IllegalStateException.class, () -> backend.allocate(ElementType.REAL, 1));
    assertThrows(IllegalStateException.class, () -> backend.read(buffer, 0, new float[3], 0, 3));
  }

  @Test
  void transfersOutsideTheBufferAreRefused() {
    Backend backend = Agreement.VECTOR.getFirst();
    Buffer buffer = backend.allocate(ElementType.REAL, 3);
    assertThrows(IllegalArgumentException.class, () -> backend.write(new float[5], 0, buffer, 1, 3));
    assertThrows(IllegalArgumentException.class, () -> backend.read(buffer, -1, new float[5], 0, 2));
    assertThrows(IllegalArgumentException.class, () -> backend.read(buffer, 0, new double[1], 0, 2));
    assertThrows(IllegalArgumentException.class, () -> backend.write(new int[1], 0, buffer, 0, 1));
  }

  private static JvmOptions judge(String name, String info, Map<String, String> options) {
    return JvmOptions.of(name, info, option -> options.getOrDefault(option, JvmOptions.ABSENT));
  }

  private static void refused(String reason, JvmOptions jvm, String remedy) {
    assertTrue(jvm.withoutC2().contains(reason), jvm.withoutC2());
    assertTrue(jvm.c2Remedy().contains(remedy), jvm.c2Remedy());
  }
}
