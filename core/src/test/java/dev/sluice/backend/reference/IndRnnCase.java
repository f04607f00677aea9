package dev.sluice.backend.reference;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.IndRnnKernels.Inputs;
import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.IndRnnSpec.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Four steps of three rows with given states and lengths, three neurons a direction.
 *
 * @param arguments projected input, recurrent weights, initial hidden state
 */
record IndRnnCase(IndRnnSpec spec, List<double[]> arguments) {
  static final List<String> NAMES = List.of("projected", "recurrent", "hidden");
  private static final int[] LENGTHS = {4, 0, 2};

  static IndRnnCase random(Activation activation, int directions, boolean batchFirst) {
    IndRnnSpec spec = new IndRnnSpec(activation, 4, 3, directions, 3, batchFirst, true);
    return new IndRnnCase(spec, List.of(Kit.normal(1, 36 * directions), Kit.normal(2, 3 * directions),
        Kit.normal(3, 9 * directions)));
  }

  IndRnnCase with(int argument, double[] values) {
    List<double[]> changed = new ArrayList<>(arguments);
    changed.set(argument, values);
    return new IndRnnCase(spec, changed);
  }

  /** The output, then the final state. */
  double[] forward(Backend backend) {
    Kit kit = new Kit(backend);
    Buffer output = kit.empty(36 * spec.directions());
    Buffer last = kit.empty(9 * spec.directions());
    backend.indRnn().indRnn(spec, inputs(kit), output, last);
    double[] values = Arrays.copyOf(kit.values(output), 45 * spec.directions());
    System.arraycopy(kit.values(last), 0, values, 36 * spec.directions(), 9 * spec.directions());
    return values;
  }

  /** The gradients of the arguments for a gradient of what {@link #forward} gives. */
  List<double[]> backward(Backend backend, double[] gradient) {
    Kit kit = new Kit(backend);
    Buffer output = kit.reals(Arrays.copyOf(forward(backend), 36 * spec.directions()));
    Buffer gradOutput = kit.reals(Arrays.copyOf(gradient, 36 * spec.directions()));
    Buffer gradLast = kit.reals(Arrays.copyOfRange(gradient, 36 * spec.directions(), 45 * spec.directions()));
    List<Buffer> gradients = arguments.stream().map(argument -> kit.empty(argument.length)).toList();
    backend.indRnn().indRnnBackward(spec, inputs(kit), output, gradOutput, gradLast, gradients.get(0),
        gradients.get(1), gradients.get(2));
    return gradients.stream().map(kit::values).toList();
  }

  private Inputs inputs(Kit kit) {
    return new Inputs(kit.reals(arguments.get(0)), kit.reals(arguments.get(1)), kit.reals(arguments.get(2)),
        kit.integers(LENGTHS));
  }
}
