package dev.sluice.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The PTX that ships is that of the sources, and every compiler takes it for every architecture. */
class PtxTest {
  private static final Path NATIVE = Path.of(System.getProperty("native"));
  private static final Pattern HEAD =
      Pattern.compile("\\.version (\\S+)\\s+\\.target (\\S+)\\s+\\.address_size 64\\s");

  @TempDir Path folder;

  @Test
  void shipsForTheLeastDriverAndDevice() {
    Matcher head = HEAD.matcher(new String(Ptx.bytes(), StandardCharsets.US_ASCII));
    assertTrue(head.find());
    assertEquals(List.of("8.0", "sm_75"), List.of(head.group(1), head.group(2)));
  }

  @Test
  void namesEveryEntryOfTheSourcesAndNoOther() throws IOException {
    Map<String, KernelSignature> shipped = KernelSignature.all(Ptx.bytes());
    List<String> listed = Files.readAllLines(NATIVE.resolve("ptx/registers.tsv")).stream().skip(1)
        .map(row -> row.substring(0, row.indexOf('\t'))).toList();
    assertEquals(listed.stream().collect(Collectors.toSet()), shipped.keySet(), "registers.tsv and the PTX differ");
  }

  @Test
  void readsSignatures() {
    Map<String, KernelSignature> signatures = KernelSignature.all(("""
        .visible .entry first(
        \t.param .u64 .ptr .align 1 first_param_0,
        \t.param .f32 first_param_1,
        \t.param .align 4 .b8 first_param_2[36]
        )
        { }
        .visible .entry second()
        """).getBytes(StandardCharsets.US_ASCII));
    assertEquals("[8, 4, 36]", Arrays.toString(signatures.get("first").sizes()));
    assertEquals(0, signatures.get("second").sizes().length);
  }

  /** Where nvcc is, and only there. */
  @Test
  void isWhatTheSourcesCompileTo() throws IOException, InterruptedException {
    assumeTrue(isThere("nvcc"), "there is no nvcc");
    make("check-ptx");
  }

  /**
   * Where ptxas is, and only there: registers and spills of every kernel on every architecture are those of the table.
   */
  @Test
  @Tag("slow")
  void takesTheRegistersThatTheTableSays() throws IOException, InterruptedException {
    assumeTrue(isThere("ptxas"), "there is no ptxas");
    make("check-ptxas");
  }

  /** The compiler of CUDA 12.0, which knows no PTX newer than 8.0. */
  @ParameterizedTest
  @ValueSource(strings = {"sm_75", "sm_80", "sm_90"})
  void isTakenByTheCompilerOfCuda12(String architecture) throws IOException, InterruptedException {
    ChildJvm child = ChildJvm.run(List.of("--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=" + folder),
        CompilerMain.class, architecture);
    assertTrue(child.requireOutput().getFirst().matches(architecture + " \\d{5,}"), () -> child.output().toString());
  }

  private static boolean isThere(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private void make(String target) throws IOException, InterruptedException {
    Path output = folder.resolve("make.txt");
    // What another make may be building lies elsewhere.
    Process make = new ProcessBuilder("make", "--no-print-directory", "-C", NATIVE.toString(), target,
        "BUILD=" + folder.resolve("build")).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    assertEquals(0, make.waitFor(), () -> tail(output));
  }

  private static String tail(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
