package dev.sluice.bench.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Records as JSON files. */
final class JsonFile {
  /** What a training run's report is called in the folder of {@code --report}. */
  static final String REPORT = "report.json";

  private JsonFile() {}

  /**
   * Writes a file that appears by a rename: whole or not at all.
   *
   * @param folder where to; made if need be
   * @param name of the file
   * @param content a record, written field by field
   * @return the file
   */
  static Path write(Path folder, String name, Record content) throws IOException {
    byte[] json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(content);
    Files.createDirectories(folder);
    Path file = folder.resolve(name);
    Path written = folder.resolve(name + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      Files.write(written, json);
      return Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
