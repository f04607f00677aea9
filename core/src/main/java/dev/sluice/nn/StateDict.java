package dev.sluice.nn;

import dev.sluice.checks.Arguments;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors that make a module what it has learnt, by name, in an order that is kept; immutable but for the arrays.
 * It is made by {@link Module#stateDict} and put back by {@link Module#loadStateDict}; {@code dev.sluice.io} writes it
 * to a file.
 *
 * @param tensors by name, as in torch.nn's state_dict, such as {@code encoder.weight_ih_l0}
 */
public record StateDict(Map<String, HostTensor> tensors) {
  /** A copy of this map, in its order. */
  public StateDict {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /**
   * What a module that was loaded leniently and the state dictionary did not have in common.
   *
   * @param missing names of the module's that the state does not have
   * @param unexpected names of the state's that the module does not have
   */
  public record Mismatch(List<String> missing, List<String> unexpected) {
    /** A copy of these lists. */
    public Mismatch {
      missing = List.copyOf(missing);
      unexpected = List.copyOf(unexpected);
    }
  }

  /**
   * The tensor of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public HostTensor tensor(String name) {
    HostTensor tensor = tensors.get(name);
    Arguments.require(tensor != null, "stateDict", "name is " + name, "one of " + tensors.keySet());
    return tensor;
  }
}
