package dev.sluice.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * What ran under one setting, as its JSON file says it.
 *
 * @param setting the setting's name
 * @param backend the backend that was tested
 * @param lanes its vector length in floats
 * @param casesRun cases that ran and passed
 * @param cases the same by family
 */
record Report(String setting, String backend, int lanes, int casesRun, Map<String, Integer> cases) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Report of(Setting setting, String backend, Map<String, Integer> cases) {
    int total = cases.values().stream().mapToInt(Integer::intValue).sum();
    return new Report(setting.name(), backend, Setting.lanes(backend), total, new TreeMap<>(cases));
  }

  void write(Path file) {
    try {
      Files.createDirectories(file.getParent());
      Path unfinished = Files.createTempFile(file.getParent(), setting, ".tmp");
      JSON.writerWithDefaultPrettyPrinter().writeValue(unfinished.toFile(), this);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Report read(Path file) {
    try {
      return JSON.readValue(file.toFile(), Report.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
