package dev.sluice.bench.train;

import dev.sluice.data.DataException;
import dev.sluice.data.FashionMnist;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gets the CMU pronouncing dictionary, without stress marks: from a given file, or from the cache folder, which the
 * launcher's script fills.
 */
final class DictionaryData {
  /** What the file is called in the cache folder, as in the artifact that it comes from. */
  static final String FILE = "cmudict-en-us.dict";

  private static final String SCRIPT = "fetch-cmudict";

  private DictionaryData() {}

  /**
   * Reads the dictionary, fetching it first if it is not in the cache folder.
   *
   * @param explicit the file the user named, or null
   * @throws DataException if it is not there and cannot be fetched, or is no dictionary
   */
  static PronouncingDictionary load(@Nullable Path explicit) throws IOException, InterruptedException {
    if (explicit != null) {
      if (!Files.isRegularFile(explicit)) {
        throw new DataException(explicit + ": no such file, wanted a pronouncing dictionary");
      }
      return PronouncingDictionary.read(explicit);
    }
    Path folder = FashionMnist.cacheFolder().resolveSibling("cmudict");
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      Optional<String> reason = FetchScript.run(SCRIPT, folder);
      if (reason.isPresent()) {
        throw new DataException("the CMU pronouncing dictionary is not on this machine, and " + reason.get()
            + "; put " + FILE + " of the artifact de.sciss:sphinx4-data:1.0.0 into " + folder
            + ", or name a dictionary by --data");
      }
    }
    return PronouncingDictionary.read(file);
  }
}
