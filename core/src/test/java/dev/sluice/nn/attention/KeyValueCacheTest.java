package dev.sluice.nn.attention;

import static dev.sluice.testing.EveryBackend.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Shaping;
import dev.sluice.nn.attention.AttentionCall.Weights;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention over a key/value cache: the same as over what it holds. */
class KeyValueCacheTest {
  static List<Backend> backends() {
    return EveryBackend.all();
  }

  @ParameterizedTest
  @EnumSource(names = {"TOP_LEFT", "BOTTOM_RIGHT"})
  void stepsOverACacheAreTheWholeCausalPass(Causal causal) {
    for (Backend backend : EveryBackend.all()) {
      for (boolean batchFirst : new boolean[] {false, true}) {
        for (boolean extra : new boolean[] {false, true}) {
          var attention = new MultiHeadAttention(
              MultiHeadOptions.of(6, 2).withBatchFirst(batchFirst).withAddBiasKv(extra).withAddZeroAttn(extra),
              new Generator(1));
          attention.to(backend);
          Tensor x = moved(backend, sequence(1, 5, 6, batchFirst));
          Tensor whole = attention.forward(x, AttentionCall.PLAIN.causal(causal)).output();
          KeyValueCache cache = attention.cache(2, 5);
          int dimension = batchFirst ? 1 : 0;
          // One position, two, one, one: the second step has several queries beside earlier keys.
          for (int start = 0, length = 1; start < 5; start += length, length = start == 1 ? 2 : 1) {
            Tensor part = Shaping.narrow(x, dimension, start, length);
            attention.extend(cache, part, part);
            Tensor step = attention.forward(part, cache, AttentionCall.PLAIN.causal(Causal.BOTTOM_RIGHT)).output();
            assertClose("from " + start, Shaping.narrow(whole, dimension, start, length).toDoubles(), step);
          }
          assertEquals(5, cache.length());
        }
      }
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("backends")
  void aFullCacheIsItsKeysAndValues(Backend backend) {
    var attention = new MultiHeadAttention(MultiHeadOptions.of(6, 3).withKdim(4).withVdim(5), new Generator(1));
    attention.to(backend);
    Tensor query = moved(backend, FiniteDifferences.constant(1, 2, 2, 6));
    Tensor key = moved(backend, FiniteDifferences.constant(2, 4, 2, 4));
    Tensor value = moved(backend, FiniteDifferences.constant(3, 4, 2, 5));
    AttentionCall call = AttentionCall.PLAIN.weights(Weights.AVERAGED).keyPaddingMask(
        Tensor.of(backend, new boolean[] {false, true, false, false, true, false, false, true}, 2, 4));
    MultiHeadAttention.Output expected = attention.forward(query, key, value, call);
    KeyValueCache cache = attention.cache(key, value);
    MultiHeadAttention.Output actual = attention.forward(query, cache, call);
    assertClose("output", expected.output().toDoubles(), actual.output());
    assertClose("weights", expected.weights().toDoubles(), actual.weights());
    assertNotNull(actual.output().requiresGrad() ? actual.output() : null, "the query's gradient is recorded");
  }

  @Test
  void aCacheGoesOnFromTheRowsChosen() {
    var attention = new MultiHeadAttention(MultiHeadOptions.of(4, 2), new Generator(1));
    Tensor x = Tensor.of(new Generator(2).normal(2 * 3 * 4, 0, 1), 2, 3, 4);
    KeyValueCache cache = attention.cache(3, 4);
    attention.extend(cache, x, x);
    int[] rows = {2, 0, 2};
    cache.reorder(rows);
    Tensor chosen = Shaping.stack(Arrays.stream(rows).mapToObj(row -> Shaping.select(x, 1, row)).toList(), 1);
    Tensor query = Shaping.narrow(x, 0, 0, 1);
    assertSameOutput(attention, query, attention.cache(chosen, chosen), cache);
    cache.reorder(0, 1, 2);
    cache.reorder(1, 1, 0);
    Tensor again = Shaping.stack(Arrays.stream(new int[] {0, 0, 2}).mapToObj(row -> Shaping.select(x, 1, row)).toList(),
        1);
    assertSameOutput(attention, query, attention.cache(again, again), cache);
  }

  private static void assertSameOutput(MultiHeadAttention attention, Tensor query, KeyValueCache expected,
      KeyValueCache actual) {
    assertArrayEquals(attention.forward(query, expected, AttentionCall.PLAIN).output().toFloats(),
        attention.forward(query, actual, AttentionCall.PLAIN).output().toFloats());
  }

  @Test
  void nothingIsRecordedIntoACache() {
    var attention = new MultiHeadAttention(4, 2, new Generator(1));
    Tensor x = Tensor.of(new Generator(2).normal(2 * 3 * 4, 0, 1), 2, 3, 4);
    KeyValueCache cache = attention.cache(x, x);
    assertTrue(attention.forward(x, cache, AttentionCall.PLAIN).output().requiresGrad());
    try (Tape.NoGrad _ = Tape.noGrad()) {
      assertEquals(Shape.of(2, 3, 4), attention.forward(x, cache, AttentionCall.PLAIN).output().shape());
    }
    Tensor output = attention.forward(x, cache, AttentionCall.PLAIN).output();
    output.backward(Tensor.ones(2, 3, 4), false);
    float[] gradient = attention.namedParameters().get("in_proj_weight").gradient().toFloats();
    assertArrayEquals(new float[2 * 4 * 4], Arrays.copyOfRange(gradient, 4 * 4, 3 * 4 * 4));
  }

  @Test
  void badCachesAreRefused() {
    var attention = new MultiHeadAttention(4, 2, new Generator(1));
    Tensor x = Tensor.zeros(2, 3, 4);
    KeyValueCache cache = attention.cache(3, 3);
    attention.extend(cache, x, x);
    assertRefused("keyValueCache: 2 positions after 2, wanted at most 3 in all", () -> attention.extend(cache, x, x));
    assertEquals(2, cache.length());
    assertRefused("keyValueCache: capacity is -1, wanted 0 or more", () -> attention.cache(3, -1));
    assertRefused("keyValueCache: batch is -1, wanted 0 or more", () -> attention.cache(-1, 3));
    assertRefused("multiHeadAttention: key has shape (2, 4, 4), wanted a batch of 3",
        () -> attention.extend(cache, Tensor.zeros(2, 4, 4), Tensor.zeros(2, 4, 4)));
    assertRefused("multiHeadAttention: key has shape (2, 4), wanted a batch",
        () -> attention.cache(Tensor.zeros(2, 4), Tensor.zeros(2, 4)));
    assertRefused("multiHeadAttention: query has shape (2, 4, 4), wanted a batch of 3",
        () -> attention.forward(Tensor.zeros(2, 4, 4), cache, AttentionCall.PLAIN));
    assertRefused("reorder: rows has 2 entries, wanted 3", () -> cache.reorder(0, 1));
    assertRefused("reorder: a row is 3, wanted 0 to 2", () -> cache.reorder(0, 1, 3));
    var other = new MultiHeadAttention(6, 2, new Generator(1));
    assertRefused("multiHeadAttention: cache has width 4, wanted 6",
        () -> other.forward(Tensor.zeros(2, 3, 6), cache, AttentionCall.PLAIN));
    assertRefused("multiHeadAttention: cache has width 4, wanted 6",
        () -> other.extend(cache, Tensor.zeros(1, 3, 6), Tensor.zeros(1, 3, 6)));
  }

  private static Tensor sequence(long seed, int length, int width, boolean batchFirst) {
    return batchFirst ? FiniteDifferences.leaf(seed, 2, length, width) : FiniteDifferences.leaf(seed, length, 2, width);
  }

  private static Tensor moved(Backend backend, Tensor tensor) {
    return Tensor.of(backend, tensor.toDoubles(), tensor.shape().toArray());
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
