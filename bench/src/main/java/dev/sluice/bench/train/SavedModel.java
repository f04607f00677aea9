package dev.sluice.bench.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.bench.JsonFile;
import dev.sluice.bench.UsageException;
import dev.sluice.io.SafetensorsException;
import dev.sluice.io.StateFiles;
import dev.sluice.nn.Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What {@code --save} keeps beside the weights: all that is needed to make the model again. The folder then holds
 * {@code configuration.json}, this record, and {@code model.safetensors}, the state dictionary with its buffers.
 *
 * @param task the task's name on the command line
 * @param seed of the training
 * @param configuration what was trained and how
 */
record SavedModel(String task, long seed, Configuration configuration) {
  /** The file of the weights. */
  static final String MODEL = "model.safetensors";

  /** The file of the rest. */
  static final String CONFIGURATION = "configuration.json";

  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
      .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
      .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
      .build();

  /** Of a training. */
  SavedModel(Configuration configuration, long seed) {
    this(configuration.task(), seed, configuration);
  }

  /** Writes both files, each by a rename, the configuration last. */
  void write(Path folder, Module model) throws IOException {
    Files.createDirectories(folder);
    StateFiles.save(folder.resolve(MODEL), model.stateDict(), Map.of("format", "pt"));
    JsonFile.write(folder.resolve(CONFIGURATION), this);
  }

  /**
   * Reads the configuration.
   *
   * @throws UsageException if it is not there, or is none
   */
  static SavedModel read(Path folder) {
    Path file = file(folder, CONFIGURATION);
    try {
      JsonNode json = JSON.readTree(file.toFile());
      String task = json.path("task").asText();
      Class<? extends Configuration> type = switch (task) {
        case FashionConfiguration.TASK -> FashionConfiguration.class;
        case AddingConfiguration.TASK -> AddingConfiguration.class;
        case ComprehensionConfiguration.TASK -> ComprehensionConfiguration.class;
        default -> throw new UsageException(
            file + ": the task is '" + task + "', wanted fashion, adding or comprehension");
      };
      Configuration configuration = JSON.treeToValue(json.path("configuration"), type);
      if (configuration == null || !json.path("seed").isIntegralNumber()) {
        throw new UsageException(file + ": has no " + (configuration == null ? "configuration" : "seed")
            + ", wanted what --save wrote");
      }
      return new SavedModel(task, json.path("seed").longValue(), configuration);
    } catch (JsonProcessingException e) {
      Throwable cause = e.getCause() instanceof IllegalArgumentException refusal ? refusal : e;
      String reason = cause == e ? e.getOriginalMessage() : cause.getMessage();
      throw new UsageException(file + ": " + reason);
    } catch (IOException e) {
      throw new UsageException(file + ": cannot be read (" + e + ")");
    }
  }

  /**
   * Puts the saved weights into a model made from the configuration.
   *
   * @throws UsageException if they are not there, damaged, or those of another model
   */
  static void load(Path folder, Module model) {
    Path file = file(folder, MODEL);
    try {
      model.loadStateDict(StateFiles.load(file), true);
    } catch (SafetensorsException e) {
      throw new UsageException(e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new UsageException(file + ": " + e.getMessage());
    } catch (IOException e) {
      throw new UsageException(file + ": cannot be read (" + e + ")");
    }
  }

  private static Path file(Path folder, String name) {
    if (!Files.isDirectory(folder)) {
      throw new UsageException(folder + ": no such folder, wanted one that train --save wrote");
    }
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new UsageException(file + ": no such file, wanted the folder that train --save wrote");
    }
    return file;
  }
}
