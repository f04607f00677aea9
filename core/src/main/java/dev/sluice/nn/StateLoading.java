package dev.sluice.nn;

import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a module's tensors become a state dictionary and a state dictionary goes into them: whole or not at all. */
final class StateLoading {
  private StateLoading() {}

  static HostTensor toHost(Tensor tensor) {
    return switch (tensor.type()) {
      case REAL -> new HostTensor.Floats(tensor.shape(), tensor.toFloats());
      case INT32 -> new HostTensor.Ints(tensor.shape(), tensor.toInts());
      case BOOL -> new HostTensor.Booleans(tensor.shape(), tensor.toBooleans());
    };
  }

  /**
   * Checks all, then writes all.
   *
   * @param module what messages call the module
   * @param targets under every name they have
   */
  static StateDict.Mismatch load(String module, Map<String, Tensor> targets, StateDict state, boolean strict) {
    List<String> missing = missing(targets, state);
    List<String> unexpected = new ArrayList<>();
    List<String> misfits = new ArrayList<>();
    state.tensors().forEach((name, value) -> {
      Tensor target = targets.get(name);
      String misfit = target == null ? null : misfit(target, value);
      if (target == null) {
        unexpected.add(name);
      } else if (misfit != null) {
        misfits.add(name + " " + misfit);
      }
    });
    List<String> problems = new ArrayList<>();
    if (strict) {
      list(problems, "missing ", missing);
      list(problems, "unexpected ", unexpected);
    }
    list(problems, "misshapen ", misfits);
    Arguments.require(problems.isEmpty(), "loadStateDict", "state has " + String.join("; ", problems),
        "what " + module + " has");
    targets.forEach((name, target) -> {
      HostTensor value = state.tensors().get(name);
      if (value != null) {
        write(value, target);
      }
    });
    return new StateDict.Mismatch(missing, unexpected);
  }

  /** The first names of the tensors that the state has under none of their names. */
  private static List<String> missing(Map<String, Tensor> targets, StateDict state) {
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    targets.forEach((name, target) -> {
      if (state.tensors().containsKey(name)) {
        seen.add(target);
      }
    });
    List<String> missing = new ArrayList<>();
    targets.forEach((name, target) -> {
      if (seen.add(target)) {
        missing.add(name);
      }
    });
    return missing;
  }

  private static @Nullable String misfit(Tensor target, HostTensor value) {
    if (!value.shape().equals(target.shape())) {
      return value.shape() + " for " + target.shape();
    }
    // A tensor whose scope has closed says so now, not after others were written.
    target.buffer();
    boolean fits = switch (target.type()) {
      case REAL -> value instanceof HostTensor.Floats || value instanceof HostTensor.Doubles;
      case INT32 -> value instanceof HostTensor.Ints || value instanceof HostTensor.Longs(_, long[] values)
          && Arrays.stream(values).allMatch(number -> number == (int) number);
      case BOOL -> value instanceof HostTensor.Booleans;
    };
    return fits ? null : value.kind() + " " + value.shape() + " for " + target.type();
  }

  private static void write(HostTensor value, Tensor target) {
    Backend backend = target.backend();
    Buffer buffer = target.buffer();
    int count = target.elements();
    switch (value) {
      case HostTensor.Floats(_, float[] values) -> backend.write(values, 0, buffer, 0, count);
      case HostTensor.Doubles(_, double[] values) -> backend.write(values, 0, buffer, 0, count);
      case HostTensor.Ints(_, int[] values) -> backend.write(values, 0, buffer, 0, count);
      case HostTensor.Longs(_, long[] values) ->
          backend.write(Arrays.stream(values).mapToInt(number -> (int) number).toArray(), 0, buffer, 0, count);
      case HostTensor.Booleans(_, boolean[] values) -> backend.write(values, 0, buffer, 0, count);
    }
    target.markModified();
  }

  private static void list(List<String> problems, String kind, List<String> names) {
    if (!names.isEmpty()) {
      problems.add(kind + String.join(", ", names));
    }
  }
}
