package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.sluice.Backends;
import dev.sluice.data.FashionMnist;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same seed gives the same weights to the last bit, however many threads work and whatever is compiled. */
class ReproducibilityTest {
  /** Trainings in one JVM: enough for C2 to compile the kernels at the threshold that the child is given. */
  private static final int TRAININGS = 4;

  @TempDir Path folder;

  /** Twice with each number of threads, at sizes that cut the work into several chunks. */
  @ParameterizedTest
  @EnumSource
  void anyNumberOfThreadsGivesTheSameWeights(CellKind cell) throws IOException {
    FashionMnist images = Stripes.make(folder, 384, 8);
    FashionConfiguration configuration = Settings.of(cell, "norm:1", 64, 128, false);
    String once = digest(configuration, 1, 1, images);
    for (int threads : new int[] {1, 2, 5}) {
      assertEquals(once, digest(configuration, 1, threads, images), cell + " with " + threads + " threads");
      assertEquals(once, digest(configuration, 1, threads, images), cell + " with " + threads + " threads, again");
    }
    assertNotEquals(once, digest(configuration, 2, 1, images));
  }

  private static String digest(FashionConfiguration configuration, long seed, int threads, FashionMnist images) {
    try (Backend backend = Backends.create("vector", new BackendOptions(threads))) {
      return DigestMain.digest(configuration, seed, backend, images);
    }
  }

  @Test
  void interpretedAndCompiledGiveTheSameWeights() throws IOException, InterruptedException {
    List<String> interpreted = digests(List.of("-Xint", "-Dsluice.vector.allowInterpreter=true"), 1);
    List<String> compiled = digests(List.of("-Xbatch", "-XX:CompileThresholdScaling=0.1"), TRAININGS);
    assertEquals(DigestMain.CELLS.size(), interpreted.size());
    assertEquals(TRAININGS * interpreted.size(), compiled.size());
    assertEquals(new HashSet<>(interpreted), new HashSet<>(compiled));
  }

  private List<String> digests(List<String> flags, int trainings) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(ChildJvm.VECTOR_FLAGS);
    all.addAll(flags);
    return ChildJvm.run(all, DigestMain.class, folder.toString(), Integer.toString(trainings)).requireOutput();
  }
}
