package dev.sluice.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said on hosts that lack something, each in a JVM of its own, and that no class of JCuda is loaded there. */
class ProbeTest {
  private static final String INSTALL =
      "install NVIDIA's driver, 525 or newer (Debian: sudo apt install nvidia-driver)";

  @Test
  void noDriver() throws IOException, InterruptedException {
    assertRefused(SoftGpu.flags("libcuda-that-is-not.so.1", SoftGpu.CUBLAS.toString()), Map.of(), "cuda",
        "there is no CUDA driver at libcuda-that-is-not.so.1; correct -Dsluice.cuda.driver, or leave it out");
  }

  @Test
  void noDevice() throws IOException, InterruptedException {
    assertRefused(SoftGpu.flags(), Map.of("SOFTGPU_NODEVICE", "1"), "cuda",
        "the driver finds no device; check nvidia-smi and CUDA_VISIBLE_DEVICES; a container needs --gpus all");
  }

  @ParameterizedTest
  @CsvSource({"11080, 11.8", "11000, 11.0"})
  void driverTooOldForThePtx(String version, String shown) throws IOException, InterruptedException {
    assertRefused(SoftGpu.flags(), Map.of("SOFTGPU_DRIVER", version), "cuda", "the driver is for CUDA " + shown
        + ", older than 12.0, which the kernels' PTX 8.0 needs; " + INSTALL);
  }

  @Test
  void noCublas() throws IOException, InterruptedException {
    assertRefused(SoftGpu.flags(SoftGpu.DRIVER.toString(), "/none/libcublas.so.12"), Map.of(), "cuda",
        "cuBLAS is missing: /none/libcublas.so.12 cannot be opened; install cuBLAS 12 (Debian: sudo apt install"
            + " libcublas12; NVIDIA's repository: libcublas-12-6), or name it by -Dsluice.cuda.cublas=PATH");
  }

  @Test
  void deviceTooOldForThePtx() throws IOException, InterruptedException {
    assertRefused(SoftGpu.flags(), Map.of("SOFTGPU_MODEL", "sm_70"), "cuda", "device 0 (Software GPU sm_70, sm_70) is"
        + " older than sm_75; use a GPU of the Turing generation or newer");
  }

  @Test
  void noSuchDevice() throws IOException, InterruptedException {
    assertRefused(SoftGpu.flags(), Map.of("SOFTGPU_DEVICES", "2"), "cuda:2",
        "there is no device 2, the last is 1; name one of cuda:0 to cuda:1", "cuda");
  }

  @Test
  void driverThatDoesNotStart() throws IOException, InterruptedException {
    assertRefused(SoftGpu.flags(), Map.of("SOFTGPU_FAIL", "cuInit:1:803"), "cuda",
        "the driver does not start: cuInit gives 803; the driver's library and kernel module differ:"
            + " restart the machine",
        "cuda");
  }

  @Test
  void noNativeAccess() throws IOException, InterruptedException {
    List<String> flags = new ArrayList<>(SoftGpu.flags());
    flags.remove("--enable-native-access=ALL-UNNAMED");
    flags.add("--illegal-native-access=deny");
    assertRefused(flags, Map.of(), "cuda", "native access is denied to this program; run java with"
        + " --enable-native-access=ALL-UNNAMED (dev.sluice.cuda and jcuda, where they are modules)");
  }

  @Test
  void takesTheGpuWhereEverythingIsThere() throws IOException, InterruptedException {
    ChildJvm child = ChildJvm.run(SoftGpu.flags(), Map.of("SOFTGPU_DEVICES", "2"), ProbeMain.class, "cuda:1");
    assertEquals(List.of("cuda:1", "cuda"), child.requireOutput());
    assertTrue(child.errors().stream().anyMatch(line ->
        line.matches("INFO: backend cuda: device 0 \\(.*, sm_80\\), .*")),
        () -> String.join("\n", child.errors()));
  }

  private static void assertRefused(List<String> flags, Map<String, String> environment, String name, String reason)
      throws IOException, InterruptedException {
    assertRefused(flags, environment, name, reason, "vector");
  }

  private static void assertRefused(List<String> flags, Map<String, String> environment, String name, String reason,
      String automatic) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(flags);
    boolean falls = automatic.equals("vector");
    if (falls) {
      all.add("-Xlog:class+load=info:file=" + Path.of("target", "classes-loaded.txt"));
    }
    ChildJvm child = ChildJvm.run(all, environment, ProbeMain.class, name);
    assertEquals(List.of("refused: backend " + name + ": " + reason, automatic), child.requireOutput());
    if (falls) {
      assertFalse(Files.readString(Path.of("target", "classes-loaded.txt")).contains(" jcuda."),
          "a class of JCuda was loaded");
      String told = "no cuda: " + reason.substring(0, reason.indexOf("; ")) + " (";
      assertEquals(1, child.errors().stream().filter(line -> line.startsWith("INFO: backend vector: ")
          && line.contains(told)).count(), () -> String.join("\n", child.errors()));
    }
  }
}
