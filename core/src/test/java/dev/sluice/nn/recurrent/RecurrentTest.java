package dev.sluice.nn.recurrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Arithmetic;
import dev.sluice.autograd.Dropouts;
import dev.sluice.autograd.Shaping;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import dev.sluice.testing.FiniteDifferences;
import dev.sluice.testing.ModuleGradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecurrentTest {
  private static final Backend REFERENCE = FiniteDifferences.backend();

  static List<BiFunction<RecurrentOptions, Generator, Recurrent>> recurrences() {
    return List.of(LSTM::new, JANET::new, (options, generator) -> new JANET(options, 0.5, 20, generator), GRU::new,
        RNN::new, (options, generator) -> new RNN(options, Nonlinearity.RELU, generator), IndRNN::new, IndRNNv2::new);
  }

  // ---------------------------------------------------------------- parameters

  @Test
  void parametersHaveTorchsNamesOrderAndShapes() {
    var lstm = new LSTM(3, 4, 2, true, false, 0, true, 2, new Generator(1));
    List<String> described = lstm.parameters().stream().map(Tensor::describe).toList();
    assertEquals(List.of("weight_ih_l0 (16, 3)", "weight_hh_l0 (16, 2)", "bias_ih_l0 (16)", "bias_hh_l0 (16)",
        "weight_hr_l0 (2, 4)", "weight_ih_l0_reverse (16, 3)", "weight_hh_l0_reverse (16, 2)",
        "bias_ih_l0_reverse (16)", "bias_hh_l0_reverse (16)", "weight_hr_l0_reverse (2, 4)", "weight_ih_l1 (16, 4)",
        "weight_hh_l1 (16, 2)",
        "bias_ih_l1 (16)", "bias_hh_l1 (16)", "weight_hr_l1 (2, 4)", "weight_ih_l1_reverse (16, 4)",
        "weight_hh_l1_reverse (16, 2)", "bias_ih_l1_reverse (16)", "bias_hh_l1_reverse (16)",
        "weight_hr_l1_reverse (2, 4)"), described);
    assertEquals(List.of("weight_ih_l0 (8, 3)", "weight_hh_l0 (8, 4)"),
        new JANET(RecurrentOptions.of(3, 4).withBias(false), new Generator(1)).parameters().stream()
            .map(Tensor::describe).toList());
    assertEquals(List.of("weight_ih_l0 (12, 3)", "weight_hh_l0 (12, 4)", "bias_ih_l0 (12)", "bias_hh_l0 (12)"),
        new GRU(3, 4, new Generator(1)).parameters().stream().map(Tensor::describe).toList());
    assertEquals(List.of("weight_ih_l0 (4, 3)", "weight_hh_l0 (4, 4)", "bias_ih_l0 (4)", "bias_hh_l0 (4)"),
        new RNN(3, 4, new Generator(1)).parameters().stream().map(Tensor::describe).toList());
    assertEquals(List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh"),
        List.copyOf(new LSTMCell(3, 4, new Generator(1)).namedParameters().keySet()));
  }

  @Test
  void torchsRecurrencesStartUniformByTheirHiddenSize() {
    List<Tensor> parameters = Stream.of(new LSTM(RecurrentOptions.of(40, 25).withProjSize(4), new Generator(1)),
        new GRU(40, 25, new Generator(1)), new RNN(40, 100, new Generator(1)))
        .flatMap(each -> each.parameters().stream()).toList();
    for (Tensor parameter : parameters.subList(0, 9)) {
      double largest = Arrays.stream(parameter.toDoubles()).map(Math::abs).max().orElseThrow();
      assertTrue(largest <= 0.2 * (1 + 1e-6) && largest > 0.18, parameter.describe() + ": " + largest);
    }
    for (Tensor parameter : parameters.subList(9, 13)) {
      double largest = Arrays.stream(parameter.toDoubles()).map(Math::abs).max().orElseThrow();
      assertTrue(largest <= 0.1 * (1 + 1e-6) && largest > 0.09, parameter.describe() + ": " + largest);
    }
  }

  @Test
  void janetsForgetBiasStartsAtOneInOneOfItsBiases() {
    var janet = new JANET(3, 2, new Generator(1));
    assertArrayEquals(new float[] {1, 1, 0, 0}, janet.namedParameters().get("bias_ih_l0").toFloats());
    assertArrayEquals(new float[4], janet.namedParameters().get("bias_hh_l0").toFloats());
    assertEquals(1, janet.beta());
  }

  @Test
  void chronoSpreadsTheForgetBiasOverTimeScales() {
    var janet = new JANET(RecurrentOptions.of(1, 200), 1, 102, new Generator(1));
    float[] bias = janet.namedParameters().get("bias_ih_l0").toFloats();
    double sum = 0;
    for (int i = 0; i < 200; i++) {
      assertTrue(bias[i] >= 0 && bias[i] <= Math.log(101), "bias " + bias[i]);
      sum += Math.exp(bias[i]);
      assertEquals(0, bias[200 + i]);
    }
    assertEquals(51, sum / 200, 6);
    assertArrayEquals(new float[400], janet.namedParameters().get("bias_hh_l0").toFloats());
  }

  // ---------------------------------------------------------------- computing

  /** The test vectors of the paper's equation, and of the coupled gate that beta 0 makes of it. */
  @Test
  void janetCellGivesThePapersNumbers() {
    double[] s = {0.89, 0.4};
    double[] g = {0.3756626611656808, -0.3927098596476682};
    for (double beta : new double[] {1, 0}) {
      var cell = new JANETCell(1, 2, true, beta, 0, new Generator(1));
      cell.to(REFERENCE);
      cell.parameters().forEach(parameter -> parameter.fill(0));
      EveryBackend.assign(cell.namedParameters().get("bias_hh"), new double[] {s[0], s[1], atanh(g[0]), atanh(g[1])});
      State start = new State(Tensor.of(REFERENCE, new double[] {0.2, -0.3}, 1, 2));
      State next = cell.forward(Tensor.full(REFERENCE, Shape.of(1, 1), 7), start);
      assertArrayEquals(beta == 1 ? new double[] {0.33992968405450796, -0.43316189543229955}
          : new double[] {0.25113712697851753, -0.33720561070585187}, next.hidden().toDoubles(), 1e-12);
      assertNull(next.cell());
    }
  }

  @Test
  void cellsMakeTheStepsOfTheSequence() {
    for (Backend backend : EveryBackend.all()) {
      stepByStep(backend, new LSTM(3, 4, new Generator(1)), new LSTMCell(3, 4, new Generator(1)));
      stepByStep(backend, new JANET(3, 4, new Generator(1)), new JANETCell(3, 4, new Generator(1)));
      stepByStep(backend, new GRU(3, 4, new Generator(1)), new GRUCell(3, 4, new Generator(1)));
      stepByStep(backend, new RNN(3, 4, new Generator(1)), new RNNCell(3, 4, new Generator(1)));
      stepByStep(backend, new RNN(RecurrentOptions.of(3, 4), Nonlinearity.RELU, new Generator(1)),
          new RNNCell(3, 4, true, Nonlinearity.RELU, new Generator(1)));
      stepByStep(backend, new IndRNN(3, 4, new Generator(1)), new IndRNNCell(3, 4, new Generator(1)));
      stepByStep(backend, new IndRNNv2(3, 4, new Generator(1)), new IndRNNCell(3, 4, new Generator(1)));
    }
  }

  private static void stepByStep(Backend backend, Recurrent sequence, Cell cell) {
    sequence.to(backend);
    cell.to(backend);
    Tensor input = Tensor.of(backend, FiniteDifferences.constant(1, 5, 2, 3).toDoubles(), 5, 2, 3);
    Recurrent.Output whole = sequence.forward(input);
    State state = null;
    State alone = null;
    for (int step = 0; step < 5; step++) {
      state = cell.forward(Shaping.select(input, 0, step), state);
      EveryBackend.assertClose("step " + step, Shaping.select(whole.output(), 0, step).toDoubles(), state.hidden());
      alone = cell.forward(Shaping.select(Shaping.select(input, 0, step), 0, 1), alone);
      EveryBackend.assertClose("row 1", Shaping.select(state.hidden(), 0, 1).toDoubles(), alone.hidden());
      assertEquals(Shape.of(4), alone.hidden().shape());
    }
    Tensor last = whole.state().cell();
    if (last != null) {
      assertNotNull(state.cell());
      EveryBackend.assertClose("cell", last.toDoubles(), state.cell());
    }
  }

  @ParameterizedTest
  @MethodSource("recurrences")
  void gradients(BiFunction<RecurrentOptions, Generator, Recurrent> make) {
    var recurrent = make.apply(RecurrentOptions.of(2, 3).withNumLayers(2).withBidirectional(true), new Generator(1));
    boolean hasCell = recurrent.zeroState(1).cell() != null;
    Tensor lengths = Tensor.of(REFERENCE, new int[] {4, 2});
    Tensor input = FiniteDifferences.leaf(1, 4, 2, 2);
    Tensor hidden = FiniteDifferences.leaf(2, 4, 2, 3);
    Tensor[] inputs = hasCell ? new Tensor[] {input, hidden, FiniteDifferences.leaf(3, 4, 2, 3)}
        : new Tensor[] {input, hidden};
    ModuleGradients.check(recurrent,
        x -> all(recurrent.forward(x[0], new State(x[1], hasCell ? x[2] : null), lengths)), inputs);
  }

  @Test
  void cellGradients() {
    var lstm = new LSTMCell(2, 3, new Generator(1));
    ModuleGradients.check(lstm, x -> {
      State state = lstm.forward(x[0], new State(x[1], x[2]));
      return List.of(state.hidden(), state.cell());
    }, FiniteDifferences.leaf(1, 2, 2), FiniteDifferences.leaf(2, 2, 3), FiniteDifferences.leaf(3, 2, 3));
    for (Cell cell : List.of(new JANETCell(2, 3, new Generator(1)), new GRUCell(2, 3, new Generator(1)),
        new RNNCell(2, 3, new Generator(1)), new IndRNNCell(2, 3, new Generator(1)))) {
      ModuleGradients.check(cell, x -> List.of(cell.forward(x[0], new State(x[1])).hidden()),
          FiniteDifferences.leaf(1, 2), FiniteDifferences.leaf(2, 3));
    }
  }

  /** What lies past a row's length is read neither forwards nor backwards, and each row is as if it were alone. */
  @ParameterizedTest
  @MethodSource("recurrences")
  void paddingIsNotRead(BiFunction<RecurrentOptions, Generator, Recurrent> make) {
    var options = RecurrentOptions.of(2, 3).withNumLayers(2).withBidirectional(true);
    for (boolean batchFirst : new boolean[] {false, true}) {
      for (Backend backend : EveryBackend.all()) {
        var recurrent = make.apply(options.withBatchFirst(batchFirst), new Generator(1));
        recurrent.to(backend);
        Tensor row = Tensor.of(backend, FiniteDifferences.constant(1, 3, 2).toDoubles(), 3, 2);
        Tensor padding = Tensor.full(backend, Shape.of(2, 2), Double.NaN);
        Tensor whole = Tensor.of(backend, FiniteDifferences.constant(2, 5, 2).toDoubles(), 5, 2);
        Tensor input = Shaping.stack(List.of(Shaping.cat(List.of(row, padding), 0), whole), batchFirst ? 0 : 1)
            .requiresGrad(true);
        Recurrent.Output result = recurrent.forward(input, null, Tensor.of(backend, new int[] {3, 5}));
        Tensor padded = Shaping.select(result.output(), batchFirst ? 0 : 1, 0);
        Recurrent.Output alone = recurrent.forward(row);
        EveryBackend.assertClose("output", alone.output().toDoubles(), Shaping.narrow(padded, 0, 0, 3));
        assertArrayEquals(new double[12], Shaping.narrow(padded, 0, 3, 2).toDoubles());
        EveryBackend.assertClose("state", alone.state().hidden().toDoubles(),
            Shaping.select(result.state().hidden(), 1, 0));
        result.output().backward(Tensor.full(backend, result.output().shape(), 1), false);
        Tensor gradient = Shaping.select(input.gradient(), batchFirst ? 0 : 1, 0);
        assertArrayEquals(new double[4], Shaping.narrow(gradient, 0, 3, 2).toDoubles());
        for (Tensor parameter : recurrent.parameters()) {
          assertTrue(Arrays.stream(parameter.gradient().toDoubles()).allMatch(Double::isFinite), parameter.describe());
        }
      }
    }
  }

  private static List<Tensor> all(Recurrent.Output result) {
    List<Tensor> all = new ArrayList<>(List.of(result.output(), result.state().hidden()));
    if (result.state().cell() != null) {
      all.add(result.state().cell());
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("recurrences")
  void aStateOfZerosIsTheDefaultAndAFinalStateFeedsTheNextCall(
      BiFunction<RecurrentOptions, Generator, Recurrent> make) {
    var recurrent = make.apply(RecurrentOptions.of(2, 3).withNumLayers(2), new Generator(1));
    recurrent.to(REFERENCE);
    Tensor input = FiniteDifferences.constant(1, 6, 2, 2);
    Recurrent.Output whole = recurrent.forward(input);
    assertArrayEquals(whole.output().toDoubles(),
        recurrent.forward(input, recurrent.zeroState(2)).output().toDoubles());
    Recurrent.Output first = recurrent.forward(Shaping.narrow(input, 0, 0, 4));
    Recurrent.Output second = recurrent.forward(Shaping.narrow(input, 0, 4, 2), first.state());
    assertArrayEquals(whole.state().hidden().toDoubles(), second.state().hidden().toDoubles(), 1e-12);
  }

  // ---------------------------------------------------------------- dropout

  @Test
  void dropoutActsBetweenLayersOnEachElementByItself() {
    var options = RecurrentOptions.of(2, 3).withNumLayers(2).withDropout(0.5);
    var generator = new Generator(1);
    var lstm = new LSTM(options, generator);
    lstm.to(REFERENCE);
    var lower = layer(lstm, 0, 2);
    var upper = layer(lstm, 1, 3);
    Tensor input = FiniteDifferences.constant(1, 5, 2, 2);
    var same = new Generator(1, generator.offset());
    double[] expected =
        upper.forward(Dropouts.dropout(lower.forward(input).output(), 0.5, same)).output().toDoubles();
    assertArrayEquals(expected, lstm.forward(input).output().toDoubles(), 1e-12);
    assertFalse(Arrays.equals(expected, lstm.forward(input).output().toDoubles()), "another draw for another call");
    lstm.eval();
    assertArrayEquals(upper.forward(lower.forward(input).output()).output().toDoubles(),
        lstm.forward(input).output().toDoubles(), 1e-12);
  }

  @Test
  void dropoutOverTimeDropsAFeatureOfARowThroughout() {
    var input = FiniteDifferences.constant(1, 5, 4, 3);
    for (boolean batchFirst : new boolean[] {false, true}) {
      var options = RecurrentOptions.of(3, 3).withNumLayers(2).withDropout(0.5).withDropoutOverTime(true)
          .withBatchFirst(batchFirst);
      var generator = new Generator(1);
      var lstm = new LSTM(options, generator);
      lstm.to(REFERENCE);
      var lower = layer(lstm, 0, 3);
      var upper = layer(lstm, 1, 3);
      var same = new Generator(1, generator.offset());
      Tensor mask = Dropouts.dropout(Tensor.full(REFERENCE, Shape.of(4, 3), 1), 0.5, same);
      Tensor dropped = Arithmetic.mul(lower.forward(input).output(), Shaping.expand(mask, 5, 4, 3));
      Tensor actual = lstm.forward(batchFirst ? Shaping.transpose(input, 0, 1) : input).output();
      assertArrayEquals(upper.forward(dropped).output().toDoubles(),
          (batchFirst ? Shaping.transpose(actual, 0, 1) : actual).toDoubles(), 1e-12);
      lstm.eval();
      assertArrayEquals(upper.forward(lower.forward(input).output()).output().toDoubles(), (batchFirst
          ? Shaping.transpose(lstm.forward(Shaping.transpose(input, 0, 1)).output(), 0, 1)
          : lstm.forward(input).output()).toDoubles(), 1e-12);
    }
  }

  /** One layer of the LSTM by itself. */
  private static LSTM layer(LSTM stacked, int layer, int inputs) {
    var alone = new LSTM(inputs, 3, new Generator(2));
    alone.to(REFERENCE);
    alone.namedParameters().forEach((name, parameter) -> EveryBackend.assign(parameter,
        stacked.namedParameters().get(name.replace("_l0", "_l" + layer)).toDoubles()));
    return alone;
  }

  @Test
  void dropoutWithOneLayerWarnsAndDoesNothing() {
    List<String> warnings = new ArrayList<>();
    Logger logger = Logger.getLogger("dev.sluice.nn");
    Handler handler = new Handler() {
      @Override
      public void publish(LogRecord entry) {
        if (entry.getLevel() == Level.WARNING) {
          warnings.add(entry.getMessage());
        }
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      var dropping = new LSTM(RecurrentOptions.of(2, 3).withDropout(0.5), new Generator(1));
      var plain = new LSTM(2, 3, new Generator(1));
      Tensor input = Tensor.ones(4, 1, 2);
      assertArrayEquals(plain.forward(input).output().toDoubles(), dropping.forward(input).output().toDoubles());
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
    assertEquals(List.of("lstm: dropout 0.5 does nothing with one layer: "
        + "it acts on the output of every layer but the last"), warnings);
  }

  // ---------------------------------------------------------------- refusals

  @Test
  void badOptionsAreRefused() {
    var options = RecurrentOptions.of(2, 3);
    assertEquals(new RecurrentOptions(2, 3, 1, true, false, 0, false, 0), options);
    assertRefused("recurrent: inputSize is 0, wanted 1 or more", () -> RecurrentOptions.of(0, 3));
    assertRefused("recurrent: hiddenSize is 0, wanted 1 or more", () -> RecurrentOptions.of(2, 0));
    assertRefused("recurrent: numLayers is 0, wanted 1 or more", () -> options.withNumLayers(0));
    assertRefused("recurrent: dropout is 1.5, wanted a probability, 0 to 1", () -> options.withDropout(1.5));
    assertRefused("recurrent: dropout is NaN, wanted a probability, 0 to 1", () -> options.withDropout(Double.NaN));
    assertRefused("recurrent: projSize is 3, wanted 0 for none, or less than hiddenSize 3",
        () -> options.withProjSize(3));
    assertEquals(new RecurrentOptions(2, 3, 1, true, false, 0, false, 0, true), options.withDropoutOverTime(true));
    assertRefused("janet: projSize is 2, wanted 0: only an LSTM has a projection",
        () -> new JANET(options.withProjSize(2), new Generator(1)));
    assertRefused("gru: projSize is 2, wanted 0: only an LSTM has a projection",
        () -> new GRU(options.withProjSize(2), new Generator(1)));
    assertRefused("rnn: projSize is 2, wanted 0: only an LSTM has a projection",
        () -> new RNN(options.withProjSize(2), Nonlinearity.RELU, new Generator(1)));
    assertRefused("indrnn: projSize is 2, wanted 0: only an LSTM has a projection",
        () -> new IndRNN(options.withProjSize(2), new Generator(1)));
    assertRefused("indrnnv2: projSize is 2, wanted 0: only an LSTM has a projection",
        () -> new IndRNNv2(options.withProjSize(2), new Generator(1)));
    assertRefused("janet: beta is NaN, wanted a finite number",
        () -> new JANET(options, Double.NaN, 0, new Generator(1)));
    assertRefused("janet: chronoMax is 2, wanted 0 for none, or more than 2",
        () -> new JANET(options, 1, 2, new Generator(1)));
    assertRefused("janet: chronoMax is 9 without biases, wanted 0: it is the forget bias that it initialises",
        () -> new JANET(options.withBias(false), 1, 9, new Generator(1)));
    assertRefused("lstmCell: hiddenSize is 0, wanted 1 or more", () -> new LSTMCell(1, 0, new Generator(1)));
  }

  @Test
  void badInputsAreRefused() {
    var lstm = new LSTM(2, 3, new Generator(1));
    var batchFirst = new LSTM(RecurrentOptions.of(2, 3).withBatchFirst(true), new Generator(1));
    var janet = new JANET(2, 3, new Generator(1));
    Tensor input = Tensor.zeros(4, 5, 2);
    assertRefused("lstm: input has shape (4, 5, 3), wanted (steps, batch, 2) or (steps, 2)",
        () -> lstm.forward(Tensor.zeros(4, 5, 3)));
    assertRefused("lstm: input has shape (2), wanted (batch, steps, 2) or (steps, 2)",
        () -> batchFirst.forward(Tensor.zeros(2)));
    assertRefused("lstm: hidden has shape (1, 4, 3), wanted (1, 5, 3)",
        () -> lstm.forward(input, lstm.zeroState(4)));
    assertRefused("lstm: hidden has shape (1, 5, 3), wanted (1, 3)",
        () -> lstm.forward(Tensor.zeros(4, 2), lstm.zeroState(5)));
    assertRefused("lstm: state has no cell, wanted one of shape (1, 5, 3)",
        () -> lstm.forward(input, new State(Tensor.zeros(1, 5, 3))));
    assertRefused("lstm: cell has shape (1, 5, 2), wanted (1, 5, 3)",
        () -> lstm.forward(input, new State(Tensor.zeros(1, 5, 3), Tensor.zeros(1, 5, 2))));
    assertRefused("janet: state has a cell, wanted none: this recurrence has a hidden state alone",
        () -> janet.forward(input, lstm.zeroState(5)));
    assertRefused("lstm: lengths is INT32 (4), wanted INT32 (5)",
        () -> lstm.forward(input, null, Tensor.of(new int[4])));
    assertRefused("lstm: lengths is REAL (5), wanted INT32 (5)", () -> lstm.forward(input, null, Tensor.zeros(5)));
    assertRefused("lstm: lengths is given with unbatched input, wanted none",
        () -> lstm.forward(Tensor.zeros(4, 2), null, Tensor.of(new int[] {4})));
    assertThrows(IllegalArgumentException.class,
        () -> lstm.forward(input, null, Tensor.of(new int[] {4, 5, 4, 4, 4})));
    assertRefused("janetCell: input has shape (5, 3), wanted (batch, 2) or (2)",
        () -> new JANETCell(2, 3, new Generator(1)).forward(Tensor.zeros(5, 3)));
    assertRefused("lstmCell: hidden has shape (3), wanted (5, 3)",
        () -> new LSTMCell(2, 3, new Generator(1)).forward(Tensor.zeros(5, 2), new State(Tensor.zeros(3))));
    assertRefused("lstmCell: state has no cell, wanted one of shape (3)",
        () -> new LSTMCell(2, 3, new Generator(1)).forward(Tensor.zeros(2), new State(Tensor.zeros(3))));
  }

  private static double atanh(double x) {
    return Math.log((1 + x) / (1 - x)) / 2;
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
