package dev.sluice.bench.train;

import dev.sluice.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** One short text that is the same if and only if all weights are the same, bit by bit. */
final class WeightsDigest {
  private WeightsDigest() {}

  /**
   * SHA-256 over, for each parameter in order, its name in UTF-8, a zero byte, the number of dimensions and each size
   * as 32-bit integers, and its values as 32-bit floats, all little-endian.
   *
   * @return 64 lower-case hexadecimal digits
   */
  static String of(Map<String, Tensor> parameters) {
    MessageDigest digest = sha256();
    parameters.forEach((name, parameter) -> {
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      float[] values = parameter.toFloats();
      ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (1 + parameter.rank() + values.length));
      bytes.order(ByteOrder.LITTLE_ENDIAN).putInt(parameter.rank());
      for (int dimension = 0; dimension < parameter.rank(); dimension++) {
        bytes.putInt(parameter.size(dimension));
      }
      for (float value : values) {
        bytes.putFloat(value);
      }
      digest.update(bytes.flip());
    });
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
