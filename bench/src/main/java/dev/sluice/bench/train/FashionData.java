package dev.sluice.bench.train;

import dev.sluice.data.DataException;
import dev.sluice.data.FashionMnist;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Gets Fashion-MNIST: from a given folder, from the usual ones, or by the launcher's script that fills the cache
 * folder.
 */
public final class FashionData {
  /** Set by the launcher: the script that is run with the folder to fill. */
  private static final String FETCH = "sluice.fetch";

  private FashionData() {}

  /**
   * Reads the four files, fetching them first if they are in none of the usual folders.
   *
   * @param explicit the folder the user named, or null
   * @throws DataException if they are not there and cannot be fetched, or are corrupt
   */
  static FashionMnist load(@Nullable Path explicit) throws IOException, InterruptedException {
    Path cache = FashionMnist.cacheFolder();
    Path folder = FashionMnist.locate(explicit).orElse(null);
    if (folder == null) {
      fetch(cache);
      folder = cache;
    }
    try {
      return FashionMnist.load(folder);
    } catch (DataException e) {
      throw folder.equals(cache)
          ? new DataException(e.getMessage() + "; remove " + cache + " to have it fetched again", e)
          : e;
    }
  }

  /**
   * Sees to it that the four files are in one of the usual folders.
   *
   * @throws DataException if they are not there and cannot be fetched
   */
  public static void fetchIfMissing() throws IOException, InterruptedException {
    if (FashionMnist.locate(null).isEmpty()) {
      fetch(FashionMnist.cacheFolder());
    }
  }

  /** Runs the script: progress on stderr, the reason for a failure on stdout. */
  private static void fetch(Path folder) throws IOException, InterruptedException {
    String script = System.getProperty(FETCH);
    if (script == null) {
      throw missing("nothing was there to fetch it with");
    }
    Process process = new ProcessBuilder(script, folder.toString()).redirectError(Redirect.INHERIT).start();
    Thread whenInterrupted = new Thread(process::destroy, "sluice-end-of-fetch");
    Runtime.getRuntime().addShutdownHook(whenInterrupted);
    String reason = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    int code = process.waitFor();
    try {
      Runtime.getRuntime().removeShutdownHook(whenInterrupted);
    } catch (IllegalStateException e) {
      // The JVM is ending, interrupted like the script: there is nothing left to say.
      Thread.currentThread().join();
    }
    if (code != 0) {
      throw missing(reason);
    }
  }

  private static DataException missing(String reason) {
    return new DataException("Fashion-MNIST is not on this machine, and " + reason + "; " + FashionMnist.REMEDY);
  }
}
