package dev.sluice.conformance;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.CrossEntropySpec;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.EmbeddingSpec;
import dev.sluice.spi.IndRnnKernels;
import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.IndRnnSpec.Activation;
import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentKernels;
import dev.sluice.spi.RecurrentSpec;
import dev.sluice.spi.SoftmaxSpec;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a backend itself must refuse: contents that are out of range, before anything is written, and buffers that are
 * closed.
 */
@Tag("conformance")
class ArgumentTest {
  private static final long SEED = 5;

  private final Backend backend = Backends.create(Setting.current().backend(), new BackendOptions(2));
  private final Bench bench = new Bench(backend, SEED, false);

  @AfterEach
  void close() {
    backend.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 6, 1_000_000})
  void softmaxRefusesALengthOutOfRange(int length) {
    SoftmaxSpec spec = new SoftmaxSpec(2, 5, false);
    Buffer x = bench.input(10);
    Buffer lengths = bench.ints(5, length);
    Buffer y = bench.output("y", 10);
    refused("softmax", "length", length, "5", () -> backend.softmax().softmax(spec, x, null, lengths, y));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3, -100})
  void crossEntropyRefusesALabelOutOfRange(int label) {
    CrossEntropySpec spec = new CrossEntropySpec(3, 3, Reduction.NONE, -99, 0);
    Buffer logits = bench.input(9);
    Buffer labels = bench.ints(0, -99, label);
    Buffer loss = bench.output("loss", 3);
    Buffer reserve = bench.output("reserve", backend.loss().crossEntropyReserve(spec));
    refused("crossEntropy", "label", label, "2",
        () -> backend.loss().crossEntropy(spec, logits, labels, loss, reserve));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 4})
  void embeddingRefusesAnIndexOutOfRange(int index) {
    EmbeddingSpec spec = new EmbeddingSpec(3, 4, 2, EmbeddingSpec.NO_PADDING);
    Buffer table = bench.input(8);
    Buffer indices = bench.ints(0, 3, index);
    Buffer y = bench.output("y", 6);
    refused("embedding", "ind", index, "3", () -> backend.embedding().embedding(spec, table, indices, y));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 5})
  void attentionRefusesALengthOutOfRange(int length) {
    Layout layout = Layout.headsFirst(1, 4, 3);
    AttentionSpec spec = new AttentionSpec(2, 1, 1, 4, 4, 3, 3, layout, layout, layout, layout, 1, Causal.NONE, null,
        null, true, Dropout.NONE);
    var inputs = new AttentionKernels.Inputs(bench.input(24), bench.input(24), bench.input(24), null, null,
        bench.ints(4, length));
    Buffer output = bench.output("output", 24);
    Buffer reserve = bench.output("reserve", backend.attention().attentionReserve(spec));
    refused("attention", "length", length, "4",
        () -> backend.attention().attention(spec, inputs, output, null, reserve));
  }

  @ParameterizedTest
  @CsvSource({"LSTM, -1", "LSTM, 4", "JANET, -1", "JANET, 4", "GRU, -1", "GRU, 4", "RNN_TANH, -1", "RNN_TANH, 4",
      "RNN_RELU, -1", "RNN_RELU, 4"})
  void recurrencesRefuseALengthOutOfRange(RecurrentCell cell, int length) {
    RecurrentSpec spec = new RecurrentSpec(cell, 3, 2, 2, 2, 0, false, false, false, 1, 0, true, 0, false);
    var inputs = new RecurrentKernels.Inputs(bench.input(12), null, null, bench.ints(3, length));
    var weights = new RecurrentKernels.Weights(bench.input(spec.gateWidth() * 2), bench.input(spec.gateWidth() * 2),
        null, null, null);
    var outputs = new RecurrentKernels.Outputs(bench.output("output", 12), bench.output("hidden", 4),
        cell.hasCellState() ? bench.output("cell", 4) : null);
    Buffer reserve = bench.output("reserve", backend.recurrent().recurrenceReserve(spec));
    refused("(recurrence|" + cell + ")", "length", length, "3",
        () -> backend.recurrent().recurrence(spec, inputs, weights, outputs, reserve));
  }

  @ParameterizedTest
  @CsvSource({"RELU, 1, -1", "RELU, 2, 4", "TANH, 2, -1", "TANH, 1, 4"})
  void indRnnRefusesALengthOutOfRange(Activation activation, int directions, int length) {
    IndRnnSpec spec = new IndRnnSpec(activation, 3, 2, directions, 5, false, true);
    var inputs = new IndRnnKernels.Inputs(bench.input(30 * directions), bench.input(5 * directions), null,
        bench.ints(3, length));
    Buffer output = bench.output("output", 30 * directions);
    Buffer finalHidden = bench.output("finalHidden", 10 * directions);
    refused("indRnn", "length", length, "3", () -> backend.indRnn().indRnn(spec, inputs, output, finalHidden));
  }

  @ParameterizedTest
  @EnumSource
  void everyKernelRefusesAClosedBuffer(Family family) {
    int buffers;
    try (Bench counting = new Bench(backend, SEED, false)) {
      family.tiny().run(counting);
      buffers = counting.buffers();
    }
    assertAll(IntStream.range(0, buffers).mapToObj(closed -> () -> {
      Bench closing = new Bench(backend, SEED, false, closed);
      assertThrows(IllegalStateException.class, () -> family.tiny().run(closing),
          family + " with buffer " + closed + " of " + buffers + " closed");
    }));
  }

  @Test
  void aClosedBackendComputesNoMore() {
    Backend closed = Backends.create(Setting.current().backend(), new BackendOptions(2));
    Bench closing = new Bench(closed, SEED, false);
    closed.close();
    closed.close();
    assertThrows(IllegalStateException.class, () -> GemmCases.tiny(closing));
  }

  private void refused(String operation, String argument, int given, String wanted, Runnable call) {
    List<double[]> before = bench.results().stream().map(Bench.Result::values).toList();
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, call::run);
    Pattern form =
        Pattern.compile("(?i)" + operation + ": .*" + argument + ".* is " + given + ", wanted .*" + wanted + ".*");
    assertTrue(form.matcher(refusal.getMessage()).matches(), refusal.getMessage());
    List<double[]> after = bench.results().stream().map(Bench.Result::values).toList();
    for (int i = 0; i < before.size(); i++) {
      assertEquals(Arrays.toString(before.get(i)), Arrays.toString(after.get(i)), "written before refusing");
    }
  }
}
