package dev.sluice.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The compiled kernels as they ship: text that the driver compiles for its device. */
final class Ptx {
  /** The resource's name. */
  static final String NAME = "sluice_75.ptx";

  private Ptx() {}

  static byte[] bytes() {
    try (InputStream stream = Ptx.class.getResourceAsStream(NAME)) {
      if (stream == null) {
        throw new IllegalStateException("cuda: the resource " + NAME + " is missing beside " + Ptx.class.getName());
      }
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
