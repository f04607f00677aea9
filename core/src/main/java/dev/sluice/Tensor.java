package dev.sluice;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.FillSpec;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A dense row-major array of numbers on one backend, and its place on the tape. Operations on tensors are the static
 * functions of {@code dev.sluice.autograd}; what a tensor carries itself is what torch.Tensor's autograd part does:
 * {@link #requiresGrad}, {@link #gradient}, hooks, {@link #detach} and {@link #backward()}.
 *
 * <p>A leaf is a tensor that no recorded operation made. A leaf that requires a gradient accumulates it in {@link
 * #gradient} at each backward; that gradient belongs to the leaf, which closes it at {@link #clearGradient}.
 */
public final class Tensor {
  private final Shape shape;
  private final Storage storage;
  private final HookList<Consumer<Tensor>> postAccumulateHooks = new HookList<>();
  private HookList<GradientHook> hooks = new HookList<>();

  private @Nullable String name;
  private @Nullable Scope scope;
  private boolean closed;

  private boolean requiresGrad;
  private boolean retainsGrad;
  private @Nullable Tensor gradient;
  private @Nullable Node node;
  private int outputIndex;

  private Tensor(Shape shape, Storage storage, @Nullable Scope scope) {
    this.shape = shape;
    this.storage = storage;
    this.scope = scope;
    if (scope != null) {
      scope.add(this);
    }
  }

  // ---------------------------------------------------------------- making

  /**
   * A REAL tensor of these numbers in row-major order, on the selected backend. Here and in the forms below, no sizes
   * mean (n), or for a single number a scalar.
   */
  public static Tensor of(float[] values, int... sizes) {
    return of(Backends.selected(), values, sizes);
  }

  /** A REAL tensor of these numbers in row-major order. */
  public static Tensor of(Backend backend, float[] values, int... sizes) {
    Tensor tensor = allocate(backend, ElementType.REAL, holding(values.length, sizes));
    backend.write(values, 0, tensor.buffer(), 0, values.length);
    return tensor;
  }

  /** A REAL tensor of these numbers in row-major order, on the selected backend. */
  public static Tensor of(double[] values, int... sizes) {
    return of(Backends.selected(), values, sizes);
  }

  /** A REAL tensor of these numbers in row-major order, rounded to the backend's precision. */
  public static Tensor of(Backend backend, double[] values, int... sizes) {
    Tensor tensor = allocate(backend, ElementType.REAL, holding(values.length, sizes));
    backend.write(values, 0, tensor.buffer(), 0, values.length);
    return tensor;
  }

  /** An INT32 tensor of these numbers in row-major order, on the selected backend. */
  public static Tensor of(int[] values, int... sizes) {
    return of(Backends.selected(), values, sizes);
  }

  /** An INT32 tensor of these numbers in row-major order. */
  public static Tensor of(Backend backend, int[] values, int... sizes) {
    Tensor tensor = allocate(backend, ElementType.INT32, holding(values.length, sizes));
    backend.write(values, 0, tensor.buffer(), 0, values.length);
    return tensor;
  }

  /** A BOOL tensor in row-major order, on the selected backend. */
  public static Tensor of(boolean[] values, int... sizes) {
    return of(Backends.selected(), values, sizes);
  }

  /** A BOOL tensor in row-major order. */
  public static Tensor of(Backend backend, boolean[] values, int... sizes) {
    Tensor tensor = allocate(backend, ElementType.BOOL, holding(values.length, sizes));
    backend.write(values, 0, tensor.buffer(), 0, values.length);
    return tensor;
  }

  /** A REAL tensor of one number, on the selected backend. */
  public static Tensor scalar(double value) {
    return full(Backends.selected(), Shape.SCALAR, value);
  }

  /** A REAL tensor of zeros, on the selected backend. */
  public static Tensor zeros(int... sizes) {
    return full(Backends.selected(), Shape.of(sizes), 0);
  }

  /** A REAL tensor of ones, on the selected backend. */
  public static Tensor ones(int... sizes) {
    return full(Backends.selected(), Shape.of(sizes), 1);
  }

  /** A REAL tensor with the same number everywhere. */
  public static Tensor full(Backend backend, Shape shape, double value) {
    return allocate(backend, ElementType.REAL, shape).fill(value);
  }

  /** A tensor whose contents are undefined, for an operation to write. */
  public static Tensor allocate(Backend backend, ElementType type, Shape shape) {
    return new Tensor(shape, new Storage(backend, backend.allocate(type, shape.elements())), Scope.current());
  }

  /** A REAL tensor of zeros of this one's shape, on its backend and in its scope: for state kept beside a parameter. */
  public Tensor zerosBeside() {
    return beside().fill(0);
  }

  // ---------------------------------------------------------------- looking

  /** The sizes. */
  public Shape shape() {
    return shape;
  }

  /** The number of dimensions. */
  public int rank() {
    return shape.rank();
  }

  /** The size of a dimension; -1 is the last. */
  public int size(int dimension) {
    return shape.size(dimension);
  }

  /** The number of elements. */
  public int elements() {
    return shape.elements();
  }

  /** What the elements are. */
  public ElementType type() {
    return storage.buffer.type();
  }

  /** Where the elements are. */
  public Backend backend() {
    return storage.backend;
  }

  /**
   * The elements, for kernels.
   *
   * @throws IllegalStateException if this tensor's scope has closed
   */
  public Buffer buffer() {
    if (closed) {
      throw new IllegalStateException("tensor: " + describe() + " was used after its scope closed");
    }
    return storage.buffer;
  }

  /** The elements as floats, in an array of the caller's own. */
  public float[] toFloats() {
    float[] values = new float[elements()];
    backend().read(buffer(), 0, values, 0, values.length);
    return values;
  }

  /** The elements as doubles, in an array of the caller's own. */
  public double[] toDoubles() {
    double[] values = new double[elements()];
    backend().read(buffer(), 0, values, 0, values.length);
    return values;
  }

  /** The elements of an INT32 tensor, in an array of the caller's own. */
  public int[] toInts() {
    int[] values = new int[elements()];
    backend().read(buffer(), 0, values, 0, values.length);
    return values;
  }

  /** The elements of a BOOL tensor, in an array of the caller's own. */
  public boolean[] toBooleans() {
    boolean[] values = new boolean[elements()];
    backend().read(buffer(), 0, values, 0, values.length);
    return values;
  }

  /**
   * The only element of a REAL tensor.
   *
   * @throws IllegalArgumentException if there is not exactly one
   */
  public double item() {
    if (elements() != 1) {
      throw new IllegalArgumentException("item: tensor has shape " + shape + ", wanted one element");
    }
    return toDoubles()[0];
  }

  /** What messages call this tensor; a module names its parameters. */
  public @Nullable String name() {
    return name;
  }

  /** Names this tensor, for messages. */
  public Tensor named(String name) {
    this.name = name;
    return this;
  }

  /** For example {@code weight_ih_l0 (512, 28)}, or {@code result of linear (64, 10)}. */
  public String describe() {
    if (name != null) {
      return name + " " + shape;
    }
    return node == null ? "tensor " + shape : "result of " + node.operation() + " " + shape;
  }

  @Override
  public String toString() {
    return describe() + " " + type() + " on " + backend().id() + (requiresGrad ? ", requires gradient" : "");
  }

  // ---------------------------------------------------------------- the tape

  /** Whether backward computes a gradient for this tensor. */
  public boolean requiresGrad() {
    return requiresGrad;
  }

  /**
   * Makes a leaf require a gradient, or not.
   *
   * @throws IllegalStateException if this is not a leaf, or not REAL
   */
  public Tensor requiresGrad(boolean required) {
    if (node != null) {
      throw new IllegalStateException("requiresGrad: " + describe() + " is not a leaf; use detach() to leave the tape");
    }
    if (required && type() != ElementType.REAL) {
      throw new IllegalStateException("requiresGrad: " + describe() + " is " + type() + ", wanted REAL");
    }
    requiresGrad = required;
    return this;
  }

  /** Whether no recorded operation made this tensor. */
  public boolean isLeaf() {
    return node == null;
  }

  /** What backward accumulated for this leaf (or kept, by {@link #retainGrad}), or null. */
  public @Nullable Tensor gradient() {
    return gradient;
  }

  /** Drops and closes the gradient: the next backward starts anew. */
  public void clearGradient() {
    if (gradient != null) {
      gradient.close();
      gradient = null;
    }
  }

  /** Keeps the gradient of a tensor that is not a leaf, as its hooks left it. Nothing changes for a leaf. */
  public Tensor retainGrad() {
    requireGrad("retainGrad: cannot retain the gradient of a tensor that doesn't require one: ");
    if (node != null && !retainsGrad) {
      retainsGrad = true;
      node.retain(outputIndex, this);
    }
    return this;
  }

  /**
   * Registers a hook, called once per backward with this tensor's whole gradient: for a leaf the sum over all its uses
   * in that graph, before it is accumulated; for others before it flows on. Hooks run in the order of registration,
   * each seeing what the one before returned.
   *
   * @throws IllegalStateException if this tensor does not require a gradient
   */
  public HookHandle registerHook(GradientHook hook) {
    requireGrad("registerHook: cannot register a hook on a tensor that doesn't require gradient: ");
    return hooks.add(hook);
  }

  /**
   * Registers a hook, called with this leaf once per backward after its gradient was accumulated; it may use and clear
   * the gradient.
   *
   * @throws IllegalStateException if this is not a leaf that requires a gradient
   */
  public HookHandle registerPostAccumulateGradHook(Consumer<Tensor> hook) {
    requireGrad("registerPostAccumulateGradHook: cannot register a hook on a tensor that doesn't require gradient: ");
    if (node != null) {
      throw new IllegalStateException("registerPostAccumulateGradHook: " + describe() + " is not a leaf");
    }
    return postAccumulateHooks.add(hook);
  }

  /**
   * The same elements without a past: a leaf that does not require a gradient. A change made in place through either is
   * seen by both.
   */
  public Tensor detach() {
    return alias(shape);
  }

  /** Accumulates the gradients of this single number in the leaves it was computed from. */
  public void backward() {
    Tape.backward(this, null, false);
  }

  /**
   * Accumulates the gradients of {@code sum(this * gradient)} in the leaves this was computed from.
   *
   * @param gradient of this tensor's shape and backend; null for 1, where this is a single number
   * @param retainGraph whether the tape is kept for a further backward
   */
  public void backward(@Nullable Tensor gradient, boolean retainGraph) {
    Tape.backward(this, gradient, retainGraph);
  }

  /**
   * This tensor on another backend: itself if it is there already, else a copy through the host, recorded on the tape.
   * It is the only crossing between backends.
   */
  public Tensor to(Backend other) {
    if (other == backend()) {
      return this;
    }
    Tensor copy = copyTo(other);
    Backend home = backend();
    Tape.record("to", List.of(this), List.of(), List.of(copy), gradients -> new Tensor[] {gradients[0].copyTo(home)});
    return copy;
  }

  // ---------------------------------------------------------------- changing, and parts for the rooms above

  /** Sets every element, in place. */
  public Tensor fill(double value) {
    backend().memory().fill(new FillSpec(type(), elements(), value), buffer());
    markModified();
    return this;
  }

  /**
   * Says that the elements were changed in place: a backward that saved them before then refuses. Kernels called from
   * outside this class on a tensor's buffer are followed by this.
   */
  public void markModified() {
    storage.markModified();
  }

  /**
   * The same elements under another shape of as many elements; not recorded on the tape. The buffer is freed with the
   * last of both.
   */
  public Tensor alias(Shape other) {
    if (other.elements() != elements()) {
      throw new IllegalArgumentException("alias: shape is " + other + " for a tensor " + shape + ", wanted "
          + elements()
          + " elements");
    }
    buffer();
    return new Tensor(other, storage.share(), Scope.current());
  }

  /**
   * The first entries of the outermost dimension, sharing the buffer; not recorded on the tape. The buffer is freed
   * with the last of both.
   *
   * @param size how many, 0 to this tensor's
   */
  public Tensor leading(int size) {
    if (rank() == 0 || size < 0 || size > size(0)) {
      throw new IllegalArgumentException("leading: size is " + size + " for a tensor " + shape + ", wanted 0 to "
          + (rank() == 0 ? "nothing: it has no dimension" : size(0)));
    }
    buffer();
    return new Tensor(shape.with(0, size), storage.share(), Scope.current());
  }

  int version() {
    return storage.version();
  }

  boolean isClosed() {
    return closed;
  }

  @Nullable Scope scope() {
    return scope;
  }

  void moveTo(@Nullable Scope other) {
    scope = other;
  }

  void close() {
    if (!closed) {
      closed = true;
      storage.release();
    }
  }

  @Nullable Node node() {
    return node;
  }

  int outputIndex() {
    return outputIndex;
  }

  void attach(Node node, int outputIndex) {
    this.node = node;
    this.outputIndex = outputIndex;
    requiresGrad = true;
    // A hook is bound to the operation that made the tensor.
    hooks = node.hooks(outputIndex);
  }

  HookList<GradientHook> hooks() {
    return hooks;
  }

  HookList<Consumer<Tensor>> postAccumulateHooks() {
    return postAccumulateHooks;
  }

  /** A REAL tensor of this one's shape, on its backend and in its scope, for the caller to write. */
  Tensor beside() {
    Scope home = scope != null && scope.takesTensors() ? scope : null;
    return new Tensor(shape, new Storage(backend(), backend().allocate(ElementType.REAL, elements())), home);
  }

  void setGradient(Tensor gradient) {
    this.gradient = gradient;
  }

  private Tensor copyTo(Backend other) {
    Tensor copy = allocate(other, type(), shape);
    switch (type()) {
      case REAL -> other.write(toDoubles(), 0, copy.buffer(), 0, elements());
      case INT32 -> other.write(toInts(), 0, copy.buffer(), 0, elements());
      case BOOL -> other.write(toBooleans(), 0, copy.buffer(), 0, elements());
    }
    return copy;
  }

  private void requireGrad(String problem) {
    if (!requiresGrad) {
      throw new IllegalStateException(problem + describe());
    }
  }

  private static Shape holding(int elements, int... sizes) {
    Shape shape = Shape.of(sizes.length == 0 && elements != 1 ? new int[] {elements} : sizes);
    if (shape.elements() != elements) {
      throw new IllegalArgumentException("tensor: " + elements + " values for shape " + shape + ", wanted "
          + shape.elements());
    }
    return shape;
  }
}
