package dev.sluice.nn;

import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.spi.Backend;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Something with parameters, as torch.nn.Module: parameters, buffers and children by name, in the order of their
 * registration, and whether it is training or evaluating. Buffers are state that is not trained, such as running
 * statistics.
 *
 * <p>A module registers in its constructor and reads a parameter through {@link #parameter(String)}, a buffer through
 * {@link #buffer(String)}, each time it computes, because {@link #to} puts other tensors in their place.
 */
public abstract class Module {
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private boolean training = true;

  /** A module in training, without parameters yet. */
  protected Module() {}

  /**
   * Registers a parameter, which from now on requires a gradient and bears its name in messages.
   *
   * @param name unused so far, not empty, without a dot
   * @param value a REAL leaf
   * @return the value
   */
  protected final Tensor parameter(String name, Tensor value) {
    requireFree(name);
    Arguments.require(value.isLeaf(), "module", "parameter " + name + " is " + value.describe(), "a leaf");
    parameters.put(name, value.requiresGrad(true).named(name));
    return value;
  }

  /** The parameter registered under this name, where it is now. */
  protected final Tensor parameter(String name) {
    Tensor value = parameters.get(name);
    if (value == null) {
      throw Arguments.refusal("module", "parameter is " + name, "one of " + parameters.keySet());
    }
    return value;
  }

  /**
   * Registers a buffer: it is in the state dictionary and moves with the module, but is not among its parameters, so no
   * optimizer trains it. It bears its name in messages.
   *
   * @param name unused so far, not empty, without a dot
   * @param value a leaf of any type that requires no gradient
   * @return the value
   */
  protected final Tensor buffer(String name, Tensor value) {
    requireFree(name);
    Arguments.require(value.isLeaf() && !value.requiresGrad(), "module", "buffer " + name + " is " + value.describe(),
        "a leaf that requires no gradient");
    buffers.put(name, value.named(name));
    return value;
  }

  /** The buffer registered under this name, where it is now. */
  protected final Tensor buffer(String name) {
    Tensor value = buffers.get(name);
    Arguments.require(value != null, "module", "buffer is " + name, "one of " + buffers.keySet());
    return value;
  }

  /**
   * Registers a child, whose parameters and buffers from now on bear its name before their own.
   *
   * @param name unused so far, not empty, without a dot
   * @return the child
   */
  protected final <M extends Module> M register(String name, M child) {
    requireFree(name);
    children.put(name, child);
    child.namedParameters().forEach((key, value) -> value.named(name + "." + key));
    child.namedBuffers().forEach((key, value) -> value.named(name + "." + key));
    return child;
  }

  /** All parameters of this module and the modules below it, in the order of {@link #namedParameters}. */
  public final List<Tensor> parameters() {
    return List.copyOf(namedParameters().values());
  }

  /**
   * All parameters by their names as in torch.nn's state_dict, such as {@code encoder.weight_ih_l0}: a module's own
   * first, then its children's, each in the order of registration. One that is registered twice has its first name.
   */
  public final Map<String, Tensor> namedParameters() {
    return named(module -> module.parameters);
  }

  /** All buffers by their names, otherwise as {@link #namedParameters}. */
  public final Map<String, Tensor> namedBuffers() {
    return named(module -> module.buffers);
  }

  /**
   * A copy, on the host, of all parameters and buffers, as torch.nn.Module.state_dict: by module its parameters, its
   * buffers, then its children's. REAL is rounded to float. One that is registered twice is there under both names.
   */
  public final StateDict stateDict() {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    stateTensors().forEach((name, value) -> tensors.put(name, StateLoading.toHost(value)));
    return new StateDict(tensors);
  }

  /**
   * Puts the elements of a state dictionary into the parameters and buffers of the same names, in place, as
   * torch.nn.Module.load_state_dict. Everything is checked before anything is written. Gradients, hooks and optimizers
   * stay as they are.
   *
   * <p>REAL takes floats and doubles, INT32 ints and longs within its range, BOOL booleans. One that is registered
   * twice may be there under either name; under both, the later one in the order of {@link #stateDict} holds.
   *
   * @param strict whether names that only one side has are refused
   * @return what only one side has; nothing if strict
   * @throws IllegalArgumentException if shapes or types differ or, if strict, names do; it lists all that do
   */
  public final StateDict.Mismatch loadStateDict(StateDict state, boolean strict) {
    return StateLoading.load(getClass().getSimpleName(), stateTensors(), state, strict);
  }

  /** The modules directly below this one, by name, in the order of registration. */
  public final Map<String, Module> children() {
    return Collections.unmodifiableMap(children);
  }

  /** Whether layers that behave otherwise in training, such as {@link Dropout}, do so; true at first. */
  public final boolean isTraining() {
    return training;
  }

  /** Sets this module and all below it to training. */
  public final void train() {
    train(true);
  }

  /** Sets this module and all below it to evaluating. */
  public final void eval() {
    train(false);
  }

  /** Sets this module and all below it to training or to evaluating. */
  public final void train(boolean training) {
    this.training = training;
    children.values().forEach(child -> child.train(training));
  }

  /**
   * Moves all parameters and buffers to a backend. Those that are elsewhere are replaced by new leaves without
   * gradients and hooks: make optimizers, and register hooks, afterwards, and do not move inside the scope of a
   * training step.
   */
  public final void to(Backend backend) {
    try (Tape.NoGrad _ = Tape.noGrad()) {
      move(backend, new IdentityHashMap<>());
    }
  }

  private void move(Backend backend, Map<Tensor, Tensor> moved) {
    for (Map<String, Tensor> own : List.of(parameters, buffers)) {
      own.replaceAll((name, value) -> moved.computeIfAbsent(value, old -> moved(old, name, backend)));
    }
    children.values().forEach(child -> child.move(backend, moved));
  }

  private static Tensor moved(Tensor old, String name, Backend backend) {
    String known = old.name();
    Tensor copy = old.to(backend);
    return copy == old ? old : copy.requiresGrad(old.requiresGrad()).named(known == null ? name : known);
  }

  /** Those of this module and all below it, each once. */
  private Map<String, Tensor> named(Function<Module, Map<String, Tensor>> own) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    visit("", (prefix, module) -> own.apply(module).forEach((name, value) -> {
      if (seen.add(value)) {
        named.put(prefix + name, value);
      }
    }));
    return Collections.unmodifiableMap(named);
  }

  /** Parameters and buffers under every name they have. */
  private Map<String, Tensor> stateTensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    visit("", (prefix, module) -> {
      module.parameters.forEach((name, value) -> tensors.put(prefix + name, value));
      module.buffers.forEach((name, value) -> tensors.put(prefix + name, value));
    });
    return tensors;
  }

  private void visit(String prefix, BiConsumer<String, Module> visitor) {
    visitor.accept(prefix, this);
    children.forEach((name, child) -> child.visit(prefix + name + ".", visitor));
  }

  private void requireFree(String name) {
    Arguments.require(!name.isEmpty() && !name.contains("."), "module", "name is '" + name + "'",
        "one that is not empty and has no dot");
    Arguments.require(!parameters.containsKey(name) && !buffers.containsKey(name) && !children.containsKey(name),
        "module", "name " + name + " is taken", "another one");
  }
}
