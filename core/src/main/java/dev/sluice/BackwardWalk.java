package dev.sluice;

import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.ElementType;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One backward: visits the operations below a root in reverse order of creation, so that an operation runs when all
 * gradients of its outputs have arrived; a leaf is done when its last use has run. For each gradient: hooks in order,
 * then retain-grad, then the operation (or, for a leaf, accumulation and its post-accumulate hooks).
 */
final class BackwardWalk {
  /** A sum of gradients on its way. */
  private static final class Sum {
    @Nullable Tensor value;
    /** Whether nothing but this sum uses the value: it may be added to in place, and given away. */
    boolean owned;
    /** Uses of a leaf that have not run yet. */
    int remaining;
  }

  private final boolean retainGraph;
  private final Map<Node, Sum[]> arriving = new IdentityHashMap<>();
  private final Map<Tensor, Sum> leaves = new IdentityHashMap<>();
  private final PriorityQueue<Node> order = new PriorityQueue<>(Comparator.comparingLong(Node::id).reversed());

  BackwardWalk(boolean retainGraph) {
    this.retainGraph = retainGraph;
  }

  void run(Tensor root, Tensor start) {
    Node top = root.node();
    if (top == null) {
      accumulate(root, start, false);
      return;
    }
    discover(top);
    add(sums(top)[root.outputIndex()], start, false);
    while (!order.isEmpty()) {
      step(order.remove());
    }
  }

  /** Finds all operations below the top, checks that each can be walked, and counts the uses of leaves. */
  private void discover(Node top) {
    Deque<Node> open = new ArrayDeque<>();
    enter(top, open);
    while (!open.isEmpty()) {
      for (Node.Edge edge : open.remove().edges()) {
        if (edge == null) {
          continue;
        }
        if (edge.leaf() != null) {
          leaves.computeIfAbsent(edge.leaf(), _ -> new Sum()).remaining++;
        } else if (edge.node() != null && !arriving.containsKey(edge.node())) {
          enter(edge.node(), open);
        }
      }
    }
  }

