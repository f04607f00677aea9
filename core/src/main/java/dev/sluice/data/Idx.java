package dev.sluice.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * An array of unsigned bytes read from an IDX file, the format of the MNIST family.
 *
 * <p>The file is two zero bytes, a type byte (0x08: unsigned byte, the only type read here), the number of dimensions,
 * each dimension as a big-endian 32-bit integer, and the elements in row-major order. It may be compressed with gzip;
 * that is told by its first two bytes, not by its name.
 */
public final class Idx {
  private static final int UNSIGNED_BYTE = 0x08;
  private static final int GZIP_MAGIC = 0x1f8b;
  private static final int BUFFER = 1 << 16;

  private final int[] shape;
  private final byte[] values;

  private Idx(int[] shape, byte[] values) {
    this.shape = shape;
    this.values = values;
  }

  /**
   * Reads a whole file.
   *
   * @param file the IDX file, plain or compressed with gzip
   * @throws DataException if the file is missing or is not an IDX file of unsigned bytes, is cut short or has bytes
   *     left over
   * @throws IOException if it cannot be read
   */
  public static Idx read(Path file) throws IOException {
    return read(file, null);
  }

  /**
   * Reads a whole file and verifies its content.
   *
   * @param file the IDX file, plain or compressed with gzip
   * @param sha256 the SHA-256 of the uncompressed content as 64 lower-case hexadecimal digits, or null to verify
   *     nothing
   * @throws DataException as {@link #read(Path)}, and if the content has another SHA-256
   * @throws IOException if it cannot be read
   */
  public static Idx read(Path file, @Nullable String sha256) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
        InputStream in = new DigestInputStream(uncompressed(raw), digest)) {
      Idx idx = parse(file, in);
      String found = HexFormat.of().formatHex(digest.digest());
      if (sha256 != null && !sha256.equals(found)) {
        throw new DataException(file + ": corrupt: SHA-256 of the content is " + found + ", wanted " + sha256);
      }
      return idx;
    } catch (NoSuchFileException e) {
      throw new DataException(file + ": no such file", e);
    } catch (EOFException | ZipException e) {
      throw new DataException(file + ": corrupt: the gzip stream is broken (" + e.getMessage() + ")", e);
    }
  }

  private static Idx parse(Path file, InputStream in) throws IOException {
    byte[] head = in.readNBytes(4);
    if (head.length < 4 || head[0] != 0 || head[1] != 0 || head[2] != UNSIGNED_BYTE || head[3] < 1) {
      throw new DataException(file + ": not an IDX file of unsigned bytes: it begins with " + hex(head)
          + ", wanted 00 00 08 and the number of dimensions");
    }
    int rank = head[3];
    byte[] sizes = in.readNBytes(Integer.BYTES * rank);
    if (sizes.length < Integer.BYTES * rank) {
      throw new DataException(file + ": corrupt: cut short in the header of " + rank + " dimensions");
    }
    int[] shape = new int[rank];
    ByteBuffer.wrap(sizes).asIntBuffer().get(shape);
    int length = length(file, shape);
    byte[] values = in.readNBytes(length);
    if (values.length < length) {
      throw corrupt(file, shape, "has " + values.length + " values, wanted " + length);
    }
    if (in.read() >= 0) {
      throw corrupt(file, shape, "has more than its " + length + " values");
    }
    return new Idx(shape, values);
  }

  private static int length(Path file, int[] shape) throws DataException {
    long length = 1;
    for (int size : shape) {
      length = size < 0 || length > Integer.MAX_VALUE ? Long.MAX_VALUE : length * size;
    }
    if (length > Integer.MAX_VALUE) {
      throw corrupt(file, shape, "is too large, wanted at most 2^31-1 values");
    }
    return (int) length;
  }

  private static DataException corrupt(Path file, int[] shape, String problem) {
    return new DataException(file + ": corrupt: shape " + describe(shape) + " " + problem);
  }

  private static InputStream uncompressed(InputStream in) throws IOException {
    in.mark(2);
    int magic = in.read() << 8 | in.read();
    in.reset();
    return magic == GZIP_MAGIC ? new GZIPInputStream(in, BUFFER) : in;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String hex(byte[] bytes) {
    return bytes.length == 0 ? "nothing" : HexFormat.ofDelimiter(" ").formatHex(bytes);
  }

  private static String describe(int[] shape) {
    return Arrays.toString(shape).replace('[', '(').replace(']', ')');
  }

  /** The number of dimensions. */
  public int rank() {
    return shape.length;
  }

  /**
   * The size of one dimension.
   *
   * @param dimension in [0, {@link #rank()})
   */
  public int size(int dimension) {
    return shape[dimension];
  }

  /** The shape as text, such as {@code (60000, 28, 28)}. */
  public String shape() {
    return describe(shape);
  }

  /** The elements in row-major order, as stored (read with {@code & 0xff}); the array itself, not a copy. */
  public byte[] values() {
    return values;
  }
}
