package dev.sluice.bench.peers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * works.py as a TorchScript archive, the format in which PyTorch saves a module: a zip with the code, a pickled object
 * of the module's class and no constants.
 */
final class Archive {
  private static final String SOURCE = "works.py";
  private static final String VERSION = "10";
  private static final String HEAD = """
      class Works(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
      """;

  /** Pickle protocol 2: {@code Works.__new__()} with the state {@code {"training": False}}. */
  private static final String OBJECT = "\u0080\u0002c__torch__\nWorks\n)\u0081}X\b\0\0\0training\u0089sb.";

  /** Pickle protocol 2: the empty tuple. */
  private static final String NOTHING = "\u0080\u0002).";

  private Archive() {}

  /** The bytes of the archive. */
  static byte[] make() {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      put(zip, "data.pkl", OBJECT);
      put(zip, "code/__torch__.py", HEAD + methods());
      put(zip, "constants.pkl", NOTHING);
      put(zip, "version", VERSION);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, String content) throws IOException {
    zip.putNextEntry(new ZipEntry("works/" + name));
    zip.write(content.getBytes(StandardCharsets.ISO_8859_1));
    zip.closeEntry();
  }

  /** The functions of the source, indented to be methods. */
  private static String methods() throws IOException {
    try (InputStream source = Archive.class.getResourceAsStream(SOURCE)) {
      if (source == null) {
        throw new IllegalStateException(SOURCE + " is not beside " + Archive.class.getName());
      }
      return new String(source.readAllBytes(), StandardCharsets.US_ASCII).lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> "  " + line + "\n")
          .collect(Collectors.joining());
    }
  }
}
