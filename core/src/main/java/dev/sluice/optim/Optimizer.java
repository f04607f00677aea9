package dev.sluice.optim;

import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Changes parameters by their gradients, in place. A step leaves out parameters that have no gradient, and counts steps
 * for each parameter by itself: one that gets its first gradient late then makes its first step, as in torch.optim.
 * State is made at that first step, beside its parameter and in its scope.
 *
 * <p>An optimizer holds the parameters it was given: make it after {@code module.to(backend)}, which replaces them.
 */
public abstract class Optimizer {
  /** A parameter, and what the optimizer remembers of it. */
  private static final class Slot {
    final Tensor parameter;
    final Map<String, Tensor> state = new LinkedHashMap<>();
    long steps;

    Slot(Tensor parameter) {
      this.parameter = parameter;
    }
  }

  /** Parameters that make the same step in one kernel call. */
  protected static final class Batch {
    private final long step;
    private final List<Slot> slots = new ArrayList<>();

    private Batch(long step) {
      this.step = step;
    }

    /**
     * The number of this step of these parameters, from 1 (the least of them, if they were batched with different
     * numbers).
     */
    public long step() {
      return step;
    }

    /** What changes. */
    public List<Buffer> parameters() {
      return slots.stream().map(slot -> slot.parameter.buffer()).toList();
    }

    /** Their gradients. */
    public List<Buffer> gradients() {
      List<Buffer> gradients = new ArrayList<>();
      for (Slot slot : slots) {
        Tensor gradient = slot.parameter.gradient();
        if (gradient != null) {
          gradients.add(gradient.buffer());
        }
      }
      return gradients;
    }

    /** Their state of a name, of each parameter's shape; zeros at first. */
    public List<Buffer> state(String name) {
      return slots.stream()
          .map(slot -> slot.state.computeIfAbsent(name, _ -> slot.parameter.zerosBeside()).buffer())
          .toList();
    }
  }

  private final String operation;
  private final List<Tensor> parameters;
  private final Map<Tensor, Slot> slots = new IdentityHashMap<>();
  private double learningRate;

  /**
   * Takes the parameters over.
   *
   * @param operation what messages call this optimizer
   * @param parameters leaves, one or more, no one twice, all on one backend
   * @param learningRate 0 or more
   */
  protected Optimizer(String operation, List<Tensor> parameters, double learningRate) {
    this.operation = operation;
    this.parameters = List.copyOf(parameters);
    Arguments.require(!parameters.isEmpty(), operation, "parameters is an empty list", "at least one parameter");
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Tensor parameter : parameters) {
      Arguments.require(parameter.isLeaf(), operation, "parameter " + parameter.describe() + " is not a leaf",
          "leaves");
      Arguments.require(seen.add(parameter), operation, "parameter " + parameter.describe() + " is listed twice",
          "each parameter once");
      slots.put(parameter, new Slot(parameter));
    }
    Arguments.onBackend(operation, backend(), parameters);
    learningRate(learningRate);
  }

  /** What this optimizer changes, in the order given. */
  public final List<Tensor> parameters() {
    return parameters;
  }

  /** The learning rate of the next step. */
  public final double learningRate() {
    return learningRate;
  }

  /**
   * Sets the learning rate of the next step.
   *
   * @throws IllegalArgumentException if it is below 0 or NaN
   */
  public final void learningRate(double learningRate) {
    Arguments.notNegative(operation, "lr", learningRate);
    this.learningRate = learningRate;
  }

  /** Drops the gradients of all parameters: the next backward starts anew. */
  public final void zeroGrad() {
    parameters.forEach(Tensor::clearGradient);
  }

  /**
   * Changes every parameter that has a gradient. Nothing is recorded; a backward that saved a parameter before then
   * refuses.
   */
  public final void step() {
    SortedMap<Long, Batch> batches = new TreeMap<>();
    for (Tensor parameter : parameters) {
      if (parameter.gradient() != null) {
        Slot slot = slot(parameter);
        long step = slot.steps + 1;
        batches.computeIfAbsent(batchOf(step), _ -> new Batch(step)).slots.add(slot);
      }
    }
    for (Batch batch : batches.values()) {
      update(batch);
      for (Slot slot : batch.slots) {
        slot.steps++;
        slot.parameter.markModified();
        slot.state.values().forEach(Tensor::markModified);
      }
    }
  }

  /** How many steps a parameter has made. */
  public final long steps(Tensor parameter) {
    return slot(parameter).steps;
  }

  /** The state of a parameter by torch.optim's names; empty before its first step. */
  public final Map<String, Tensor> state(Tensor parameter) {
    return Collections.unmodifiableMap(slot(parameter).state);
  }

  /** Where the parameters are. */
  protected final Backend backend() {
    return parameters.getFirst().backend();
  }

  /** Parameters whose steps have the same value here go together in one {@link #update}. */
  protected abstract long batchOf(long step);

  /** Changes these parameters and their state by one kernel call. */
  protected abstract void update(Batch batch);

  private Slot slot(Tensor parameter) {
    Slot slot = slots.get(parameter);
    if (slot == null) {
      throw new IllegalArgumentException(operation + ": " + parameter.describe() + " is not a parameter, wanted one of "
          + parameters.stream().map(Tensor::describe).toList());
    }
    return slot;
  }
}
