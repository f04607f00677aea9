package dev.sluice.bench.gate;

import dev.sluice.bench.UsageException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Another revision's library, built in a working tree of its own that is removed at the end, whatever the end is. Only
 * the library is the other revision's: what plays is this tree's, so that both do the same.
 */
final class Revision implements AutoCloseable {
  private static final String LIBRARY = "sluice-core-";
  private static final List<String> BUILD =
      List.of("mvn", "-B", "-ntp", "-q", "-pl", "core", "-Dmaven.test.skip=true", "-Dconformance.skip=true", "package");

  private final Path root;
  private final Path folder;
  private final Thread whenInterrupted = new Thread(this::remove, "sluice-end-of-revision");
  private final String library;

  /**
   * Checks a revision out and builds it.
   *
   * @param root a working tree of the repository
   * @param name what git calls the revision
   * @throws UsageException if there is no such revision, or it cannot be built
   */
  Revision(Path root, String name) throws IOException, InterruptedException {
    this.root = root;
    Command.Outcome found = Command.run(root, "git", "rev-parse", "--verify", "--quiet", name + "^{commit}");
    if (found.code() != 0) {
      throw new UsageException("--check " + name + ": git knows no such revision in " + root);
    }
    Path parent = Files.createTempDirectory("sluice-base");
    folder = parent.resolve("tree");
    Runtime.getRuntime().addShutdownHook(whenInterrupted);
    try {
      require(name, Command.run(root, "git", "worktree", "add", "--detach", folder.toString(), found.output().strip()));
      require(name, Command.run(folder, BUILD.toArray(String[]::new)));
      library = built();
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static void require(String name, Command.Outcome outcome) {
    if (outcome.code() != 0) {
      throw new UsageException("--check " + name + ": it cannot be built: " + outcome.lastLines());
    }
  }

  private String built() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("core").resolve("target"))) {
      return files.map(Path::toString)
          .filter(file -> isLibrary(Path.of(file)) && !file.endsWith("-tests.jar"))
          .findFirst()
          .orElseThrow(() -> new IOException("the build of the other revision left no " + LIBRARY + "*.jar"));
    }
  }

  private static boolean isLibrary(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(LIBRARY) && name.endsWith(".jar");
  }

  /** A class path with this revision's library in place of its own. */
  String classPath(String own) {
    List<String> entries = new ArrayList<>(Arrays.asList(own.split(File.pathSeparator)));
    if (entries.stream().noneMatch(entry -> isLibrary(Path.of(entry)))) {
      throw new UsageException("--check needs a packaged library on the class path; start it by ./sluice");
    }
    return entries.stream()
        .map(entry -> isLibrary(Path.of(entry)) ? library : entry)
        .collect(Collectors.joining(File.pathSeparator));
  }

  private void remove() {
    try {
      Command.run(root, "git", "worktree", "remove", "--force", folder.toString());
      Files.deleteIfExists(folder.getParent());
    } catch (IOException e) {
      System.getLogger(Revision.class.getName()).log(System.Logger.Level.WARNING, "cannot remove " + folder, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    remove();
    Runtime.getRuntime().removeShutdownHook(whenInterrupted);
  }
}
