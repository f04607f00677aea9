package dev.sluice.autograd;

import dev.sluice.Tensor;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.ElementType;

/** Graphs as masks: whether node i sees node j. */
public final class Adjacency {
  private Adjacency() {}

  /**
   * The same graphs with every node seeing itself.
   *
   * @param adjacency BOOL (..., nodes, nodes)
   * @return a copy of it, true along the diagonal
   */
  public static Tensor withSelfLoops(Tensor adjacency) {
    Checks.type("withSelfLoops", "adjacency", adjacency, ElementType.BOOL);
    Checks.shape(adjacency.rank() >= 2 && adjacency.size(-1) == adjacency.size(-2), "withSelfLoops", "adjacency",
        adjacency, "(..., nodes, nodes)");
    Tensor looped = Tensor.allocate(adjacency.backend(), ElementType.BOOL, adjacency.shape());
    Tensor yes = Tensor.of(adjacency.backend(), new boolean[] {true}, 1);
    int nodes = adjacency.size(-1);
    int[] diagonals = {adjacency.shape().elements(0, adjacency.rank() - 2), nodes};
    var memory = adjacency.backend().memory();
    memory.copy(CopySpec.contiguous(ElementType.BOOL, adjacency.elements()), adjacency.buffer(), looped.buffer());
    memory.copy(new CopySpec(ElementType.BOOL, diagonals, 0, new int[] {0, 0}, 0, new int[] {nodes * nodes, nodes + 1},
        1, false), yes.buffer(), looped.buffer());
    return looped;
  }
}
