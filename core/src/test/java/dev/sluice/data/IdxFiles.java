package dev.sluice.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Makes IDX files for tests. */
final class IdxFiles {
  private IdxFiles() {}

  static byte[] bytes(int[] shape, byte... values) {
    var buffer = ByteBuffer.allocate(4 + 4 * shape.length + values.length);
    buffer.put(new byte[] {0, 0, 8, (byte) shape.length});
    for (int size : shape) {
      buffer.putInt(size);
    }
    return buffer.put(values).array();
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  /** Images (count, 2, 2) whose pixels and labels tell their number, as a set of ten classes. */
  static LabelledImages numbered(Path folder, int count) throws IOException {
    byte[] pixels = new byte[4 * count];
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      pixels[4 * i + 3] = (byte) i;
      labels[i] = (byte) (i % 10);
    }
    Path images = Files.write(folder.resolve("images"), bytes(new int[] {count, 2, 2}, pixels));
    Path classes = Files.write(folder.resolve("labels"), bytes(new int[] {count}, labels));
    return new LabelledImages(Idx.read(images), Idx.read(classes), 10);
  }
}
