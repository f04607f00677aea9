package dev.sluice.backend.reference;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentKernels.InputGradients;
import dev.sluice.spi.RecurrentKernels.Inputs;
import dev.sluice.spi.RecurrentKernels.Outputs;
import dev.sluice.spi.RecurrentKernels.Weights;
import dev.sluice.spi.RecurrentSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * The second of two directions, with given states and lengths.
 *
 * @param arguments input, initial hidden, initial cell, then inputWeights, hiddenWeights, inputBias, hiddenBias,
 *     projection; empty where the spec has none
 */
record RecurrentCase(RecurrentSpec spec, List<double[]> arguments) {
  static final List<String> NAMES = List.of("input", "hidden", "cell", "inputWeights", "hiddenWeights", "inputBias",
      "hiddenBias", "projection");
  private static final int STEPS = 4;
  private static final int BATCH = 3;
  private static final int INPUT = 2;
  private static final int HIDDEN = 3;
  private static final int[] LENGTHS = {4, 0, 2};

  static RecurrentCase random(RecurrentCell cell, int projection, boolean batchFirst, boolean reverse) {
    RecurrentSpec spec = new RecurrentSpec(cell, STEPS, BATCH, INPUT, HIDDEN, projection, true, batchFirst, reverse,
        2, 1,
        true, cell == RecurrentCell.JANET ? 0.8 : 0, false);
    int width = spec.outputWidth();
    int[] sizes = {STEPS * BATCH * INPUT, 2 * BATCH * width, cell.hasCellState() ? 2 * BATCH * HIDDEN : 0,
        spec.gateWidth() * INPUT, spec.gateWidth() * width, spec.gateWidth(), spec.gateWidth(), projection * HIDDEN};
    List<double[]> arguments = new ArrayList<>();
    for (int size : sizes) {
      arguments.add(Kit.normal(arguments.size() + 1, size));
    }
    return new RecurrentCase(spec, arguments);
  }

  RecurrentCase with(int argument, double[] values) {
    List<double[]> changed = new ArrayList<>(arguments);
    changed.set(argument, values);
    return new RecurrentCase(spec, changed);
  }

  /** Output, final hidden and final cell state, one after the other; the other direction's part is 0. */
  double[] forward(Backend backend) {
    Kit kit = new Kit(backend);
    Outputs outputs = outputs(kit);
    backend.recurrent().recurrence(spec, inputs(kit), weights(kit), outputs, null);
    return values(kit, outputs.output(), outputs.hidden(), outputs.cell());
  }

  /** The gradients of the arguments for a gradient of what {@link #forward} gives. */
  List<double[]> backward(Backend backend, double[] gradient) {
    Kit kit = new Kit(backend);
    Outputs outputs = outputs(kit);
    Buffer reserve = kit.empty(backend.recurrent().recurrenceReserve(spec));
    backend.recurrent().recurrence(spec, inputs(kit), weights(kit), outputs, reserve);
    int first = kit.values(outputs.output()).length;
    int second = first + 2 * BATCH * spec.outputWidth();
    Outputs gradOutputs = new Outputs(kit.reals(Arrays.copyOf(gradient, first)),
        kit.reals(Arrays.copyOfRange(gradient, first, second)),
        spec.cell().hasCellState() ? kit.reals(Arrays.copyOfRange(gradient, second, gradient.length)) : null);
    List<@Nullable Buffer> gradients = new ArrayList<>();
    for (double[] argument : arguments) {
      gradients.add(argument.length == 0 ? null : kit.reals(new double[argument.length]));
    }
    backend.recurrent().recurrenceBackward(spec, inputs(kit), weights(kit), outputs, reserve, gradOutputs,
        new InputGradients(gradients.get(0), gradients.get(1), gradients.get(2)), weights(gradients));
    return gradients.stream().map(buffer -> values(kit, buffer)).toList();
  }

  private Inputs inputs(Kit kit) {
    return new Inputs(kit.reals(arguments.get(0)), kit.reals(arguments.get(1)), buffer(kit, 2), kit.integers(LENGTHS));
  }

  private Weights weights(Kit kit) {
    List<@Nullable Buffer> buffers = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      buffers.add(buffer(kit, i));
    }
    return weights(buffers);
  }

  private static Weights weights(List<@Nullable Buffer> buffers) {
    return new Weights(buffers.get(3), buffers.get(4), buffers.get(5), buffers.get(6), buffers.get(7));
  }

  private Outputs outputs(Kit kit) {
    return new Outputs(kit.reals(new double[STEPS * BATCH * 2 * spec.outputWidth()]),
        kit.reals(new double[2 * BATCH * spec.outputWidth()]),
        spec.cell().hasCellState() ? kit.reals(new double[2 * BATCH * HIDDEN]) : null);
  }

  private @Nullable Buffer buffer(Kit kit, int argument) {
    return arguments.get(argument).length == 0 ? null : kit.reals(arguments.get(argument));
  }

  private static double[] values(Kit kit, @Nullable Buffer... buffers) {
    DoubleStream values = DoubleStream.empty();
    for (Buffer buffer : buffers) {
      values = buffer == null ? values : DoubleStream.concat(values, DoubleStream.of(kit.values(buffer)));
    }
    return values.toArray();
  }
}