  private void enter(Node node, Deque<Node> open) {
    node.requireWalkable();
    Sum[] sums = new Sum[node.outputCount()];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = new Sum();
    }
    arriving.put(node, sums);
    order.add(node);
    open.add(node);
  }

  private Sum[] sums(Node node) {
    return arriving.get(node);
  }

  private void step(Node node) {
    Sum[] sums = sums(node);
    @Nullable Tensor[] gradOutputs = new Tensor[sums.length];
    boolean any = false;
    for (int i = 0; i < sums.length; i++) {
      Tensor value = sums[i].value;
      if (value == null) {
        continue;
      }
      Tensor gradient = runHooks(node.hooks(i), value, node::operation);
      Tensor retained = node.retained(i);
      if (retained != null) {
        addToGradient(retained, gradient, false);
      }
      gradOutputs[i] = gradient;
      any = true;
    }
    long before = Storage.made();
    @Nullable Tensor[] gradInputs = any ? node.run(gradOutputs) : new Tensor[node.edges().length];
    if (!retainGraph) {
      node.free();
    }
    deliver(node, gradInputs, before);
  }

  /** Hands the gradients on; those that the operation made, after so many storages had been, are the receiver's own. */
  private void deliver(Node node, @Nullable Tensor[] gradInputs, long before) {
    Node.@Nullable Edge[] edges = node.edges();
    if (gradInputs.length != edges.length) {
      throw new IllegalStateException("backward: " + node.operation() + " returned " + gradInputs.length
          + " gradients, wanted one for each of its " + edges.length + " inputs");
    }
    for (int i = 0; i < edges.length; i++) {
      Node.Edge edge = edges[i];
      if (edge == null) {
        continue;
      }
      Tensor gradient = gradInputs[i];
      Tensor leaf = edge.leaf();
      if (leaf != null) {
        Sum sum = leaves.get(leaf);
        if (gradient != null) {
          requireLike("gradient from ", node::operation, gradient, leaf.shape(), leaf);
          add(sum, gradient, isUnshared(gradient, gradInputs, before));
        }
        if (--sum.remaining == 0 && sum.value != null) {
          accumulate(leaf, sum.value, sum.owned);
        }
      } else if (gradient != null && edge.node() != null) {
        requireLike("gradient from ", node::operation, gradient,
            edge.node().outputShape(edge.outputIndex()), gradient);
        add(sums(edge.node())[edge.outputIndex()], gradient, isUnshared(gradient, gradInputs, before));
      }
    }
  }

  /** Whether a gradient was made since, and is the gradient of one input alone. */
  private static boolean isUnshared(Tensor gradient, @Nullable Tensor[] gradInputs, long before) {
    int uses = 0;
    for (Tensor other : gradInputs) {
      uses += other == gradient ? 1 : 0;
    }
    return uses == 1 && gradient.isUnsharedSince(before);
  }

  /** A leaf that was frozen after it was used gets nothing, as in PyTorch. */
  private static void accumulate(Tensor leaf, Tensor sum, boolean owned) {
    if (!leaf.requiresGrad()) {
      return;
    }
    // A hook may have kept what it saw.
    addToGradient(leaf, runHooks(leaf.hooks(), sum, leaf::describe), owned && leaf.hooks().isEmpty());
    for (Consumer<Tensor> hook : leaf.postAccumulateHooks().hooks()) {
      hook.accept(leaf);
    }
  }

  private static Tensor runHooks(HookList<GradientHook> hooks, Tensor gradient, Supplier<String> where) {
    if (hooks.isEmpty()) {
      return gradient;
    }
    Tensor current = gradient;
    for (GradientHook hook : hooks.hooks()) {
      Tensor replacement = hook.apply(current);
      if (replacement != null) {
        requireLike("gradient returned by a hook of ", where, replacement, current.shape(), current);
        current = replacement;
      }
    }
    return current;
  }

  /** The gradient lives beside its tensor, in its scope: a first addend that is nobody else's there, others copied. */
  private static void addToGradient(Tensor tensor, Tensor addend, boolean owned) {
    Tensor gradient = tensor.gradient();
    if (gradient == null) {
      Tensor fresh = owned ? tensor.beside(addend) : tensor.beside();
      if (!owned) {
        fresh.backend().memory().copy(CopySpec.contiguous(ElementType.REAL, fresh.elements()), addend.buffer(),
            fresh.buffer());
      }
      if (tensor.name() != null) {
        fresh.named("gradient of " + tensor.name());
      }
      tensor.setGradient(fresh);
    } else {
      addInPlace(gradient, addend);
    }
  }

  private static void add(Sum sum, Tensor addend, boolean owned) {
    Tensor value = sum.value;
    if (value == null) {
      sum.value = addend;
      sum.owned = owned;
    } else if (sum.owned) {
      addInPlace(value, addend);
    } else {
      Tensor total = Tensor.allocate(value.backend(), ElementType.REAL, value.shape());
      value.backend().elementwise().binary(BinarySpec.of(BinaryOp.ADD, value.elements()), value.buffer(),
          addend.buffer(), total.buffer());
      sum.value = total;
      sum.owned = true;
    }
  }

  private static void addInPlace(Tensor target, Tensor addend) {
    target.backend().memory().copy(CopySpec.accumulating(target.elements(), 1), addend.buffer(), target.buffer());
    target.markModified();
  }

  static void requireLike(String what, Supplier<String> whose, Tensor given, Shape shape, Tensor like) {
    if (!given.shape().equals(shape) || given.type() != ElementType.REAL) {
      throw new IllegalArgumentException("backward: " + what + whose.get() + " is " + given.type() + " " + given.shape()
          + ", wanted REAL " + shape);
    }
    if (given.backend() != like.backend()) {
      throw new IllegalArgumentException("backward: " + what + whose.get() + " is on " + given.backend().id()
          + ", wanted " + like.backend().id());
    }
  }
}
