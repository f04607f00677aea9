package dev.sluice.bench.play;

import dev.sluice.bench.work.Performer;
import dev.sluice.bench.work.Work;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A peer of Sluice's, in a build that has it.
 *
 * @param name a word for messages
 * @param performer its class
 */
record Peer(String name, String performer) {
  private static final String PACKAGE = "dev.sluice.bench.peers.";

  /**
   * That its process keeps the memory it frees, as a JVM does, and has it in large pages. Otherwise libtorch hands large
   * tensors back to the system at each run: of cross-entropy over 10,000 classes one run of each setting took 70 and 22
   * ms, of layer norm 12 and 4. Which setting is faster is found anew for every work.
   */
  private static final Map<String, String> MEMORY = Map.of(
      "THP_MEM_ALLOC_ENABLE", "1",
      "MALLOC_MMAP_THRESHOLD_", "4000000000",
      "MALLOC_TRIM_THRESHOLD_", "16000000000",
      "MALLOC_TOP_PAD_", "268435456");

  private static final List<Peer> KNOWN =
      List.of(new Peer("libtorch", PACKAGE + "LibtorchPerformer"), new Peer("djl", PACKAGE + "DjlPerformer"));

  /** The peers that this build has. */
  static List<Peer> present() {
    return KNOWN.stream().filter(peer -> peer.type().isPresent()).toList();
  }

  private Optional<Class<?>> type() {
    try {
      return Optional.of(Class.forName(performer, false, Peer.class.getClassLoader()));
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }

  /** Whether it can do a work; that starts nothing native. */
  boolean can(Work work) {
    try {
      return ((Performer) type().orElseThrow().getConstructor().newInstance()).can(work);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(performer + " cannot be made", e);
    }
  }

  /** Starts and ends it by itself: its first start ever unpacks libraries, which two at once would spoil. */
  void unpack(Work work, int threads) throws IOException {
    try (var seat = new Seat(contestants(threads).getFirst(), work, threads)) {
      seat.ready();
    }
  }

  /** The settings of its native libraries that are tried for a number of threads, the first being the plain one. */
  List<Contestant> contestants(int threads) {
    Set<Map<String, String>> settings = new LinkedHashSet<>();
    settings.add(setting(Map.of(), threads, threads));
    settings.add(setting(MEMORY, threads, threads));
    settings.add(setting(MEMORY, 1, threads));
    settings.add(setting(MEMORY, threads, 1));
    return settings.stream()
        .map(setting -> new Contestant(name, performer, ChildJvm.classPath(), setting, Clock.WALL))
        .toList();
  }

  private static Map<String, String> setting(Map<String, String> memory, int blas, int openMp) {
    var setting = new HashMap<>(memory);
    setting.put("OPENBLAS_NUM_THREADS", Integer.toString(blas));
    setting.put("MKL_NUM_THREADS", Integer.toString(blas));
    setting.put("OMP_NUM_THREADS", Integer.toString(openMp));
    return setting;
  }
}
