package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentKernels.InputGradients;
import dev.sluice.spi.RecurrentKernels.Inputs;
import dev.sluice.spi.RecurrentKernels.Outputs;
import dev.sluice.spi.RecurrentKernels.Weights;
import dev.sluice.spi.RecurrentSpec;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Recurrences against {@link PlainRecurrence}, with every option crossed with every other. */
class VectorRecurrentTest {
  /** Shows what was written; also the old value of a gradient that is accumulated into. */
  private static final float OLD = 3.25f;

  private final VectorBuffer.Pool pool = new VectorBuffer.Pool();

  @Test
  void everyOptionAgreesWithPlainLoops() {
    int[][] sizes = {{4, 3, 5, 7}, {3, 14, 2, 17}, {1, 1, 1, 1}, {5, 2, 33, 32}, {2, 13, 3, 70}};
    for (int[] size : sizes) {
      for (RecurrentCell cell : RecurrentCell.values()) {
        for (int option = 0; option < 1 << 8; option++) {
          boolean projected = bit(option, 6);
          if (projected && (cell != RecurrentCell.LSTM || size[3] == 1)) {
            continue;
          }
          RecurrentSpec spec = new RecurrentSpec(cell, size[0], size[1], size[2], size[3], projected ? size[3] / 2 : 0,
              bit(option, 0), bit(option, 1), bit(option, 2), bit(option, 3) ? 2 : 1, bit(option, 3) ? 1 : 0,
              bit(option, 4), cell == RecurrentCell.JANET ? 0.75 : 0, bit(option, 7));
          check(new Case(spec, bit(option, 5), true));
        }
      }
    }
  }

  @Test
  void gradientsMayBeMissing() {
    for (RecurrentCell cell : RecurrentCell.values()) {
      check(new Case(spec(cell, 4, 3, 5, 6, false), true, false));
      check(new Case(spec(cell, 4, 3, 5, 6, true), false, false));
    }
  }

  @Test
  void emptySizes() {
    for (RecurrentCell cell : RecurrentCell.values()) {
      for (boolean lengths : new boolean[] {false, true}) {
        check(new Case(spec(cell, 0, 3, 2, 4, lengths), true, true));
        check(new Case(spec(cell, 3, 0, 2, 4, lengths), true, true));
        check(new Case(spec(cell, 3, 2, 0, 4, lengths), true, true));
      }
    }
  }

  @Test
  void manyRowsOfManyLengths() {
    for (RecurrentCell cell : RecurrentCell.values()) {
      check(new Case(spec(cell, 9, 120, 4, 12, true), true, true));
    }
  }

  @Test
  void threadsAndReserveDoNotChangeBits() {
    for (RecurrentCell cell : RecurrentCell.values()) {
      RecurrentSpec spec = new RecurrentSpec(cell, 40, 50, 20, 65, cell == RecurrentCell.LSTM ? 33 : 0, true, true,
          true, 1, 0, true, 0, false);
      Case one = new Case(spec, true, true);
      Case five = new Case(spec, true, true);
      one.run(1, true);
      five.run(5, true);
      for (int i = 0; i < one.written().length; i++) {
        assertArrayEquals(one.written()[i], five.written()[i], "buffer " + i);
      }
      Case bare = new Case(spec, true, true);
      bare.run(2, false);
      assertArrayEquals(one.output, bare.output);
      assertArrayEquals(one.finalHidden, bare.finalHidden);
    }
  }

  @Test
  void aRowDoesNotDependOnItsNeighbours() {
    Case all = new Case(batchFirst(29), false, true);
    all.run(1, true);
    Case single = new Case(batchFirst(1), false, true);
    System.arraycopy(all.input, 17 * 6 * 5, single.input, 0, 6 * 5);
    System.arraycopy(all.inputWeights, 0, single.inputWeights, 0, single.inputWeights.length);
    System.arraycopy(all.hiddenWeights, 0, single.hiddenWeights, 0, single.hiddenWeights.length);
    System.arraycopy(all.inputBias, 0, single.inputBias, 0, single.inputBias.length);
    System.arraycopy(all.hiddenBias, 0, single.hiddenBias, 0, single.hiddenBias.length);
    single.run(1, true);
    assertArrayEquals(Arrays.copyOfRange(all.output, 17 * 6 * 20, 18 * 6 * 20), Arrays.copyOf(single.output, 6 * 20));
  }

