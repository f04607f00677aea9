package dev.sluice.nn.recurrent;

import static dev.sluice.testing.EveryBackend.assertClose;
import static dev.sluice.testing.EveryBackend.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.GoldenCase;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values and gradients of whole modules against libtorch's. */
class RecurrentGoldenTest {
  static Stream<Arguments> lstm() {
    return EveryBackend.with("lstm");
  }

  static Stream<Arguments> janet() {
    return EveryBackend.with("janet");
  }

  static Stream<Arguments> gru() {
    return EveryBackend.with("gru");
  }

  static Stream<Arguments> rnn() {
    return EveryBackend.with("rnn");
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("lstm")
  void lstmIsTorchs(Backend backend, GoldenCase golden) {
    check(new LSTM(options(golden), new Generator(1)), backend, golden);
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("janet")
  void janetIsThePapers(Backend backend, GoldenCase golden) {
    check(new JANET(options(golden), golden.number("beta"), 0, new Generator(1)), backend, golden);
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("gru")
  void gruIsTorchs(Backend backend, GoldenCase golden) {
    check(new GRU(options(golden), new Generator(1)), backend, golden);
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("rnn")
  void rnnIsTorchs(Backend backend, GoldenCase golden) {
    Nonlinearity nonlinearity = Nonlinearity.valueOf(golden.text("nonlinearity").toUpperCase(Locale.ROOT));
    check(new RNN(options(golden), nonlinearity, new Generator(1)), backend, golden);
  }

  private static RecurrentOptions options(GoldenCase golden) {
    return new RecurrentOptions(golden.integer("inputSize"), golden.integer("hiddenSize"), golden.integer("numLayers"),
        golden.flag("bias"), golden.flag("batchFirst"), 0, golden.flag("bidirectional"), golden.integer("projSize"));
  }

  private static void check(Recurrent recurrent, Backend backend, GoldenCase golden) {
    recurrent.to(backend);
    Map<String, Tensor> parameters = recurrent.namedParameters();
    assertEquals(golden.tensors().keySet().stream().filter(key -> key.matches("(weight|bias)_.*")).toList(),
        List.copyOf(parameters.keySet()));
    parameters.forEach((name, parameter) -> {
      assertArrayEquals(golden.tensor(name).shape(), parameter.shape().toArray(), name);
      EveryBackend.assign(parameter, golden.tensor(name).data());
    });
    Tensor input = leaf(backend, golden, "input");
    Tensor hidden = golden.flag("givenState") ? leaf(backend, golden, "h_0") : null;
    Tensor cell = golden.has("c_0") ? leaf(backend, golden, "c_0") : null;
    Tensor lengths =
        golden.flag("givenLengths") ? Tensor.of(backend, golden.tensor("lengths").integers()) : null;

    Recurrent.Output result = recurrent.forward(input, hidden == null ? null : new State(hidden, cell), lengths);
    State state = result.state();
    assertClose("output", golden.tensor("output"), result.output());
    assertClose("h_n", golden.tensor("h_n"), state.hidden());
    result.output().backward(tensor(backend, golden.upstream("output")), true);
    state.hidden().backward(tensor(backend, golden.upstream("h_n")), true);
    Tensor finalCell = state.cell();
    if (golden.has("c_n")) {
      assertClose("c_n", golden.tensor("c_n"), finalCell);
      assertNotNull(finalCell);
      finalCell.backward(tensor(backend, golden.upstream("c_n")), true);
    } else {
      assertNull(finalCell);
    }

    assertClose("grad.input", golden.gradient("input"), input.gradient());
    if (hidden != null) {
      assertClose("grad.h_0", golden.gradient("h_0"), hidden.gradient());
    }
    if (cell != null) {
      assertClose("grad.c_0", golden.gradient("c_0"), cell.gradient());
    }
    parameters.forEach((name, parameter) -> assertClose("grad." + name, golden.gradient(name), parameter.gradient()));
  }

  private static Tensor leaf(Backend backend, GoldenCase golden, String key) {
    return tensor(backend, golden.tensor(key)).requiresGrad(true);
  }
}
