package dev.sluice.bench.work.sluice;

import dev.sluice.bench.UsageException;
import dev.sluice.bench.work.Work;
import dev.sluice.data.FashionMnist;
import dev.sluice.data.LabelledImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Where the images of an epoch come from. */
final class Epochs {
  private Epochs() {}

  static Step of(Work.Epoch work, Arguments arguments) {
    try {
      Path folder = FashionMnist.locate(null).orElseThrow(() -> new UsageException(
          "Fashion-MNIST is not on this machine; run sluice train fashion once, or " + FashionMnist.REMEDY));
      return of(work, FashionMnist.load(folder).train(), arguments);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Step of(Work.Epoch work, LabelledImages images, Arguments arguments) {
    return new Epoch(images.first(work.images()), arguments);
  }
}
