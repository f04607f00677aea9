package dev.sluice.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Records as JSON files. */
public final class JsonFile {
  private JsonFile() {}

  /**
   * Writes a file that appears by a rename: whole or not at all.
   *
   * @param file where to; its folder is made if need be
   * @param content a record, written field by field, or a list of them
   * @return the file
   */
  public static Path write(Path file, Object content) throws IOException {
    byte[] json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(content);
    Path whole = file.toAbsolutePath();
    Files.createDirectories(whole.getParent());
    Path written = whole.resolveSibling(whole.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      Files.write(written, json);
      Files.move(written, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return file;
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
