package dev.sluice.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The committed golden files are complete and hang together; what they say is tested with the operations. */
class GoldenTest {
  private static final Map<String, List<String>> CASES = Map.ofEntries(
      Map.entry("lstm", words("""
          one_layer one_step state saturated no_bias two_layers bidirectional two_layers_bidirectional batch_first
          projection projection_two_layers_bidirectional
          lengths lengths_two_layers_bidirectional lengths_batch_first_shorter lengths_projection_bidirectional
          unbatched unbatched_two_layers_bidirectional unbatched_projection""")),
      Map.entry("gru", words("""
          one_layer one_step state saturated no_bias two_layers bidirectional two_layers_bidirectional batch_first
          lengths lengths_two_layers_bidirectional lengths_batch_first_shorter unbatched unbatched_bidirectional""")),
      Map.entry("rnn", words("""
          one_layer one_step state saturated no_bias two_layers bidirectional two_layers_bidirectional batch_first
          lengths lengths_two_layers_bidirectional lengths_batch_first_shorter unbatched unbatched_bidirectional
          relu_one_layer relu_no_bias relu_two_layers relu_lengths_two_layers_bidirectional relu_unbatched""")),
      Map.entry("indrnn", words("""
          one_layer one_step state no_bias two_layers bidirectional two_layers_bidirectional batch_first
          lengths lengths_zero lengths_two_layers_bidirectional lengths_batch_first_shorter
          unbatched unbatched_two_layers_bidirectional tanh tanh_saturated tanh_lengths_bidirectional
          bounds_max bounds_min bounds_both bounds_bidirectional bounds_published
          batch_norm batch_norm_evaluating batch_norm_two_layers_bidirectional batch_norm_lengths
          batch_norm_lengths_evaluating batch_norm_per_step batch_norm_per_step_evaluating batch_norm_per_step_lengths
          batch_norm_before batch_norm_before_evaluating batch_norm_before_bidirectional
          batch_norm_before_lengths_bidirectional batch_norm_before_per_step
          batch_norm_before_per_step_bidirectional_batch_first""")),
      Map.entry("batch_norm", words("""
          training training_sequence training_momentum training_momentum_zero training_momentum_one
          training_no_momentum training_not_affine training_no_running training_large_eps training_offset
          training_two_rows training_one_sequence training_one_channel training_width_19
          evaluating evaluating_sequence evaluating_not_affine evaluating_no_running evaluating_large_eps
          evaluating_one_row""")),
      Map.entry("state", words("""
          linear embedding layer_norm batch_norm conv1d conv2d gru lstm multi_head_attention transformer_encoder
          transformer_decoder composed""")),
      Map.entry("janet", words("""
          one_layer beta_zero beta_half one_step saturated no_bias two_layers bidirectional two_layers_bidirectional
          batch_first lengths lengths_two_layers_bidirectional lengths_batch_first_shorter
          unbatched unbatched_two_layers_bidirectional""")),
      Map.entry("attention", words("""
          plain value_width grouped shared_key_value one_query one_key scale large_logits
          causal_square causal_more_keys causal_more_queries causal_grouped_value_width_scale
          bool_mask bool_mask_keys bool_mask_full bool_mask_grouped bool_mask_grouped_per_head
          float_mask float_mask_keys float_mask_full float_mask_grouped bool_mask_empty_rows float_mask_empty_rows""")),
      Map.entry("convolution", words("""
          planes planes_no_bias planes_stride planes_padding planes_dilation planes_groups planes_depthwise
          planes_everything planes_one_tap planes_one_window planes_unbatched planes_many_channels
          sequences sequences_no_bias sequences_stride_padding sequences_dilation_groups sequences_unbatched""")),
      Map.entry("pooling", words("""
          max_planes max_planes_overlapping max_planes_padding max_planes_dilation max_planes_ceil max_planes_ties
          max_planes_nan max_planes_unbatched max_sequences max_sequences_everything
          avg_planes avg_planes_overlapping avg_planes_padding avg_planes_padding_not_counted avg_planes_ceil
          avg_planes_ceil_padding avg_planes_ceil_padding_not_counted avg_planes_divisor avg_planes_unbatched
          avg_sequences avg_sequences_everything avg_sequences_padding_not_counted
          adaptive_planes_one adaptive_planes_even adaptive_planes_uneven adaptive_planes_more adaptive_sequences""")),
      Map.entry("multi_head_attention", words("""
          plain averaged_weights weights_per_head no_bias self self_causal causal separate_widths
          separate_value_width_no_bias batch_first batch_first_separate_widths batch_first_everything
          unbatched unbatched_masks bool_mask bool_mask_per_head float_mask float_mask_per_head
          padding padding_bool_mask padding_bool_mask_per_head padding_float_mask self_causal_padding
          bias_kv zero_attn bias_kv_zero_attn_masks bias_kv_separate_widths_float_mask bias_kv_causal
          zero_attn_self_causal_padding""")),
      Map.entry("transformer", Stream.concat(
          crossed(List.of("encoder_layer", "decoder_layer"),
              words("_post_norm_relu _post_norm_gelu _pre_norm_relu _pre_norm_gelu")).stream(),
          Stream.of("encoder", "decoder")).toList()),
      Map.entry("layer_norm", words("""
          affine plain weight_only large_eps tiny_eps small_spread large_spread width_one width_two width_33
          one_row""")),
      Map.entry("softmax", crossed(List.of("softmax_", "log_softmax_"), words("""
          last_axis middle_axis first_axis width_one width_37 large minus_infinity"""))),
      Map.entry("losses", Stream.concat(
          crossed(List.of("cross_entropy", "cross_entropy_ignore", "cross_entropy_smoothing",
              "cross_entropy_ignore_smoothing", "cross_entropy_large", "mse", "mse_one_axis"),
              List.of("_none", "_mean", "_sum")).stream(),
          Stream.of("cross_entropy_one_row", "cross_entropy_full_smoothing", "cross_entropy_all_ignored_sum",
              "cross_entropy_all_ignored_mean")).toList()),
      Map.entry("clipping", crossed(Stream.concat(
          crossed(words("drawn exactly_max vector zero some_zero infinite minus_infinite nan max_zero"),
              words("_p2 _p1 _p3 _p0.5 _pinf _p0")).stream().flatMap(GoldenTest::withMaximum),
          Stream.of("overflowing_squares", "one_scalar_like", "value", "value_special", "value_zero")).toList(),
          List.of("", "_float32"))),
      Map.entry("optimizers", words("""
          sgd sgd_weight_decay sgd_momentum sgd_dampening sgd_nesterov sgd_momentum_weight_decay
          sgd_nesterov_weight_decay adam adam_fast adam_eps adam_weight_decay adam_amsgrad adam_amsgrad_weight_decay
          adamw adamw_no_decay adamw_decay adamw_eps adamw_amsgrad""")),
      Map.entry("schedules", words("""
          step_1 step_3 step_7 step_30 cosine cosine_floor cosine_past_its_end plateau plateau_no_patience
          plateau_cooldown plateau_floor plateau_relative_threshold plateau_absolute_threshold plateau_max""")),
      Map.entry("pointwise", words("""
          relu sigmoid tanh gelu gelu_tanh silu softplus abs exp log sqrt pow_zero pow_one pow_two pow_three pow_half
          pow_fraction pow_minus_one pow_minus_three_halves maximum minimum""")));