  @Test
  void lengthsOutOfRangeAreRefused() {
    Case wrong = new Case(spec(RecurrentCell.JANET, 4, 3, 2, 2, true), false, true);
    wrong.lengths[1] = 5;
    var error = assertThrows(IllegalArgumentException.class, () -> wrong.run(1, true));
    assertEquals("janet: lengths[1] is 5, wanted 0 to 4", error.getMessage());
    assertEquals(OLD, wrong.output[0]);
  }

  private static RecurrentSpec batchFirst(int batch) {
    return new RecurrentSpec(RecurrentCell.LSTM, 6, batch, 5, 20, 0, true, true, false, 1, 0, false, 0, false);
  }

  private static boolean bit(int options, int bit) {
    return (options >> bit & 1) != 0;
  }

  private static RecurrentSpec spec(RecurrentCell cell, int steps, int batch, int inputWidth, int width,
      boolean lengths) {
    return new RecurrentSpec(cell, steps, batch, inputWidth, width, 0, true, false, lengths, 1, 0, lengths, 0, false);
  }

  private void check(Case drawn) {
    drawn.run(2, true);
    RecurrentSpec spec = drawn.spec;
    PlainRecurrence plain = new PlainRecurrence(spec, drawn.lengths);
    copy(drawn.input, plain.input);
    drawn.clearPadding(plain.input);
    if (drawn.states) {
      copy(drawn.hidden, plain.hidden);
      copy(drawn.cell, plain.cell);
    }
    copy(drawn.inputWeights, plain.inputWeights);
    copy(drawn.hiddenWeights, plain.hiddenWeights);
    copy(drawn.projection, plain.projection);
    if (spec.bias()) {
      copy(drawn.inputBias, plain.inputBias);
      copy(drawn.hiddenBias, plain.hiddenBias);
    }
    double[] gradOutput = new double[plain.output.length];
    double[] gradHidden = new double[plain.hidden.length];
    double[] gradCell = new double[plain.cell.length];
    if (drawn.gradients) {
      copy(drawn.gradOutput, gradOutput);
      copy(drawn.gradFinalHidden, gradHidden);
      copy(drawn.gradFinalCell, gradCell);
    }
    plain.run(gradOutput, gradHidden, gradCell);
    String name = spec + (drawn.states ? " with states" : "") + (drawn.gradients ? "" : " without gradients");
    close(name + " output", columns(spec, plain.output), columns(spec, doubles(drawn.output)));
    close(name + " hidden", row(spec, plain.finalHidden), row(spec, doubles(drawn.finalHidden)));
    close(name + " input weights", plain.gradInputWeights, doubles(drawn.gradInputWeights));
    close(name + " hidden weights", plain.gradHiddenWeights, doubles(drawn.gradHiddenWeights));
    close(name + " projection", plain.gradProjection, doubles(drawn.gradProjection));
    close(name + " initial hidden", row(spec, plain.gradHidden), row(spec, doubles(drawn.gradHidden)));
    if (spec.cell().hasCellState()) {
      close(name + " cell", row(spec, plain.finalCell), row(spec, doubles(drawn.finalCell)));
      close(name + " initial cell", row(spec, plain.gradCell), row(spec, doubles(drawn.gradCell)));
    }
    if (spec.bias()) {
      close(name + " input bias", plain.gradInputBias, doubles(drawn.gradInputBias));
      close(name + " hidden bias", plain.gradHiddenBias, doubles(drawn.gradHiddenBias));
    }
    for (int i = 0; i < plain.gradInput.length && spec.accumulateInput(); i++) {
      plain.gradInput[i] += OLD;
    }
    close(name + " input", plain.gradInput, doubles(drawn.gradInput));
    assertOtherDirectionUntouched(drawn);
  }

  private static void assertOtherDirectionUntouched(Case drawn) {
    RecurrentSpec spec = drawn.spec;
    int width = spec.outputWidth();
    for (int i = 0; i < drawn.output.length; i++) {
      if (i / width % spec.directions() != spec.direction()) {
        assertEquals(OLD, drawn.output[i]);
      }
    }
    for (int i = 0; i < drawn.finalHidden.length; i++) {
      if (i / (width * spec.batch()) != spec.direction()) {
        assertEquals(OLD, drawn.finalHidden[i]);
        assertEquals(OLD, drawn.gradHidden[i]);
      }
    }
  }

