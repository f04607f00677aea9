package dev.sluice.bench.train;

import dev.sluice.data.DataException;
import dev.sluice.data.FashionMnist;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gets Fashion-MNIST: from a given folder, from the usual ones, or by the launcher's script that fills the cache folder. */
final class FashionData {
  /** Set by the launcher: the script that is run with the folder to fill. */
  private static final String FETCH = "sluice.fetch";

  private FashionData() {}

  /**
   * Finds the four files, fetching them if they are in none of the usual folders.
   *
   * @param explicit the folder the user named, or null
   * @throws DataException if they are not there and cannot be fetched
   */
  static Path folder(@Nullable Path explicit) throws IOException, InterruptedException {
    Optional<Path> found = FashionMnist.locate(explicit);
    if (found.isEmpty()) {
      fetch(FashionMnist.cacheFolder());
      found = FashionMnist.locate(null);
    }
    return found.orElseThrow(() -> new DataException("Fashion-MNIST is on this machine neither in " + FashionMnist.SYSTEM_FOLDER
        + " nor in " + FashionMnist.cacheFolder() + "; " + FashionMnist.REMEDY));
  }

  /** Runs the script; it says itself on stderr what it does and what went wrong. */
  private static void fetch(Path folder) throws IOException, InterruptedException {
    String script = System.getProperty(FETCH);
    if (script == null) {
      return;
    }
    Process process = new ProcessBuilder(script, folder.toString()).inheritIO().start();
    Thread whenInterrupted = new Thread(process::destroy, "sluice-end-of-fetch");
    Runtime.getRuntime().addShutdownHook(whenInterrupted);
    process.waitFor();
    Runtime.getRuntime().removeShutdownHook(whenInterrupted);
  }
}
