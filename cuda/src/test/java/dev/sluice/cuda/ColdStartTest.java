package dev.sluice.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JCuda's native libraries are unpacked by many processes at once without harm, and where nobody else can write. */
class ColdStartTest {
  private static final int STARTS = 48;

  @TempDir Path folder;

  @Test
  void startsAtOnceInAnEmptyCache() throws InterruptedException, ExecutionException, IOException {
    try (ExecutorService starts = Executors.newFixedThreadPool(STARTS)) {
      List<Callable<ChildJvm>> all = new ArrayList<>();
      for (int i = 0; i < STARTS; i++) {
        all.add(this::start);
      }
      for (Future<ChildJvm> start : starts.invokeAll(all)) {
        assertEquals(List.of("cuda"), start.get().requireOutput());
      }
    }
    Path natives = folder.resolve("cache/sluice/natives");
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(natives)));
    assertEquals(List.of("libJCublas2-12.6.0-linux-x86_64.so", "libJCudaDriver-12.6.0-linux-x86_64.so"),
        names(natives));
    assertEquals(List.of(), names(Files.createDirectories(folder.resolve("tmp"))));
  }

  @Test
  void replacesALibraryThatIsNotTheJars() throws IOException, InterruptedException {
    start().requireOutput();
    Path library = folder.resolve("cache/sluice/natives/libJCudaDriver-12.6.0-linux-x86_64.so");
    byte[] whole = Files.readAllBytes(library);
    byte[] changed = whole.clone();
    changed[changed.length / 2] ^= 1;
    Files.write(library, changed);
    assertEquals(List.of("cuda"), start().requireOutput());
    assertArrayEquals(whole, Files.readAllBytes(library));
  }

  @Test
  void usesNoCacheThatOthersCanWrite() throws IOException, InterruptedException {
    Path natives = folder.resolve("cache/sluice/natives");
    Files.createDirectories(natives);
    Files.setPosixFilePermissions(natives, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertEquals(List.of("cuda"), start().requireOutput());
    assertEquals(List.of(), names(natives));
    assertEquals(List.of(), names(folder.resolve("tmp")));
  }

  private ChildJvm start() throws IOException, InterruptedException {
    List<String> flags = new ArrayList<>(SoftGpu.flags());
    Files.createDirectories(folder.resolve("tmp"));
    flags.addAll(List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:-UsePerfData",
        "-Djava.io.tmpdir=" + folder.resolve("tmp")));
    Map<String, String> environment = Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString());
    return ChildJvm.run(flags, environment, ColdStartMain.class);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