  /** Tensors that are meant to hold NaN or infinities, besides those of clipping. */
  private static final Set<String> NON_FINITE = Set.of(
      "attention/float_mask_empty_rows/mask",
      "pooling/max_planes_nan/input",
      "pooling/max_planes_nan/output",
      "softmax/softmax_minus_infinity/input",
      "softmax/log_softmax_minus_infinity/input",
      "softmax/log_softmax_minus_infinity/output",
      "losses/cross_entropy_all_ignored_mean/loss");

  static Set<String> files() {
    return CASES.keySet();
  }

  @Test
  void everyCommittedFileIsListed() throws IOException, URISyntaxException {
    var folder = Path.of(GoldenTest.class.getResource("/golden").toURI());
    try (var files = Files.list(folder)) {
      var names = files.filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(files().stream().map(name -> name + ".json").collect(Collectors.toCollection(TreeSet::new)), names);
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void casesAreTheExpectedOnes(String file) {
    var names = Golden.load(file).stream().map(GoldenCase::name).toList();
    assertEquals(names.size(), new TreeSet<>(names).size(), "distinct names");
    assertEquals(new TreeSet<>(CASES.get(file)), new TreeSet<>(names));
  }

  @ParameterizedTest
  @MethodSource("files")
  void gradientsHaveTheShapeOfWhatTheyBelongTo(String file) {
    for (var golden : Golden.load(file)) {
      assertFalse(golden.tensors().isEmpty(), golden.name());
      for (var key : golden.tensors().keySet()) {
        for (var prefix : List.of("grad.", "upstream.")) {
          if (key.startsWith(prefix)) {
            var owner = golden.tensor(key.substring(prefix.length()));
            assertArrayEquals(owner.shape(), golden.tensor(key).shape(), () -> golden.name() + ": " + key);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void onlyTheCasesMeantForItHoldNonFiniteNumbers(String file) {
    Predicate<double[]> finite = data -> Arrays.stream(data).allMatch(Double::isFinite);
    for (var golden : Golden.load(file)) {
      golden.tensors().forEach((key, values) -> {
        var path = file + "/" + golden.name() + "/" + key;
        if (!file.equals("clipping")) {
          assertEquals(!NON_FINITE.contains(path), finite.test(values.data()), path);
        }
      });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lstm", "gru", "rnn", "janet", "indrnn"})
  void differentiatedCasesStoreTheGradientOfEveryParameter(String file) {
    int biases = file.equals("indrnn") ? 1 : 2;
    for (var golden : Golden.load(file)) {
      var parameters =
          golden.tensors().keySet().stream().filter(key -> key.matches("(cells\\S*[.])?(weight|bias)_.*")).toList();
      int perDirection = 2 + (golden.flag("bias") ? biases : 0) + (golden.integer("projSize") > 0 ? 1 : 0);
      int directions = golden.flag("bidirectional") ? 2 : 1;
      assertEquals(golden.integer("numLayers") * directions * perDirection, parameters.size(), golden.name());
      assertTrue(golden.has("grad.input"), golden.name());
      parameters.forEach(key -> assertTrue(golden.has("grad." + key), () -> golden.name() + ": " + key));
    }
  }

  @Test
  void everyStateDictionaryIsThereWithHeaderAndNumbers() throws IOException, URISyntaxException {
    var folder = Path.of(GoldenTest.class.getResource("/golden/state").toURI());
    try (var files = Files.list(folder)) {
      var names = files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
      var wanted = CASES.get("state").stream().map(name -> name + ".safetensors");
      assertEquals(wanted.collect(Collectors.toCollection(TreeSet::new)), names);
      for (var name : names) {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(name))).order(ByteOrder.LITTLE_ENDIAN);
        var header = new byte[Math.toIntExact(bytes.getLong())];
        bytes.get(header);
        int end = 0;
        for (var entry : new ObjectMapper().readTree(header).properties()) {
          if (!entry.getKey().equals("__metadata__")) {
            var offsets = entry.getValue().required("data_offsets");
            assertEquals(end, offsets.get(0).intValue(), name + ": " + entry.getKey());
            end = offsets.get(1).intValue();
          }
        }
        assertEquals(bytes.remaining(), end, name);
      }
    }
  }

  @Test
  void specialNumbersAndTypesAreRead() {
    var golden = Golden.load("clipping", "value_special");
    assertArrayEquals(new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY},
        golden.tensor("before.0").data());
    assertArrayEquals(new double[] {Double.NaN, 2, -2}, golden.tensor("after.0").data());
    assertEquals(2, golden.list("after.").size());
    assertEquals("value", golden.text("kind"));
    assertEquals(2, golden.number("clipValue"));
    assertEquals(Double.POSITIVE_INFINITY, Golden.load("clipping", "zero_pinf").number("normType"));
    assertEquals(0, Golden.load("clipping", "zero_pinf").tensor("totalNorm").shape().length);
    assertThrows(IllegalArgumentException.class, () -> golden.flag("clipValue"));
    assertThrows(IllegalArgumentException.class, () -> golden.text("missing"));
    assertThrows(IllegalArgumentException.class, () -> golden.tensor("missing"));
    assertThrows(IllegalArgumentException.class, () -> Golden.load("missing"));
    assertThrows(IllegalArgumentException.class, () -> Golden.load("clipping", "missing"));
  }

  private static List<String> words(String text) {
    return List.of(text.strip().split("\\s+"));
  }

  private static List<String> crossed(List<String> starts, List<String> ends) {
    return starts.stream().flatMap(start -> ends.stream().map(end -> start + end)).toList();
  }

  private static Stream<String> withMaximum(String name) {
    return name.startsWith("drawn") ? Stream.of("_far_above", "_above", "_below").map(name::concat) : Stream.of(name);
  }
}
