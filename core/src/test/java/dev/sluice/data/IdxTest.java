package dev.sluice.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {
  private static final byte[] GOOD =
      IdxFiles.bytes(new int[] {2, 3}, (byte) 0, (byte) 1, (byte) 127, (byte) -128, (byte) -1, (byte) 5);

  @TempDir Path folder;

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("some.idx"), bytes);
  }

  private String refusal(byte[] bytes) throws IOException {
    Path file = file(bytes);
    String message = assertThrows(DataException.class, () -> Idx.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": ") && message.lines().count() == 1, message);
    return message.substring(file.toString().length() + 2);
  }

  @Test
  void readsPlainAndCompressedFilesAlike() throws IOException {
    for (byte[] bytes : List.of(GOOD, IdxFiles.gzip(GOOD))) {
      Idx idx = Idx.read(file(bytes));
      assertEquals("(2, 3)", idx.shape());
      assertEquals(2, idx.rank());
      assertEquals(3, idx.size(1));
      assertArrayEquals(new byte[] {0, 1, 127, -128, -1, 5}, idx.values());
    }
  }

  @Test
  void readsAnEmptyArray() throws IOException {
    assertEquals(0, Idx.read(file(IdxFiles.bytes(new int[] {0, 28, 28}))).values().length);
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    for (int length = 0; length < GOOD.length; length++) {
      refusal(Arrays.copyOf(GOOD, length));
    }
    byte[] zipped = IdxFiles.gzip(GOOD);
    for (int length = 0; length < zipped.length; length++) {
      refusal(Arrays.copyOf(zipped, length));
    }
  }

  @Test
  void saysWhatWasFoundAndWanted() throws IOException {
    assertEquals(
        "not an IDX file of unsigned bytes: it begins with nothing, wanted 00 00 08 and the number of dimensions",
        refusal(new byte[0]));
    byte[] floats = GOOD.clone();
    floats[2] = 0x0d;
    assertEquals(
        "not an IDX file of unsigned bytes: it begins with 00 00 0d 02, wanted 00 00 08 and the number of dimensions",
        refusal(floats));
    assertEquals("corrupt: shape (2, 3) has 5 values, wanted 6", refusal(Arrays.copyOf(GOOD, GOOD.length - 1)));
    assertEquals("corrupt: shape (2, 3) has more than its 6 values", refusal(Arrays.copyOf(GOOD, GOOD.length + 1)));
    assertEquals("corrupt: shape (65536, 65536, 0) is too large, wanted at most 2^31-1 values",
        refusal(IdxFiles.bytes(new int[] {65536, 65536, 0})));
    assertEquals("corrupt: shape (-1, 3) is too large, wanted at most 2^31-1 values",
        refusal(IdxFiles.bytes(new int[] {-1, 3})));
  }

  @Test
  void refusesADamagedGzipStream() throws IOException {
    byte[] zipped = IdxFiles.gzip(GOOD);
    zipped[zipped.length - 6] ^= 1;
    assertTrue(refusal(zipped).startsWith("corrupt: the gzip stream is broken"));
  }

  @Test
  void refusesAMissingFile() {
    Path file = folder.resolve("none");
    assertEquals(file + ": no such file", assertThrows(DataException.class, () -> Idx.read(file)).getMessage());
  }

  @Test
  void verifiesTheUncompressedContent() throws IOException {
    // printf '\0\0\10\1\0\0\0\1\7' | sha256sum
    String sha256 = "c564aa0aa783b8862ae6128a973a6f6b213b9428d39b5c8acfbda3c630d40f1e";
    byte[] small = IdxFiles.bytes(new int[] {1}, (byte) 7);
    assertEquals(1, Idx.read(file(small), sha256).size(0));
    assertEquals(1, Idx.read(file(IdxFiles.gzip(small)), sha256).size(0));
    Path other = file(IdxFiles.bytes(new int[] {1}, (byte) 8));
    String message = assertThrows(DataException.class, () -> Idx.read(other, sha256)).getMessage();
    assertTrue(message.startsWith(other + ": corrupt: SHA-256 of the content is "), message);
    assertTrue(message.endsWith(", wanted " + sha256), message);
  }
}
