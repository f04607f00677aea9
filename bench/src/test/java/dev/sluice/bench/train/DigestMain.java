package dev.sluice.bench.train;

import dev.sluice.Backends;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.data.FashionMnist;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Trains tiny models on the vector backend so many times and prints cell and digest of the weights of each. */
final class DigestMain {
  static final List<CellKind> CELLS = List.of(CellKind.LSTM, CellKind.JANET);

  private DigestMain() {}

  /** Arguments: a folder for files, the number of trainings of each cell. */
  public static void main(String[] arguments) throws IOException {
    FashionMnist images = Stripes.make(Path.of(arguments[0]), 12, 2);
    try (Backend backend = Backends.create("vector", new BackendOptions(1))) {
      for (CellKind cell : CELLS) {
        for (int training = 0; training < Integer.parseInt(arguments[1]); training++) {
          System.out.println(cell + " " + digest(Settings.of(cell, "norm:0.05", 19, 4, false), 1, backend, images));
        }
      }
    }
  }

  /** The digest of a new model's weights after its training. */
  static String digest(FashionConfiguration configuration, long seed, Backend backend, FashionMnist images) {
    var training = new FashionTraining(configuration, seed, backend);
    training.run(images, Progress::open, _ -> {});
    return WeightsDigest.of(training.model().namedParameters());
  }
}
