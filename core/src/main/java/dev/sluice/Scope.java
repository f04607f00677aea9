package dev.sluice;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives the memory of tensors back at once in place of waiting for the garbage collector: every tensor made on this
 * thread while a scope is the innermost open one belongs to it, and is closed with it. Open one around each training
 * step:
 *
 * <pre>{@code
 * try (Scope step = Scope.open()) {
 *   Tensor loss = crossEntropy(model.forward(images), labels);
 *   loss.backward();
 *   optimizer.step();
 * }
 * }</pre>
 *
 * <p>Scopes nest, and belong to the thread that opened them. A leaf's gradient and the state that an optimizer keeps
 * for it belong to the leaf's scope, not to the step's. {@link #keep} moves a tensor outward. A tensor used after its
 * scope closed fails with a message that names it. Without any scope everything works, and the garbage collector frees.
 */
public final class Scope implements AutoCloseable {
  /** Below so many tensors it is not worth looking for those that are gone. */
  private static final int LEAST_COMPACTED = 1024;

  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

  private final @Nullable Scope parent;
  private final Thread thread = Thread.currentThread();
  private final List<Tensor> tensors = new ArrayList<>();
  private int compactAt = LEAST_COMPACTED;
  private boolean closed;

  private Scope(@Nullable Scope parent) {
    this.parent = parent;
  }

  /** Opens a scope inside the current one of this thread. */
  public static Scope open() {
    Scope scope = new Scope(CURRENT.get());
    CURRENT.set(scope);
    return scope;
  }

  /** The innermost open scope of this thread, or null. */
  static @Nullable Scope current() {
    return CURRENT.get();
  }

  /**
   * Moves a tensor of this scope to the one around it (to none if this is the outermost), and returns it. A tensor that
   * belongs to another scope, or to none, stays where it is. Its gradient, if it has one, goes with it.
   */
  public Tensor keep(Tensor tensor) {
    requireOpen();
    if (tensor.scope() == this) {
      tensor.moveTo(parent);
      if (parent != null) {
        parent.add(tensor);
      }
      Tensor gradient = tensor.gradient();
      if (gradient != null) {
        keep(gradient);
      }
    }
    return tensor;
  }

  /** Moves a tensor of no scope, or of one around this, into this one, and returns it: it undoes {@link #keep}. */
  public Tensor adopt(Tensor tensor) {
    requireOpen();
    tensor.moveTo(this);
    add(tensor);
    Tensor gradient = tensor.gradient();
    if (gradient != null) {
      adopt(gradient);
    }
    return tensor;
  }

  /** Closes the tensors that belong to this scope. Scopes close innermost first, on their own thread. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException("scope: closed on thread " + Thread.currentThread().getName() + ", wanted "
          + thread.getName() + ", which opened it");
    }
    if (CURRENT.get() != this) {
      throw new IllegalStateException("scope: closed while a scope inside it is open, wanted the innermost closed first");
    }
    closed = true;
    if (parent == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(parent);
    }
    for (Tensor tensor : tensors) {
      if (tensor.scope() == this) {
        tensor.close();
      }
    }
    tensors.clear();
  }

  /** Whether tensors made on this thread can still belong to this scope. */
  boolean takesTensors() {
    return !closed && Thread.currentThread() == thread;
  }

  /** How many tensors this scope knows of, for tests. */
  int size() {
    return tensors.size();
  }

  /**
   * A scope around many steps forgets the tensors that are closed, or were moved, whenever their number has doubled.
   */
  void add(Tensor tensor) {
    if (tensors.size() >= compactAt) {
      tensors.removeIf(known -> known.isClosed() || known.scope() != this);
      compactAt = Math.max(LEAST_COMPACTED, 2 * tensors.size());
    }
    tensors.add(tensor);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("scope: used after it was closed");
    }
  }
}
