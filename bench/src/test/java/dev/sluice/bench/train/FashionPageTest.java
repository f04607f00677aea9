package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.bench.report.Page;
import dev.sluice.bench.report.Picture;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.data.FashionMnist;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FashionPageTest {
  @TempDir Path folder;

  private List<Picture.Image> looked(FashionConfiguration configuration) throws IOException {
    FashionMnist images = Stripes.make(folder, 32, 128);
    var training = new FashionTraining(configuration, 1, Backends.selected());
    List<FashionReport.Epoch> epochs = training.run(images, Progress::open, _ -> {});
    Page page = FashionPage.of(new FashionReport("fashion", configuration, 1, "vector", 1, 1, epochs, 0, 0, 1, "ab"),
        training, images);
    List<? extends Picture> pictures = page.sections().getLast().pictures();
    assertEquals(FashionMnist.CLASSES, pictures.size());
    return pictures.stream().map(picture -> assertInstanceOf(Picture.Image.class, picture)).toList();
  }

  /** Weights of rows: 1 in sum, or, of selected ones, so many that are not 0. */
  @ParameterizedTest
  @CsvSource({"soft, 28, 1", "hard:topk=3, 3, 0", "hard:sample, 1, 1", "hard:threshold=1, 0, 0", "self, 28, 1",
    "multihead, 28, 1"})
  void showsTheWeightOfEachRow(AttentionOption attention, int looked, double sum) throws IOException {
    for (Picture.Image image : looked(Settings.of(CellKind.JANET, NetworkKind.RNN, attention, 6, 32, false))) {
      assertEquals(28, image.weights().length);
      double[] weights = Arrays.stream(image.weights()).mapToDouble(row -> row[0]).toArray();
      assertEquals(looked, Arrays.stream(weights).filter(weight -> weight != 0).count());
      assertTrue(Arrays.stream(weights).allMatch(weight -> weight <= image.most()));
      if (sum > 0) {
        assertEquals(sum, Arrays.stream(weights).sum(), 1e-5);
      }
    }
  }

  /** A place of the map is 4 x 4 pixels of the image. */
  @ParameterizedTest
  @CsvSource({"soft, 49", "hard:topk=5, 5", "self, 49", "multihead, 49"})
  void showsTheWeightOfEachPlace(AttentionOption attention, int looked) throws IOException {
    for (Picture.Image image : looked(Settings.of(CellKind.NONE, NetworkKind.CNN, attention, 6, 32, false))) {
      double[] weights = Arrays.stream(image.weights()).flatMapToDouble(Arrays::stream).toArray();
      assertEquals(28 * 28, weights.length);
      assertEquals(16 * looked, Arrays.stream(weights).filter(weight -> weight != 0).count());
      assertEquals(image.weights()[8][12], image.weights()[11][15]);
    }
  }
}
