package dev.sluice.cuda.work;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.IndRnnKernels;
import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.IndRnnSpec.Activation;
import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentKernels;
import dev.sluice.spi.RecurrentSpec;
import java.util.Arrays;
import java.util.Locale;

/** Works of recurrences: all steps in one kernel, and a step at a time. */
final class RecurrentWorks {
  private static final int WIDTH = 128;
  /** The hidden weights of every cell of this width fit into shared memory. */
  private static final int FUSED_WIDTH = 32;

  private RecurrentWorks() {}

  static void fused(Shop shop) {
    int steps = shop.size(100, 4);
    int batch = shop.size(256, 8);
    for (RecurrentCell cell : RecurrentCell.values()) {
      add(shop, name(cell) + " in one kernel", new RecurrentSpec(cell, steps, batch, FUSED_WIDTH, FUSED_WIDTH, 0, true,
          false, false, 1, 0, false, 0, false));
    }
  }

  static void steps(Shop shop) {
    int steps = shop.size(28, 3);
    int batch = shop.size(64, 8);
    for (RecurrentCell cell : RecurrentCell.values()) {
      add(shop, name(cell) + " by steps", new RecurrentSpec(cell, steps, batch, WIDTH, WIDTH, 0, true, false, false, 1,
          0, false, 0, false));
    }
    add(shop, "lstm with lengths and a projection", new RecurrentSpec(RecurrentCell.LSTM, steps, batch, WIDTH, WIDTH,
        WIDTH / 2, true, false, false, 1, 0, true, 0, false));
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static void add(Shop shop, String name, RecurrentSpec spec) {
    RecurrentKernels kernels = shop.backend().recurrent();
    int places = spec.steps() * spec.batch();
    var inputs = new RecurrentKernels.Inputs(shop.reals(places * spec.inputWidth()), null, null,
        spec.lengths() ? lengths(shop, spec) : null);
    RecurrentKernels.Weights weights = weights(shop, spec);
    RecurrentKernels.Weights gradWeights = weights(shop, spec);
    RecurrentKernels.Outputs outputs = outputs(shop, spec);
    Buffer reserve = shop.reals(kernels.recurrenceReserve(spec));
    var gradOutputs = new RecurrentKernels.Outputs(shop.reals(places * spec.outputWidth()), null, null);
    var gradInputs = new RecurrentKernels.InputGradients(shop.reals(places * spec.inputWidth()), null, null);
    long units = (long) places * spec.hiddenWidth();
    shop.add(name, units, () -> kernels.recurrence(spec, inputs, weights, outputs, reserve));
    kernels.recurrence(spec, inputs, weights, outputs, reserve);
    shop.add(name + " backward", units, () -> kernels.recurrenceBackward(spec, inputs, weights, outputs, reserve,
        gradOutputs, gradInputs, gradWeights));
  }

  private static Buffer lengths(Shop shop, RecurrentSpec spec) {
    int[] lengths = new int[spec.batch()];
    Arrays.setAll(lengths, row -> spec.steps() - row % 2);
    Buffer buffer = shop.backend().allocate(ElementType.INT32, lengths.length);
    shop.backend().write(lengths, 0, buffer, 0, lengths.length);
    return buffer;
  }

  private static RecurrentKernels.Weights weights(Shop shop, RecurrentSpec spec) {
    int gates = spec.gateWidth();
    return new RecurrentKernels.Weights(shop.reals(gates * spec.inputWidth()), shop.reals(gates * spec.outputWidth()),
        shop.reals(gates), shop.reals(gates),
        spec.projectionWidth() > 0 ? shop.reals(spec.projectionWidth() * spec.hiddenWidth()) : null);
  }

  private static RecurrentKernels.Outputs outputs(Shop shop, RecurrentSpec spec) {
    return new RecurrentKernels.Outputs(shop.reals(spec.steps() * spec.batch() * spec.outputWidth()),
        shop.reals(spec.batch() * spec.outputWidth()),
        spec.cell().hasCellState() ? shop.reals(spec.batch() * spec.hiddenWidth()) : null);
  }

  static void indRnn(Shop shop) {
    IndRnnKernels kernels = shop.backend().indRnn();
    int steps = shop.size(784, 32);
    int batch = shop.size(64, 8);
    int n = steps * batch * WIDTH;
    Buffer projected = shop.reals(n);
    Buffer output = shop.reals(n);
    Buffer gradOutput = shop.reals(n);
    Buffer gradProjected = shop.reals(n);
    Buffer recurrent = shop.reals(WIDTH);
    Buffer gradRecurrent = shop.reals(WIDTH);
    Buffer last = shop.reals(batch * WIDTH);
    var inputs = new IndRnnKernels.Inputs(projected, recurrent, null, null);
    for (Activation activation : Activation.values()) {
      IndRnnSpec spec = new IndRnnSpec(activation, steps, batch, 1, WIDTH, false, false);
      String name = "indrnn " + name(activation);
      shop.add(name, n, () -> kernels.indRnn(spec, inputs, output, last));
      shop.add(name + " backward", n, () -> kernels.indRnnBackward(spec, inputs, output, gradOutput, null,
          gradProjected, gradRecurrent, null));
    }
  }

  /** A product with a bias: what the library leaves to do. */
  static void products(Shop shop) {
    Backend backend = shop.backend();
    int side = shop.size(4096, 256);
    GemmSpec spec = GemmSpec.of(side, side, side, false, false).withBias();
    Buffer a = shop.reals(side * side);
    Buffer b = shop.reals(side * side);
    Buffer c = shop.reals(side * side);
    Buffer bias = shop.reals(side);
    shop.add("product with a bias", (long) side * side, () -> backend.gemm().multiply(spec, a, b, bias, c));
  }
}
