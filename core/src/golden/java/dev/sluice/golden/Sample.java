package dev.sluice.golden;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * One golden case while it is made.
 *
 * <p>Leaves are drawn and stored; each result is stored and gets an upstream gradient of its own; {@link #backward}
 * then differentiates the sum of all results times their upstream gradients and stores the gradient of every leaf.
 */
final class Sample {
  private final String name;
  private final Random random;
  private final Map<String, Object> options = new LinkedHashMap<>();
  private final Map<String, Values> tensors = new LinkedHashMap<>();
  private final Map<String, Tensor> leaves = new LinkedHashMap<>();
  private Tensor loss = Values.real(new double[1]);

  Sample(String name, long seed) {
    this.name = name;
    this.random = new Random(seed);
  }

  String name() {
    return name;
  }

  Map<String, Object> options() {
    return options;
  }

  Map<String, Values> tensors() {
    return tensors;
  }

  Sample option(String key, Object value) {
    options.put(key, value);
    return this;
  }

  /** Numbers in [-bound, bound), multiples of bound / 1024: exact in float for the bounds used here. */
  double[] draw(double bound, long... shape) {
    int size = 1;
    for (long extent : shape) {
      size *= Math.toIntExact(extent);
    }
    var data = new double[size];
    for (int i = 0; i < size; i++) {
      data[i] = (random.nextInt(2048) - 1024) * bound / 1024;
    }
    return data;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /** A stored tensor that no gradient is wanted of. */
  Tensor constant(String key, Tensor value) {
    tensors.put(key, Values.of(value));
    return value;
  }

  /** A stored boolean tensor. */
  Tensor mask(String key, long[] data, long... shape) {
    return constant(key, Values.integers(data, shape).ne(new Scalar(0L)));
  }

  /** A drawn leaf. */
  Tensor leaf(String key, double bound, long... shape) {
    return leaf(key, Values.real(draw(bound, shape), shape));
  }

  /** A leaf of given numbers. */
  Tensor leaf(String key, Tensor value) {
    leaves.put(key, constant(key, value).set_requires_grad(true));
    return value;
  }

  /** Stores a result and adds it to the loss, weighted by an upstream gradient drawn and stored for it. */
  void result(String key, Tensor value) {
    var shape = Values.shapeOf(value);
    constant(key, value);
    var upstream = constant("upstream." + key, Values.real(draw(1, shape), shape));
    loss = loss.add(value.mul(upstream).sum());
  }

  /** Stores the gradient of every leaf; a leaf the results do not depend on has no gradient stored. */
  void backward() {
    loss.backward();
    leaves.forEach((key, leaf) -> {
      if (leaf.grad().defined()) {
        constant("grad." + key, leaf.grad());
      }
    });
  }
}