  /** Close by the largest element, or by 0.1 where all are small: terms of about 1 cancel in them. */
  private static void close(String name, double[] expected, double[] actual) {
    assertEquals(expected.length, actual.length, name);
    double largest = 0.1;
    for (double value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      int element = i;
      assertEquals(expected[i], actual[i], 4e-6 * largest, () -> name + " element " + element);
    }
  }

  private static double[] columns(RecurrentSpec spec, double[] output) {
    int width = spec.outputWidth();
    double[] own = new double[output.length / spec.directions()];
    for (int i = 0; i < own.length; i++) {
      own[i] = output[(i / width * spec.directions() + spec.direction()) * width + i % width];
    }
    return own;
  }

  private static double[] row(RecurrentSpec spec, double[] states) {
    int size = states.length / spec.directions();
    return Arrays.copyOfRange(states, spec.direction() * size, (spec.direction() + 1) * size);
  }

  private static void copy(float[] source, double[] target) {
    System.arraycopy(doubles(source), 0, target, 0, target.length);
  }

  private static double[] doubles(float[] values) {
    double[] copy = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      copy[i] = values[i];
    }
    return copy;
  }

  /** The arrays of a call, drawn by a fixed seed. Inputs and gradients beyond a row's length are NaN. */
  private final class Case {
    private final Random random = new Random(11);
    private final RecurrentSpec spec;
    private final boolean states;
    private final boolean gradients;
    private final int[] lengths;
    private final float[] input;
    private final float[] hidden;
    private final float[] cell;
    private final float[] inputWeights;
    private final float[] hiddenWeights;
    private final float[] inputBias;
    private final float[] hiddenBias;
    private final float[] projection;
    private final float[] gradOutput;
    private final float[] gradFinalHidden;
    private final float[] gradFinalCell;
    private final float[] output;
    private final float[] finalHidden;
    private final float[] finalCell;
    private final float[] gradInput;
    private final float[] gradHidden;
    private final float[] gradCell;
    private final float[] gradInputWeights;
    private final float[] gradHiddenWeights;
    private final float[] gradInputBias;
    private final float[] gradHiddenBias;
    private final float[] gradProjection;

    Case(RecurrentSpec spec, boolean states, boolean gradients) {
      this.spec = spec;
      this.states = states;
      this.gradients = gradients;
      int width = spec.hiddenWidth();
      int outputWidth = spec.outputWidth();
      lengths = new int[spec.batch()];
      for (int row = 0; row < lengths.length; row++) {
        lengths[row] = spec.lengths() ? random.nextInt(spec.steps() + 1) : spec.steps();
      }
      int positions = spec.steps() * spec.batch();
      double scale = 1 / Math.sqrt(width);
      input = draw(positions * spec.inputWidth(), 1);
      hidden = draw(spec.directions() * spec.batch() * outputWidth, 1);
      cell = draw(spec.directions() * spec.batch() * width, 1);
      inputWeights = draw(spec.gateWidth() * spec.inputWidth(), scale);
      hiddenWeights = draw(spec.gateWidth() * outputWidth, scale);
      inputBias = draw(spec.gateWidth(), 1);
      hiddenBias = draw(spec.gateWidth(), 1);
      projection = draw(spec.projectionWidth() * width, scale);
      gradOutput = draw(positions * spec.directions() * outputWidth, 1);
      gradFinalHidden = draw(hidden.length, 1);
      gradFinalCell = draw(cell.length, 1);
      output = old(gradOutput.length);
      finalHidden = old(hidden.length);
      finalCell = old(cell.length);
      gradInput = old(input.length);
      gradHidden = old(hidden.length);
      gradCell = old(cell.length);
      gradInputWeights = old(inputWeights.length);
      gradHiddenWeights = old(hiddenWeights.length);
      gradInputBias = old(inputBias.length);
      gradHiddenBias = old(hiddenBias.length);
      gradProjection = old(projection.length);
      poison(input, spec.inputWidth(), Float.NaN);
      poison(gradOutput, spec.directions() * outputWidth, Float.NaN);
    }

    float[][] written() {
      return new float[][] {output, finalHidden, finalCell, gradInput, gradHidden, gradCell, gradInputWeights,
          gradHiddenWeights, gradInputBias, gradHiddenBias, gradProjection};
    }

    void run(int threads, boolean backward) {
      Buffer reserve = null;
      boolean hasCell = spec.cell().hasCellState();
      Inputs inputs = new Inputs(real(input), states ? real(hidden) : null, states && hasCell ? real(cell) : null,
          spec.lengths() ? lengths() : null);
      Weights weights = new Weights(real(inputWeights), real(hiddenWeights), spec.bias() ? real(inputBias) : null,
          spec.bias() ? real(hiddenBias) : null, spec.projectionWidth() > 0 ? real(projection) : null);
      Outputs outputs = new Outputs(real(output), real(finalHidden), hasCell ? real(finalCell) : null);
      try (Workers workers = new Workers(threads)) {
        VectorRecurrent kernels = new VectorRecurrent(workers, new Scratch());
        if (backward) {
          reserve = real(old(kernels.recurrenceReserve(spec)));
        }
        kernels.recurrence(spec, inputs, weights, outputs, reserve);
        read(outputs.output(), output);
        read(outputs.hidden(), finalHidden);
        read(outputs.cell(), finalCell);
        if (reserve != null) {
          backward(kernels, inputs, weights, outputs, reserve);
        }
      }
    }

    private void backward(VectorRecurrent kernels, Inputs inputs, Weights weights, Outputs outputs, Buffer reserve) {
      boolean hasCell = spec.cell().hasCellState();
      Outputs arriving = gradients ? new Outputs(real(gradOutput), real(gradFinalHidden),
          hasCell ? real(gradFinalCell) : null) : new Outputs(null, null, null);
      InputGradients leaving = new InputGradients(real(gradInput), real(gradHidden), hasCell ? real(gradCell) : null);
      Weights gradWeights = new Weights(real(gradInputWeights), real(gradHiddenWeights),
          spec.bias() ? real(gradInputBias) : null, spec.bias() ? real(gradHiddenBias) : null,
          spec.projectionWidth() > 0 ? real(gradProjection) : null);
      kernels.recurrenceBackward(spec, inputs, weights, outputs, reserve, arriving, leaving, gradWeights);
      read(leaving.input(), gradInput);
      read(leaving.hidden(), gradHidden);
      read(leaving.cell(), gradCell);
      read(gradWeights.inputWeights(), gradInputWeights);
      read(gradWeights.hiddenWeights(), gradHiddenWeights);
      read(gradWeights.inputBias(), gradInputBias);
      read(gradWeights.hiddenBias(), gradHiddenBias);
      read(gradWeights.projection(), gradProjection);
    }

    void clearPadding(double[] values) {
      for (int row = 0; row < spec.batch(); row++) {
        for (int time = lengths[row]; time < spec.steps(); time++) {
          int at = spec.rowOffset(time, row, spec.inputWidth());
          Arrays.fill(values, at, at + spec.inputWidth(), 0);
        }
      }
    }

    private void poison(float[] values, int width, float value) {
      for (int row = 0; row < spec.batch(); row++) {
        for (int time = lengths[row]; time < spec.steps(); time++) {
          int at = spec.rowOffset(time, row, width);
          Arrays.fill(values, at, at + width, value);
        }
      }
    }

    private float[] draw(int n, double scale) {
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] = (float) (random.nextGaussian() * scale * (random.nextInt(30) == 0 ? 8 : 1));
      }
      return values;
    }

    private static float[] old(int n) {
      float[] values = new float[n];
      Arrays.fill(values, OLD);
      return values;
    }

    private Buffer real(float[] values) {
      Buffer buffer = pool.allocate(ElementType.REAL, values.length);
      System.arraycopy(values, 0, VectorBuffer.reals(buffer), 0, values.length);
      return buffer;
    }

    private Buffer lengths() {
      Buffer buffer = pool.allocate(ElementType.INT32, lengths.length);
      System.arraycopy(lengths, 0, VectorBuffer.ints(buffer), 0, lengths.length);
      return buffer;
    }

    private static void read(@Nullable Buffer buffer, float[] target) {
      if (buffer != null) {
        System.arraycopy(VectorBuffer.reals(buffer), 0, target, 0, target.length);
      }
    }
  }
}
