package dev.sluice.bench.train;

import dev.sluice.data.DataException;
import dev.sluice.data.FashionMnist;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gets Fashion-MNIST: from a given folder, from the usual ones, or by the launcher's script that fills the cache
 * folder.
 */
public final class FashionData {
  private static final String SCRIPT = "fetch-fashion-mnist";

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

  private static void fetch(Path folder) throws IOException, InterruptedException {
    Optional<String> reason = FetchScript.run(SCRIPT, folder);
    if (reason.isPresent()) {
      throw missing(reason.get());
    }
  }

  private static DataException missing(String reason) {
    return new DataException("Fashion-MNIST is not on this machine, and " + reason + "; " + FashionMnist.REMEDY);
  }
}
