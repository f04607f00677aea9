package dev.sluice.nn;

import java.util.Iterator;
import java.util.List;

/**
 * Modules under their positions, as torch.nn.ModuleList: {@code register("cells", new ModuleList<>(cells))} names the
 * parameters of the first {@code cells.0.weight} and so on.
 *
 * @param <M> what they are
 */
public final class ModuleList<M extends Module> extends Module implements Iterable<M> {
  private final List<M> modules;

  /** These modules, in this order. */
  public ModuleList(List<? extends M> modules) {
    this.modules = List.copyOf(modules);
    for (int i = 0; i < modules.size(); i++) {
      register(Integer.toString(i), modules.get(i));
    }
  }

  /** The module at a position, from 0. */
  public M get(int position) {
    return modules.get(position);
  }

  /** How many there are. */
  public int size() {
    return modules.size();
  }

  @Override
  public Iterator<M> iterator() {
    return modules.iterator();
  }
}
