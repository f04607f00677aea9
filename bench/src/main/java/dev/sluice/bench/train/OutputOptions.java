package dev.sluice.bench.train;

import dev.sluice.bench.JsonFile;
import dev.sluice.bench.UsageException;
import dev.sluice.bench.report.Page;
import dev.sluice.bench.report.PageFile;
import dev.sluice.nn.Module;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a training run leaves behind, and where. */
final class OutputOptions {
  /** What a training run's report is called in the folder of {@code --report}. */
  static final String REPORT = "report.json";

  /** What the page of its pictures is called there. */
  static final String PAGE = "index.html";

  @Option(names = "--report", paramLabel = "DIR",
      description = "folder to write report.json into, and index.html with pictures, which%n  needs no network")
  private @Nullable Path report;

  @Option(names = "--save", paramLabel = "DIR",
      description = "folder to write model.safetensors and configuration.json into, for%n  sluice evaluate DIR")
  private @Nullable Path save;

  /**
   * Makes the folders: before hours of training, not after them.
   *
   * @throws UsageException if one cannot be made, or not be written to
   */
  void prepare() {
    prepare("--report", report);
    prepare("--save", save);
  }

  private static void prepare(String option, @Nullable Path folder) {
    if (folder == null) {
      return;
    }
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UsageException(option + " " + folder + ": that is a file, wanted a folder");
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UsageException(option + " " + folder + ": cannot make that folder (" + e + ")");
    }
    if (!Files.isWritable(folder)) {
      throw new UsageException(option + " " + folder + ": cannot write to that folder");
    }
  }

  /**
   * Writes what was asked for, and says so.
   *
   * @param page makes the page of the pictures, if that is asked for
   */
  void write(PrintWriter out, Record figures, Supplier<Page> page, SavedModel saved, Module model)
      throws IOException {
    if (save != null) {
      saved.write(save, model);
      out.println("model in " + save);
    }
    if (report != null) {
      out.println("report in " + JsonFile.write(report.resolve(REPORT), figures));
      out.println("pictures in " + PageFile.write(report.resolve(PAGE), page.get()));
    }
    out.flush();
  }
}
