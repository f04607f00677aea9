package dev.sluice.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;

/** Records as JSON files. */
public final class JsonFile {
  private JsonFile() {}

  /**
   * Writes a {@link WholeFile}.
   *
   * @param file where to; its folder is made if need be
   * @param content a record, written field by field, or a list of them
   * @return the file
   */
  public static Path write(Path file, Object content) throws IOException {
    byte[] json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(content);
    return WholeFile.write(file, json);
  }
}
