package dev.sluice.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.sluice.spi.Probe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks at what a host has for CUDA, by {@code java.lang.foreign} and without any class of JCuda, which would fail in
 * its own way: a driver, new enough for the kernels' PTX, a device, new enough as well, and cuBLAS. Stops at the first
 * that is missing.
 */
public final class CudaProbe {
  /** The CUDA version that the kernels' PTX 8.0 needs, as the driver counts. */
  private static final int LEAST_VERSION = 12_000;

  /** The compute capability that the kernels' PTX is for. */
  private static final int LEAST_CAPABILITY = 75;

  private static final int SUCCESS = 0;
  private static final int NO_DEVICE = 100;
  private static final int DRIVER_MISMATCH = 803;
  private static final int MAJOR = 75;
  private static final int MINOR = 76;
  private static final int NAME_BYTES = 256;

  private static final String INSTALL =
      "install NVIDIA's driver, 525 or newer (Debian: sudo apt install nvidia-driver)";

  private final Map<String, String> facts = new LinkedHashMap<>();

  private CudaProbe() {}

  /** What there is, for a device by its number. Never throws. */
  public static Probe of(int device) {
    CudaProbe probe = new CudaProbe();
    try {
      return probe.look(device);
    } catch (IllegalCallerException e) {
      return probe.refused("native access is denied to this program",
          "run java with --enable-native-access=ALL-UNNAMED (dev.sluice.cuda and jcuda, where they are modules)");
    } catch (Throwable e) {
      return probe.refused("the driver cannot be asked: " + e,
          "check that " + Libraries.DRIVER + " is NVIDIA's, or name it by -D" + Libraries.DRIVER_PROPERTY);
    }
  }

  private Probe look(int device) throws Throwable {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    facts.put("system", system);
    if (!system.equals("Linux amd64")) {
      return refused("this is " + system, "use Linux on x86-64, for which JCuda's native libraries are here");
    }
    SymbolLookup driver;
    try {
      driver = Libraries.driver();
    } catch (IllegalArgumentException e) {
      String named = System.getProperty(Libraries.DRIVER_PROPERTY);
      return named == null ? refused("there is no CUDA driver: " + Libraries.DRIVER + " is not found", INSTALL)
          : refused("there is no CUDA driver at " + named,
              "correct -D" + Libraries.DRIVER_PROPERTY + ", or leave it out");
    }
    int version = Libraries.intOut(Libraries.function(driver, "cuDriverGetVersion", ADDRESS), List.of())[0];
    facts.put("driver", version(version));
    if (version < LEAST_VERSION) {
      return refused("the driver is for CUDA " + version(version) + ", older than " + version(LEAST_VERSION)
          + ", which the kernels' PTX 8.0 needs", INSTALL);
    }
    int started = (int) Libraries.function(driver, "cuInit", JAVA_INT).invokeExact(0);
    if (started == NO_DEVICE) {
      return noDevice();
    }
    if (started != SUCCESS) {
      return refused("the driver does not start: cuInit gives " + started, started == DRIVER_MISMATCH
          ? "the driver's library and kernel module differ: restart the machine"
          : "look at what nvidia-smi and the kernel's log say");
    }
    int devices = Libraries.intOut(Libraries.function(driver, "cuDeviceGetCount", ADDRESS), List.of())[0];
    facts.put("devices", String.valueOf(devices));
    if (devices == 0) {
      return noDevice();
    }
    if (device >= devices) {
      return refused("there is no device " + device + ", the last is " + (devices - 1),
          "name one of cuda:0 to cuda:" + (devices - 1));
    }
    int capability = 0;
    for (int i = 0; i < devices; i++) {
      int found = capability(driver, i);
      facts.put("device" + i, name(driver, i) + ", sm_" + found);
      capability = i == device ? found : capability;
    }
    String chosen = "device " + device + " (" + facts.get("device" + device) + ")";
    if (capability < LEAST_CAPABILITY) {
      return refused(chosen + " is older than sm_" + LEAST_CAPABILITY, "use a GPU of the Turing generation or newer");
    }
    Optional<Libraries.Cublas> cublas = Libraries.cublas();
    if (cublas.isEmpty()) {
      return refused("cuBLAS is missing: " + String.join(" and ", Libraries.cublasNames()) + " cannot be opened",
          "install cuBLAS 12 (Debian: sudo apt install libcublas12; NVIDIA's repository: libcublas-12-6), or name it"
              + " by -D" + Libraries.CUBLAS_PROPERTY + "=PATH");
    }
    facts.put("cublas", cublas.get().name());
    return Probe.usable(chosen + ", driver for CUDA " + version(version) + ", cuBLAS " + cublas.get().major(), facts);
  }

  private Probe noDevice() {
    return refused("the driver finds no device",
        "check nvidia-smi and CUDA_VISIBLE_DEVICES; a container needs --gpus all");
  }

  private Probe refused(String reason, String remedy) {
    return Probe.refused(reason, remedy, facts);
  }

  private static String name(SymbolLookup driver, int device) throws Throwable {
    MethodHandle name = Libraries.function(driver, "cuDeviceGetName", ADDRESS, JAVA_INT, JAVA_INT);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(NAME_BYTES);
      int result = (int) name.invokeExact(text, NAME_BYTES, device);
      return result == SUCCESS ? text.getString(0) : "unknown";
    }
  }

  private static int capability(SymbolLookup driver, int device) throws Throwable {
    return 10 * attribute(driver, MAJOR, device) + attribute(driver, MINOR, device);
  }

  private static int attribute(SymbolLookup driver, int attribute, int device) throws Throwable {
    MethodHandle get = Libraries.function(driver, "cuDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
      int result = (int) get.invokeExact(out, attribute, device);
      return result == SUCCESS ? out.get(ValueLayout.JAVA_INT, 0) : 0;
    }
  }

  /** A version as people write it. */
  private static String version(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }
}
