package dev.sluice.bench.train;

import dev.sluice.data.FashionMnist;
import dev.sluice.data.Idx;
import dev.sluice.data.LabelledImages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** A set that is easily learned: image (28, 28) of class c is noise with a bright band in two columns that c tells. */
public final class Stripes {
  private static final int SIDE = 28;

  private Stripes() {}

  public static FashionMnist make(Path folder, int train, int test) throws IOException {
    return new FashionMnist(images(folder, train, 1), images(folder, test, 2));
  }

  private static LabelledImages images(Path folder, int count, long seed) throws IOException {
    var random = new SplittableRandom(seed);
    byte[] pixels = new byte[count * SIDE * SIDE];
    byte[] labels = new byte[count];
    for (int image = 0; image < count; image++) {
      int label = random.nextInt(FashionMnist.CLASSES);
      labels[image] = (byte) label;
      for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
        int column = pixel % SIDE;
        boolean bright = column == 2 * label || column == 2 * label + 1;
        pixels[image * SIDE * SIDE + pixel] = (byte) (random.nextInt(100) + (bright ? 150 : 0));
      }
    }
    return new LabelledImages(idx(folder, pixels, count, SIDE, SIDE), idx(folder, labels, count), FashionMnist.CLASSES);
  }

  private static Idx idx(Path folder, byte[] values, int... shape) throws IOException {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * shape.length + values.length).putInt(0x0800 + shape.length);
    for (int size : shape) {
      file.putInt(size);
    }
    return Idx.read(Files.write(folder.resolve("set.idx"), file.put(values).array()));
  }
}
