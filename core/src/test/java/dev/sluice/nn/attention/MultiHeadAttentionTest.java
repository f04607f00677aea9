package dev.sluice.nn.attention;

import static dev.sluice.testing.EveryBackend.assertClose;
import static dev.sluice.testing.EveryBackend.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Selecting;
import dev.sluice.nn.attention.AttentionCall.Weights;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.Backend;
import dev.sluice.testing.CheckingBackend;
import dev.sluice.testing.Counts;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.GoldenCase;
import dev.sluice.testing.ModuleGradients;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MultiHeadAttentionTest {
  private static final Backend REFERENCE = FiniteDifferences.backend();

  static Stream<Arguments> golden() {
    return EveryBackend.with("multi_head_attention");
  }

  static List<Backend> backends() {
    return EveryBackend.all();
  }

  // ---------------------------------------------------------------- numbers

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("golden")
  void isTorchs(Backend backend, GoldenCase golden) {
    var attention = new MultiHeadAttention(new MultiHeadOptions(golden.integer("embedDim"), golden.integer("numHeads"),
        0, golden.flag("bias"), golden.flag("addBiasKv"), golden.flag("addZeroAttn"), golden.integer("kdim"),
        golden.integer("vdim"), golden.flag("batchFirst")), new Generator(1));
    attention.to(backend);
    attention.namedParameters().forEach((name, value) -> EveryBackend.assign(value, golden.tensor(name).data()));
    Map<String, Tensor> leaves = new HashMap<>(attention.namedParameters());
    leaves.put("query", tensor(backend, golden.tensor("query")).requiresGrad(true));
    Weights weights = Weights.valueOf(golden.text("weights").toUpperCase(Locale.ROOT));
    AttentionCall call = AttentionCall.PLAIN.weights(weights);
    if (golden.flag("isCausal")) {
      call = call.causal(Causal.TOP_LEFT);
    }
    if (golden.has("key_padding_mask")) {
      call = call.keyPaddingMask(flags(backend, golden.tensor("key_padding_mask")));
    }
    if (golden.has("grad.attn_mask")) {
      leaves.put("attn_mask", tensor(backend, golden.tensor("attn_mask")).requiresGrad(true));
      call = call.attnMask(leaves.get("attn_mask"));
    } else if (golden.has("attn_mask")) {
      call = call.attnMask(flags(backend, golden.tensor("attn_mask")));
    }
    MultiHeadAttention.Output result;
    if (golden.flag("self")) {
      result = attention.forward(leaves.get("query"), call);
    } else {
      leaves.put("key", tensor(backend, golden.tensor("key")).requiresGrad(true));
      leaves.put("value", tensor(backend, golden.tensor("value")).requiresGrad(true));
      result = attention.forward(leaves.get("query"), leaves.get("key"), leaves.get("value"), call);
    }
    assertClose("output", golden.tensor("output"), result.output());
    if (weights == Weights.NONE) {
      assertNull(result.weights());
    } else {
      assertClose("weights", golden.tensor("weights"), result.weights());
      result.weights().backward(tensor(backend, golden.upstream("weights")), true);
    }
    result.output().backward(tensor(backend, golden.upstream("output")), false);
    leaves.forEach((name, leaf) -> assertClose("grad." + name, golden.gradient(name), leaf.gradient()));
  }

  private static Tensor flags(Backend backend, GoldenCase.Values values) {
    return Tensor.of(backend, values.flags(), values.shape());
  }

  @ParameterizedTest
  @CsvSource({
    "6, 6, false, false, true, false", "3, 5, true, true, false, true", "6, 4, true, false, true, true",
    "6, 6, false, true, true, false"})
  void gradients(int kdim, int vdim, boolean biasKv, boolean zeroAttn, boolean bias, boolean batchFirst) {
    var attention = new MultiHeadAttention(
        new MultiHeadOptions(6, 2, 0, bias, biasKv, zeroAttn, kdim, vdim, batchFirst), new Generator(1));
    attention.to(REFERENCE);
    boolean[] flags = {false, true, false, false, false, true, false, true};
    Tensor padding = Tensor.of(REFERENCE, flags, 2, 4);
    for (int i = 0; i < 3; i++) {
      AttentionCall call =
          AttentionCall.PLAIN.weights(Weights.values()[i]).causal(Causal.values()[i]).keyPaddingMask(padding);
      ModuleGradients.check(attention, x -> {
        MultiHeadAttention.Output result = attention.forward(x[0], x[1], x[2], call.attnMask(x[3]));
        return result.weights() == null ? List.of(result.output()) : List.of(result.output(), result.weights());
      }, sequence(1, 3, 6, batchFirst), sequence(2, 4, kdim, batchFirst), sequence(3, 4, vdim, batchFirst),
          FiniteDifferences.leaf(4, 3, 4));
    }
  }

  @Test
  void gradientsOfSelectedWeights() {
    for (Selecting selecting : List.of(Selecting.largest(2), Selecting.largest(1).renormalised(),
        Selecting.predicate(Tensor.of(REFERENCE, new boolean[] {true, false, true, true}, 4)))) {
      var attention = new MultiHeadAttention(MultiHeadOptions.of(4, 2).withSelecting(selecting), new Generator(1));
      ModuleGradients.check(attention, x -> {
        MultiHeadAttention.Output result = attention.forward(x[0], AttentionCall.PLAIN.weights(Weights.PER_HEAD));
        return List.of(result.output(), result.weights());
      }, FiniteDifferences.leaf(1, 4, 2, 4));
    }
  }

  private static Tensor sequence(long seed, int length, int width, boolean batchFirst) {
    return batchFirst ? FiniteDifferences.leaf(seed, 2, length, width) : FiniteDifferences.leaf(seed, length, 2, width);
  }

  @Test
  void gradientsOfSelfAttentionWithDropout() {
    var attention = new MultiHeadAttention(MultiHeadOptions.of(4, 2), new Generator(1));
    ModuleGradients.check(attention, x -> List.of(attention.forward(x[0])), FiniteDifferences.leaf(1, 3, 2, 4));
    FiniteDifferences.check(x -> {
      // A fresh stream for each call: the same weights are dropped every time.
      var dropping = new MultiHeadAttention(MultiHeadOptions.of(4, 2).withDropout(0.4), new Generator(5));
      dropping.to(REFERENCE);
      return dropping.forward(x[0]);
    }, FiniteDifferences.leaf(1, 3, 2, 4));
  }

  // ---------------------------------------------------------------- rules

  /** Four products and one kernel of attention; what is copied are the three parts of the bias. */
  @ParameterizedTest
  @CsvSource({"false", "true"})
  void headsAreNotMovedToAttend(boolean batchFirst) {
    var backend = new CheckingBackend(REFERENCE);
    var attention = new MultiHeadAttention(MultiHeadOptions.of(6, 2).withBatchFirst(batchFirst), new Generator(1));
    attention.to(backend);
    Tensor x = moved(backend, FiniteDifferences.constant(1, 3, 2, 6)).requiresGrad(true);
    backend.counts().reset();
    Tensor output = attention.forward(x, AttentionCall.PLAIN.causal(Causal.TOP_LEFT)).output();
    assertEquals(Map.of("attention.attention", 1L, "gemm.multiply", 4L, "memory.copy", 3L),
        kernels(backend.counts()));
    assertEquals(0, backend.counts().reads() + backend.counts().writes());
    backend.counts().reset();
    output.backward(output.detach(), false);
    assertEquals(1, backend.counts().of("attention.attentionBackward"));
    assertEquals(8, backend.counts().of("gemm.multiply"));
    KeyValueCache cache = attention.cache(batchFirst ? 3 : 2, 4);
    Tensor one = Tensor.full(backend, batchFirst ? Shape.of(3, 1, 6) : Shape.of(1, 2, 6), 0.5);
    backend.counts().reset();
    attention.extend(cache, one, one);
    attention.forward(one, cache, AttentionCall.PLAIN);
    // Twice the bias, and the key and the value into the cache.
    assertEquals(Map.of("attention.attention", 1L, "gemm.multiply", 4L, "memory.copy", 8L),
        kernels(backend.counts()));
  }

  /** Masks are put together where they are. */
  @Test
  void masksStayOnTheBackend() {
    var backend = new CheckingBackend(REFERENCE);
    for (boolean added : new boolean[] {false, true}) {
      var attention = new MultiHeadAttention(MultiHeadOptions.of(6, 2).withAddZeroAttn(added), new Generator(1));
      attention.to(backend);
      Tensor x = moved(backend, FiniteDifferences.constant(1, 3, 2, 6));
      AttentionCall call = AttentionCall.PLAIN.causal(Causal.TOP_LEFT)
          .keyPaddingMask(Tensor.of(backend, new boolean[6], 2, 3))
          .attnMask(Tensor.of(backend, new boolean[36], 4, 3, 3));
      backend.counts().reset();
      attention.forward(x, call);
      assertEquals(0, backend.counts().reads());
      assertEquals(added ? 2 : 1, backend.counts().of("elementwise.logical"));
    }
  }

  /** Asking for the size of a reserve computes nothing. */
  private static Map<String, Long> kernels(Counts counts) {
    Map<String, Long> calls = new HashMap<>(counts.byKernel());
    calls.keySet().removeIf(kernel -> kernel.endsWith("Reserve"));
    return calls;
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("backends")
  void aQueryWithoutAKeyAttendsToNothingInEveryPath(Backend backend) {
    var attention = new MultiHeadAttention(MultiHeadOptions.of(4, 2).withBatchFirst(true), new Generator(1));
    attention.to(backend);
    Tensor bias = attention.namedParameters().get("out_proj.bias");
    EveryBackend.assign(bias, new double[] {1, 2, 3, 4});
    double nan = Double.NaN;
    Tensor keys = Tensor.of(backend, new double[] {1, 2, 3, 4, 5, 6, 7, 8, nan, nan, nan, nan, nan, nan, nan, nan}, 2,
        2, 4);
    Tensor query = Tensor.of(backend, new double[] {1, 0, -1, 2, 3, 1, 0, 2}, 2, 1, 4);
    AttentionCall masked =
        AttentionCall.PLAIN.keyPaddingMask(Tensor.of(backend, new boolean[] {false, false, true, true}, 2, 2));
    double infinite = Double.NEGATIVE_INFINITY;
    AttentionCall added = AttentionCall.PLAIN.keyPaddingMask(
        Tensor.of(backend, new double[] {0, 0, infinite, infinite}, 2, 2));
    for (Weights weights : Weights.values()) {
      MultiHeadAttention.Output result = attention.forward(query, keys, keys, masked.weights(weights));
      assertArrayEquals(new double[] {1, 2, 3, 4}, Arrays.copyOfRange(result.output().toDoubles(), 4, 8));
      if (result.weights() != null) {
        double[] numbers = result.weights().toDoubles();
        assertArrayEquals(new double[numbers.length / 2], Arrays.copyOfRange(numbers, numbers.length / 2,
            numbers.length));
      }
      Tensor finite = Tensor.full(backend, keys.shape(), 0.5);
      result = attention.forward(query, finite, finite, added.weights(weights));
      assertArrayEquals(new double[] {1, 2, 3, 4}, Arrays.copyOfRange(result.output().toDoubles(), 4, 8));
    }
  }

  /** A float mask that is 0 or negative infinity, a boolean one and causality say the same in different words. */
  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("backends")
  void masksOfBothKindsAndCausalityAgree(Backend backend) {
    for (boolean extra : new boolean[] {false, true}) {
      var attention = new MultiHeadAttention(
          MultiHeadOptions.of(4, 2).withAddBiasKv(extra).withAddZeroAttn(extra), new Generator(1));
      attention.to(backend);
      Tensor x = moved(backend, FiniteDifferences.constant(1, 3, 2, 4));
      boolean[] future = {false, true, true, false, false, true, false, false, false};
      boolean[] padded = {false, false, false, false, true, false};
      AttentionCall plain = AttentionCall.PLAIN.weights(Weights.PER_HEAD);
      AttentionCall flags = plain.attnMask(Tensor.of(backend, future, 3, 3))
          .keyPaddingMask(Tensor.of(backend, padded, 2, 3));
      MultiHeadAttention.Output expected = attention.forward(x, flags);
      List<AttentionCall> same = List.of(
          plain.causal(Causal.TOP_LEFT).keyPaddingMask(Tensor.of(backend, padded, 2, 3)),
          plain.causal(Causal.BOTTOM_RIGHT).keyPaddingMask(Tensor.of(backend, infinities(padded), 2, 3)),
          plain.attnMask(Tensor.of(backend, infinities(future), 3, 3))
              .keyPaddingMask(Tensor.of(backend, infinities(padded), 2, 3)),
          flags.keyPaddingMask(Tensor.of(backend, infinities(padded), 2, 3)),
          plain.keyPaddingMask(Tensor.of(backend, padded, 2, 3)).attnMask(
              Tensor.of(backend, infinities(repeated(future, 4)), 4, 3, 3)));
      for (AttentionCall call : same) {
        MultiHeadAttention.Output actual = attention.forward(x, call);
        assertClose("output", expected.output().toDoubles(), actual.output());
        assertClose("weights", expected.weights().toDoubles(), actual.weights());
      }
    }
  }

  /** A number of keys says what a mask of those behind them says, and keys may be projected beforehand. */
  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("backends")
  void lengthsAndProjectedKeysChangeNothing(Backend backend) {
    for (boolean batchFirst : new boolean[] {false, true}) {
      var attention = new MultiHeadAttention(
          MultiHeadOptions.of(4, 2).withKdim(3).withBatchFirst(batchFirst), new Generator(1));
      attention.to(backend);
      Tensor query = moved(backend, FiniteDifferences.constant(1, 2, 2, 4));
      Tensor key = moved(backend, FiniteDifferences.constant(2, batchFirst ? 2 : 3, batchFirst ? 3 : 2, 3));
      Tensor value = moved(backend, FiniteDifferences.constant(3, batchFirst ? 2 : 3, batchFirst ? 3 : 2, 4));
      AttentionCall plain = AttentionCall.PLAIN.causal(Causal.BOTTOM_RIGHT).weights(Weights.PER_HEAD);
      MultiHeadAttention.Output expected = attention.forward(query, key, value, plain.keyPaddingMask(
          Tensor.of(backend, new boolean[] {false, false, true, true, true, true}, 2, 3)));
      AttentionCall call = plain.lengths(Tensor.of(backend, new int[] {2, 0}));
      for (MultiHeadAttention.Output actual : List.of(attention.forward(query, key, value, call),
          attention.forward(query, attention.project(key, value), call))) {
        assertClose("output", expected.output().toDoubles(), actual.output());
        assertClose("weights", expected.weights().toDoubles(), actual.weights());
      }
    }
  }

  @Test
  void gradientsThroughProjectedKeys() {
    var attention = new MultiHeadAttention(MultiHeadOptions.of(4, 2).withBatchFirst(true), new Generator(1));
    ModuleGradients.check(attention, x -> {
      MultiHeadAttention.Projected over = attention.project(x[1], x[2]);
      Tensor first = attention.forward(x[0], over, AttentionCall.PLAIN).output();
      return List.of(first, attention.forward(first, over, AttentionCall.PLAIN).output());
    }, FiniteDifferences.leaf(1, 2, 1, 4), FiniteDifferences.leaf(2, 2, 3, 4), FiniteDifferences.leaf(3, 2, 3, 4));
  }

  private static double[] infinities(boolean[] flags) {
    double[] numbers = new double[flags.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = flags[i] ? Double.NEGATIVE_INFINITY : 0;
    }
    return numbers;
  }

  private static boolean[] repeated(boolean[] flags, int times) {
    boolean[] all = new boolean[flags.length * times];
    for (int i = 0; i < all.length; i++) {
      all[i] = flags[i % flags.length];
    }
    return all;
  }

  private static Tensor moved(Backend backend, Tensor tensor) {
    return Tensor.of(backend, tensor.toDoubles(), tensor.shape().toArray());
  }

  @Test
  void weightsDropInTrainingAlone() {
    var attention = new MultiHeadAttention(MultiHeadOptions.of(8, 2).withDropout(0.5), new Generator(1));
    Tensor x = Tensor.of(new Generator(2).normal(20 * 3 * 8, 0, 1), 20, 3, 8);
    AttentionCall call = AttentionCall.PLAIN.weights(Weights.PER_HEAD);
    double[] dropped = attention.forward(x, call).weights().toDoubles();
    long zeros = Arrays.stream(dropped).filter(weight -> weight == 0).count();
    assertEquals(0.5, zeros / (double) dropped.length, 0.05);
    attention.eval();
    double[] kept = attention.forward(x, call).weights().toDoubles();
    for (int i = 0; i < kept.length; i++) {
      assertEquals(dropped[i] == 0 ? 0 : 2 * kept[i], dropped[i], 1e-6);
      assertTrue(kept[i] > 0);
    }
    assertArrayEquals(attention.forward(x).toFloats(), attention.forward(x).toFloats());
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("backends")
  void selectedWeightsAreTheSoftOnesOrZero(Backend backend) {
    MultiHeadOptions options = MultiHeadOptions.of(6, 2);
    var soft = new MultiHeadAttention(options, new Generator(1));
    soft.to(backend);
    Tensor x = moved(backend, FiniteDifferences.constant(1, 5, 3, 6));
    AttentionCall call = AttentionCall.PLAIN.weights(Weights.PER_HEAD);
    double[] weights = soft.forward(x, call).weights().toDoubles();
    for (boolean largest : new boolean[] {true, false}) {
      Selecting selecting = largest ? Selecting.largest(2) : Selecting.threshold(0.2);
      var hard = new MultiHeadAttention(options.withSelecting(selecting), new Generator(1));
      hard.to(backend);
      double[] expected = new double[weights.length];
      for (int row = 0; row < weights.length; row += 5) {
        double[] sorted = Arrays.copyOfRange(weights, row, row + 5);
        Arrays.sort(sorted);
        for (int j = row; j < row + 5; j++) {
          expected[j] = weights[j] >= (largest ? sorted[3] : 0.2) ? weights[j] : 0;
        }
      }
      assertClose(selecting.toString(), expected, hard.forward(x, call).weights());
    }
  }

  @Test
  void aSampledKeyIsDrawnInTrainingAlone() {
    MultiHeadOptions options = MultiHeadOptions.of(6, 2);
    var sampled = new MultiHeadAttention(options.withSelecting(Selecting.sampled(new Generator(3))), new Generator(1));
    var picking = new MultiHeadAttention(options.withSelecting(Selecting.ARG_MAX), new Generator(1));
    Tensor x = Tensor.of(new Generator(2).normal(30 * 3 * 6, 0, 1), 30, 3, 6);
    AttentionCall call = AttentionCall.PLAIN.weights(Weights.PER_HEAD);
    float[] first = sampled.forward(x, call).weights().toFloats();
    assertFalse(Arrays.equals(first, sampled.forward(x, call).weights().toFloats()));
    for (float weight : first) {
      assertTrue(weight == 0 || weight == 1, "weight " + weight);
    }
    sampled.eval();
    assertArrayEquals(picking.forward(x, call).weights().toFloats(), sampled.forward(x, call).weights().toFloats());
  }

  // ---------------------------------------------------------------- parameters

  @Test
  void parametersHaveTorchsNamesOrderAndShapes() {
    var packed = new MultiHeadAttention(MultiHeadOptions.of(4, 2).withAddBiasKv(true), new Generator(1));
    assertEquals(List.of("in_proj_weight (12, 4)", "in_proj_bias (12)", "bias_k (1, 1, 4)", "bias_v (1, 1, 4)",
        "out_proj.weight (4, 4)", "out_proj.bias (4)"), described(packed));
    var separate =
        new MultiHeadAttention(MultiHeadOptions.of(4, 2).withKdim(3).withVdim(5).withBias(false), new Generator(1));
    assertEquals(List.of("q_proj_weight (4, 4)", "k_proj_weight (4, 3)", "v_proj_weight (4, 5)",
        "out_proj.weight (4, 4)"), described(separate));
    assertEquals(packed.namedParameters().keySet(), packed.stateDict().tensors().keySet());
  }

  private static List<String> described(MultiHeadAttention attention) {
    return attention.parameters().stream().map(Tensor::describe).toList();
  }

  @Test
  void theyStartAsTorchsDo() {
    var packed = new MultiHeadAttention(MultiHeadOptions.of(32, 4).withAddBiasKv(true), new Generator(1));
    Map<String, Tensor> parameters = packed.namedParameters();
    assertUniform(Math.sqrt(6.0 / 128), parameters.get("in_proj_weight"));
    assertUniform(1 / Math.sqrt(32), parameters.get("out_proj.weight"));
    assertArrayEquals(new float[96], parameters.get("in_proj_bias").toFloats());
    assertArrayEquals(new float[32], parameters.get("out_proj.bias").toFloats());
    double[] bias = new MultiHeadAttention(MultiHeadOptions.of(1024, 1).withAddBiasKv(true).withBias(false)
        .withKdim(1).withVdim(1), new Generator(2)).namedParameters().get("bias_k").toDoubles();
    double square = Arrays.stream(bias).map(x -> x * x).average().orElseThrow();
    assertEquals(1 / 1024.0, square, 0.15 / 1024);
    var separate = new MultiHeadAttention(MultiHeadOptions.of(32, 4).withKdim(20).withVdim(50), new Generator(1));
    assertUniform(Math.sqrt(6.0 / 64), separate.namedParameters().get("q_proj_weight"));
    assertUniform(Math.sqrt(6.0 / 52), separate.namedParameters().get("k_proj_weight"));
    assertUniform(Math.sqrt(6.0 / 82), separate.namedParameters().get("v_proj_weight"));
  }

  private static void assertUniform(double bound, Tensor tensor) {
    double largest = Arrays.stream(tensor.toDoubles()).map(Math::abs).max().orElseThrow();
    assertTrue(largest <= bound * (1 + 1e-6) && largest > 0.97 * bound, tensor.describe() + ": " + largest);
  }

  @Test
  void aStateDictionaryGoesThereAndBack() {
    var first = new MultiHeadAttention(MultiHeadOptions.of(4, 2).withKdim(3).withAddBiasKv(true), new Generator(1));
    var second = new MultiHeadAttention(MultiHeadOptions.of(4, 2).withKdim(3).withAddBiasKv(true), new Generator(2));
    second.loadStateDict(first.stateDict(), true);
    Tensor query = Tensor.of(new Generator(3).normal(2 * 2 * 4, 0, 1), 2, 2, 4);
    Tensor key = Tensor.of(new Generator(4).normal(3 * 2 * 3, 0, 1), 3, 2, 3);
    Tensor value = Tensor.of(new Generator(5).normal(3 * 2 * 4, 0, 1), 3, 2, 4);
    assertArrayEquals(first.forward(query, key, value).toFloats(), second.forward(query, key, value).toFloats());
  }

  // ---------------------------------------------------------------- refusals

  @Test
  void badOptionsAreRefused() {
    assertRefused("multiHeadAttention: embedDim is 0, wanted 1 or more", () -> MultiHeadOptions.of(0, 1));
    assertRefused("multiHeadAttention: numHeads is 0, wanted 1 or more", () -> MultiHeadOptions.of(4, 0));
    assertRefused("multiHeadAttention: embedDim is 5, wanted a multiple of 2 heads", () -> MultiHeadOptions.of(5, 2));
    assertRefused("multiHeadAttention: dropout is 1.5, wanted a probability, 0 to 1",
        () -> MultiHeadOptions.of(4, 2).withDropout(1.5));
    assertRefused("multiHeadAttention: kdim is 0, wanted 1 or more", () -> MultiHeadOptions.of(4, 2).withKdim(0));
    assertRefused("multiHeadAttention: vdim is 0, wanted 1 or more", () -> MultiHeadOptions.of(4, 2).withVdim(0));
    assertRefused("multiHeadAttention: attnMask is INT32, wanted BOOL or REAL",
        () -> AttentionCall.PLAIN.attnMask(Tensor.of(new int[] {1})));
    assertRefused("multiHeadAttention: keyPaddingMask is INT32, wanted BOOL or REAL",
        () -> AttentionCall.PLAIN.keyPaddingMask(Tensor.of(new int[] {1})));
    assertRefused("multiHeadAttention: lengths is BOOL, wanted INT32",
        () -> AttentionCall.PLAIN.lengths(Tensor.of(new boolean[] {true}, 1)));
  }

  @Test
  void badArgumentsAreRefused() {
    var attention = new MultiHeadAttention(MultiHeadOptions.of(4, 2).withKdim(3), new Generator(1));
    Tensor query = Tensor.zeros(5, 2, 4);
    Tensor key = Tensor.zeros(6, 2, 3);
    Tensor value = Tensor.zeros(6, 2, 4);
    assertRefused("multiHeadAttention: query has shape (5, 2, 3), wanted (length, batch, 4) or (length, 4)",
        () -> attention.forward(Tensor.zeros(5, 2, 3), key, value));
    assertRefused("multiHeadAttention: key has shape (5, 2, 4), wanted (length, batch, 3) or (length, 3)",
        () -> attention.forward(query));
    assertRefused("multiHeadAttention: value has shape (5, 2, 4), wanted (6, 2) and its width, as the key has",
        () -> attention.forward(query, key, query));
    assertRefused("multiHeadAttention: key has shape (6, 3, 3) for a query (5, 2, 4), wanted as many dimensions and "
        + "the same batch", () -> attention.forward(query, Tensor.zeros(6, 3, 3), Tensor.zeros(6, 3, 4)));
    assertRefused("multiHeadAttention: key has shape (6, 2, 3) for a query (5, 4), wanted as many dimensions and the "
        + "same batch", () -> attention.forward(Tensor.zeros(5, 4), key, value));
    assertRefused("multiHeadAttention: keyPaddingMask has shape (6, 2), wanted (2, 6)",
        () -> attention.forward(query, key, value,
            AttentionCall.PLAIN.keyPaddingMask(Tensor.of(new boolean[12], 6, 2))));
    assertRefused("multiHeadAttention: attnMask has shape (6, 5), wanted (5, 6) or (4, 5, 6)",
        () -> attention.forward(query, key, value, AttentionCall.PLAIN.attnMask(Tensor.zeros(6, 5))));
    assertRefused("multiHeadAttention: keyPaddingMask has shape (1, 6), wanted (6)",
        () -> attention.forward(Tensor.zeros(5, 4), Tensor.zeros(6, 3), Tensor.zeros(6, 4),
            AttentionCall.PLAIN.keyPaddingMask(Tensor.of(new boolean[6], 1, 6))));
    Backend other = EveryBackend.all().getLast();
    assertRefused("multiHeadAttention: attnMask is on " + other.id() + ", wanted " + query.backend().id()
        + " as the query; move it with to(backend)", () -> attention.forward(query, key, value,
            AttentionCall.PLAIN.attnMask(Tensor.of(other, new boolean[30], 5, 6))));
    AttentionCall two = AttentionCall.PLAIN.lengths(Tensor.of(new int[] {1, 2}));
    assertRefused("multiHeadAttention: lengths has shape (3), wanted (2)",
        () -> attention.forward(query, key, value, AttentionCall.PLAIN.lengths(Tensor.of(new int[] {1, 2, 3}))));
    assertRefused("multiHeadAttention: lengths is given with an unbatched query, wanted a batch",
        () -> attention.forward(Tensor.zeros(5, 4), Tensor.zeros(6, 3), Tensor.zeros(6, 4), two));
    assertRefused("multiHeadAttention: lengths is given where keys are added behind the others, wanted a "
        + "keyPaddingMask",
        () -> new MultiHeadAttention(MultiHeadOptions.of(4, 2).withAddZeroAttn(true), new Generator(1))
            .forward(query, query, query, two));
    assertRefused("multiHeadAttention: key has shape (6, 3), wanted a batch",
        () -> attention.project(Tensor.zeros(6, 3), Tensor.zeros(6, 4)));
    assertRefused("multiHeadAttention: query has shape (5, 1, 4), wanted a batch of 2",
        () -> attention.forward(Tensor.zeros(5, 1, 4), attention.project(key, value), AttentionCall.PLAIN));
    var batchFirst = new MultiHeadAttention(MultiHeadOptions.of(4, 2).withBatchFirst(true), new Generator(1));
    assertRefused("multiHeadAttention: query has shape (4), wanted (batch, length, 4) or (length, 4)",
        () -> batchFirst.forward(Tensor.zeros(4)));
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
