package dev.sluice;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One recorded operation: where its gradients flow to, and what its backward needs. */
final class Node {
  /** Where the gradient of an input goes: to an output of an earlier operation, or to a leaf. */
  record Edge(@Nullable Node node, int outputIndex, @Nullable Tensor leaf) {}

  /** A tensor that backward reads, as it was when it was recorded. */
  private record Saved(Tensor tensor, int version) {}

  private static final AtomicLong CREATED = new AtomicLong();

  private final long id = CREATED.incrementAndGet();
  private final String operation;
  private final @Nullable Edge[] edges;
  private final Output[] outputs;
  private @Nullable List<Saved> saved;
  private Tape.@Nullable Backward backward;

  /** What backward must know of an output when the tensor itself may be gone. */
  private static final class Output {
    final Shape shape;
    final HookList<GradientHook> hooks = new HookList<>();
    @Nullable Tensor retained;

    Output(Shape shape) {
      this.shape = shape;
    }
  }

  Node(String operation, List<Tensor> inputs, List<Tensor> saved, List<Tensor> outputs, Tape.Backward backward) {
    this.operation = operation;
    this.edges = new Edge[inputs.size()];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = edge(inputs.get(i));
    }
    this.outputs = new Output[outputs.size()];
    for (int i = 0; i < this.outputs.length; i++) {
      this.outputs[i] = new Output(outputs.get(i).shape());
    }
    this.saved = new ArrayList<>(saved.size());
    for (Tensor tensor : saved) {
      this.saved.add(new Saved(tensor, tensor.version()));
    }
    this.backward = backward;
  }

  /** Grows with every operation recorded in this process. */
  long id() {
    return id;
  }

  String operation() {
    return operation;
  }

  /** One per input; null where the input needs no gradient. */
  @Nullable Edge[] edges() {
    return edges;
  }

  int outputCount() {
    return outputs.length;
  }

  Shape outputShape(int index) {
    return outputs[index].shape;
  }

  HookList<GradientHook> hooks(int index) {
    return outputs[index].hooks;
  }

  void retain(int index, Tensor tensor) {
    outputs[index].retained = tensor;
  }

  @Nullable Tensor retained(int index) {
    return outputs[index].retained;
  }

  /** Refuses a walk over an operation whose past is gone or was changed. */
  void requireWalkable() {
    List<Saved> needed = saved;
    if (backward == null || needed == null) {
      throw new IllegalStateException("backward: the tape of " + operation
          + " was walked before; ask the first backward to retain the graph");
    }
    for (Saved entry : needed) {
      if (entry.tensor.isClosed()) {
        throw new IllegalStateException("backward: " + operation + " needs " + entry.tensor.describe()
            + ", whose scope has closed");
      }
      if (entry.tensor.version() != entry.version) {
        throw new IllegalStateException("backward: " + operation + " needs " + entry.tensor.describe()
            + ", which was changed in place since (version " + entry.tensor.version() + ", saved at " + entry.version
                + ")");
      }
    }
  }

  @Nullable Tensor[] run(@Nullable Tensor[] gradOutputs) {
    Tape.Backward function = backward;
    if (function == null) {
      throw new IllegalStateException("backward: the tape of " + operation + " was freed while it was walked");
    }
    return function.apply(gradOutputs);
  }

  /** Lets go of what backward would need. */
  void free() {
    saved = null;
    backward = null;
  }

  private static @Nullable Edge edge(Tensor input) {
    if (!input.requiresGrad()) {
      return null;
    }
    Node node = input.node();
    return node == null ? new Edge(null, 0, input) : new Edge(node, input.outputIndex(), null);
  }
}
