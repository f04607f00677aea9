package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that appear by a rename: whole or not at all. */
public final class WholeFile {
  private WholeFile() {}

  /**
   * Writes a file, in place of an older one.
   *
   * @param file where to; its folder is made if need be
   * @return the file
   */
  public static Path write(Path file, byte[] content) throws IOException {
    Path whole = file.toAbsolutePath();
    Files.createDirectories(whole.getParent());
    Path written = whole.resolveSibling(whole.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      Files.write(written, content);
      Files.move(written, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return file;
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
