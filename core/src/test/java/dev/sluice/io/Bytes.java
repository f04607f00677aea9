package dev.sluice.io;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Makes safetensors files by hand, so that tests do not believe the writer. */
final class Bytes {
  private Bytes() {}

  /** The header's length, the header as given, and so many bytes of zeros. */
  static byte[] file(String header, int data) {
    return file(header.getBytes(StandardCharsets.UTF_8), new byte[data]);
  }

  /** The header's length, the header, and the data. */
  static byte[] file(byte[] header, byte[] data) {
    return ByteBuffer.allocate(Long.BYTES + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length).put(header).put(data).array();
  }

  /** Bytes of hexadecimal digits, among which spaces do not count. */
  static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  static Header parse(byte[] file) throws SafetensorsException {
    return Header.parse("m", MemorySegment.ofArray(file));
  }
}
