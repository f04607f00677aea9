package dev.sluice.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FashionMnistTest {
  private static final List<String> NAMES = List.of(
      "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");

  @TempDir Path folder;

  private Path filled(String name, String suffix) throws IOException {
    Path filled = Files.createDirectories(folder.resolve(name));
    for (String file : NAMES) {
      Files.write(filled.resolve(file + suffix), IdxFiles.bytes(new int[] {1}, (byte) 1));
    }
    return filled;
  }

  @Test
  void takesTheFirstFolderThatHoldsAllFour() throws IOException {
    Path none = folder.resolve("none");
    Path partial = filled("partial", ".gz");
    Files.delete(partial.resolve("t10k-labels-idx1-ubyte.gz"));
    Path zipped = filled("zipped", ".gz");
    Path plain = filled("plain", "");
    assertEquals(Optional.of(zipped), FashionMnist.locate(List.of(none, partial, zipped, plain)));
    assertEquals(Optional.of(plain), FashionMnist.locate(List.of(plain, zipped)));
    assertEquals(Optional.empty(), FashionMnist.locate(List.of(none, partial)));
  }

  @Test
  void aGivenFolderMustHoldAllFour() throws IOException {
    Path zipped = filled("zipped", ".gz");
    assertEquals(Optional.of(zipped), FashionMnist.locate(zipped));
    Files.delete(zipped.resolve("train-images-idx3-ubyte.gz"));
    Files.delete(zipped.resolve("t10k-labels-idx1-ubyte.gz"));
    assertEquals(zipped + ": train-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz not there,"
            + " wanted the four files of Fashion-MNIST",
        assertThrows(DataException.class, () -> FashionMnist.locate(zipped)).getMessage());
    Path none = folder.resolve("none");
    assertEquals(none + ": no such folder, wanted one with the four files of Fashion-MNIST",
        assertThrows(DataException.class, () -> FashionMnist.locate(none)).getMessage());
  }

  @Test
  void refusesFilesThatAreNotThePublishedOnes() throws IOException {
    Path other = filled("other", ".gz");
    String message = assertThrows(DataException.class, () -> FashionMnist.load(other)).getMessage();
    assertTrue(message.startsWith(other.resolve("train-images-idx3-ubyte.gz") + ": corrupt: SHA-256"), message);
  }

  @Test
  void pairsImagesWithLabels() throws IOException {
    Idx images = Idx.read(Files.write(folder.resolve("i"), IdxFiles.bytes(new int[] {2, 1, 1}, (byte) 1, (byte) 2)));
    Idx labels = Idx.read(Files.write(folder.resolve("l"), IdxFiles.bytes(new int[] {2}, (byte) 9, (byte) 10)));
    assertEquals("a label is 10, wanted 0 to 9",
        assertThrows(DataException.class, () -> new LabelledImages(images, labels, 10)).getMessage());
    assertEquals(10, new LabelledImages(images, labels, 11).label(1));
    assertEquals("images have shape (2) and labels (2), wanted (count, height, width) and (count)",
        assertThrows(DataException.class, () -> new LabelledImages(labels, labels, 10)).getMessage());
  }
}
