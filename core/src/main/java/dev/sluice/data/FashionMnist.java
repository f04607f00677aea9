package dev.sluice.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Fashion-MNIST: 60000 training and 10000 test images of 28 x 28 pixels in 10 classes of clothing (Xiao, Rasul and
 * Vollgraf, arXiv 1708.07747).
 *
 * <p>It is four IDX files under their published names, plain or with {@code .gz}; the uncompressed content of each is
 * verified by its SHA-256.
 *
 * @param train (60000, 28, 28)
 * @param test (10000, 28, 28)
 */
public record FashionMnist(LabelledImages train, LabelledImages test) {
  /** The number of classes. */
  public static final int CLASSES = 10;

  /** Mean and deviation of the training pixels, so that inputs have mean 0 and deviation 1. */
  public static final Scaling SCALING = new Scaling(0.2860, 0.3530);

  /** Where Debian's package dataset-fashion-mnist puts the files. */
  public static final Path SYSTEM_FOLDER = Path.of("/usr/share/datasets/fashion-mnist");

  /** How to get the files, in one line. */
  public static final String REMEDY = "install Debian's package (sudo apt install dataset-fashion-mnist) or put the"
      + " four files of https://github.com/zalandoresearch/fashion-mnist into " + cacheFolder();

  /** The four files and the SHA-256 of their uncompressed content. */
  enum Part {
    TRAIN_IMAGES("train-images-idx3-ubyte", "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
    TRAIN_LABELS("train-labels-idx1-ubyte", "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
    TEST_IMAGES("t10k-images-idx3-ubyte", "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
    TEST_LABELS("t10k-labels-idx1-ubyte", "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

    private final String file;
    private final String sha256;

    Part(String file, String sha256) {
      this.file = file;
      this.sha256 = sha256;
    }

    private Optional<Path> in(Path folder) {
      return Stream.of(folder.resolve(file + ".gz"), folder.resolve(file)).filter(Files::isRegularFile).findFirst();
    }

    private Idx read(Path folder) throws IOException {
      Path path = in(folder).orElseThrow(() -> new DataException(folder + ": no " + file + ".gz there; " + REMEDY));
      return Idx.read(path, sha256);
    }
  }

  /**
   * The cache folder of the person who runs this: {@code fashion-mnist} under {@code $XDG_CACHE_HOME/sluice}, or under
   * {@code ~/.cache/sluice} where that is not set.
   */
  public static Path cacheFolder() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base = cache != null && Path.of(cache).isAbsolute()
        ? Path.of(cache)
        : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("sluice").resolve("fashion-mnist");
  }

  /**
   * Finds the folder that holds the four files: the given one, or else the system's, or else the cache.
   *
   * @param explicit the only folder to look at, or null to look at the usual ones
   * @return the folder, or nothing where no usual folder holds all four files
   * @throws DataException if a folder was given and does not hold all four files
   */
  public static Optional<Path> locate(@Nullable Path explicit) throws DataException {
    if (explicit == null) {
      return locate(List.of(SYSTEM_FOLDER, cacheFolder()));
    }
    if (!Files.isDirectory(explicit)) {
      throw new DataException(explicit + ": no such folder, wanted one with the four files of Fashion-MNIST");
    }
    List<String> missing = missing(explicit);
    if (!missing.isEmpty()) {
      throw new DataException(explicit + ": " + String.join(", ", missing)
          + " not there, wanted the four files of Fashion-MNIST");
    }
    return Optional.of(explicit);
  }

  static Optional<Path> locate(List<Path> folders) {
    return folders.stream().filter(folder -> missing(folder).isEmpty()).findFirst();
  }

  private static List<String> missing(Path folder) {
    return Stream.of(Part.values())
        .filter(part -> part.in(folder).isEmpty())
        .map(part -> part.file + ".gz")
        .toList();
  }

  /**
   * Reads and verifies the four files.
   *
   * @param folder as {@link #locate(Path)} found it
   * @throws DataException if a file is missing, corrupt or not the published one
   * @throws IOException if a file cannot be read
   */
  public static FashionMnist load(Path folder) throws IOException {
    return new FashionMnist(
        new LabelledImages(Part.TRAIN_IMAGES.read(folder), Part.TRAIN_LABELS.read(folder), CLASSES),
        new LabelledImages(Part.TEST_IMAGES.read(folder), Part.TEST_LABELS.read(folder), CLASSES));
  }
}
