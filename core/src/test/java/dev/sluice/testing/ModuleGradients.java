package dev.sluice.testing;

import dev.sluice.Tensor;
import dev.sluice.nn.Module;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Finite differences of a module on the reference backend: with respect to its inputs and to all its parameters. */
public final class ModuleGradients {
  private ModuleGradients() {}

  /** Moves the module there and checks a function of the inputs that calls it. */
  public static void check(Module module, Function<Tensor[], List<Tensor>> forward, Tensor... inputs) {
    module.to(FiniteDifferences.backend());
    List<Tensor> parameters = module.parameters();
    List<double[]> originals = parameters.stream().map(Tensor::toDoubles).toList();
    List<Tensor> leaves = new ArrayList<>(List.of(inputs));
    leaves.addAll(parameters);
    FiniteDifferences.checkAll(arguments -> {
      // A moved parameter comes as another tensor: the module's own takes its numbers.
      for (int i = 0; i < parameters.size(); i++) {
        Tensor parameter = parameters.get(i);
        Tensor argument = arguments[inputs.length + i];
        EveryBackend.assign(parameter, argument == parameter ? originals.get(i) : argument.toDoubles());
      }
      Tensor[] given = new Tensor[inputs.length];
      System.arraycopy(arguments, 0, given, 0, given.length);
      return forward.apply(given);
    }, leaves.toArray(Tensor[]::new));
  }
}
