package dev.sluice.nn;

import dev.sluice.Tensor;
import java.util.List;

/** Parameters under their positions, as torch.nn.ParameterList. */
public final class ParameterList extends Module {
  /** These parameters, REAL leaves, in this order. */
  public ParameterList(List<Tensor> values) {
    for (int i = 0; i < values.size(); i++) {
      parameter(Integer.toString(i), values.get(i));
    }
  }

  /** The parameter at a position, from 0, where it is now. */
  public Tensor get(int position) {
    return parameter(Integer.toString(position));
  }
}
