package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.sluice.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightsDigestTest {
  /** {@code printf 'w\0\2\0\0\0\1\0\0\0\2\0\0\0\0\0\200\77\0\0\0\300' | sha256sum}. */
  @Test
  void isTheSha256OfNamesShapesAndLittleEndianFloats() {
    assertEquals("a16228e1c5122348e91e5e35ec8b0b5d4487c0fb7680d8cb99e533094518da9b",
        WeightsDigest.of(Map.of("w", Tensor.of(new float[] {1, -2}, 1, 2))));
  }

  @Test
  void tellsNamesShapesAndValuesApart() {
    String digest = WeightsDigest.of(Map.of("w", Tensor.of(new float[] {1, 0}, 1, 2)));
    assertNotEquals(digest, WeightsDigest.of(Map.of("v", Tensor.of(new float[] {1, 0}, 1, 2))));
    assertNotEquals(digest, WeightsDigest.of(Map.of("w", Tensor.of(new float[] {1, 0}, 2, 1))));
    assertNotEquals(digest, WeightsDigest.of(Map.of("w", Tensor.of(new float[] {1, -0f}, 1, 2))));
  }
}
