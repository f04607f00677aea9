package dev.sluice.testing;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One golden case: scalar options by name, tensors by name.
 *
 * <p>{@code upstream.Y} is the gradient that was given for the result Y; {@code grad.X} is the gradient that arrived at
 * X.
 */
public record GoldenCase(String name, Map<String, Object> options, Map<String, Values> tensors) {

  /** The numbers of a tensor, row-major; integers, and masks as 0 and 1, are doubles here too. */
  public record Values(int[] shape, double[] data) {
    public Values {
      long size = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
      if (size != data.length) {
        throw new IllegalArgumentException(
            "golden: data has " + data.length + " numbers, wanted " + size + " for shape " + Arrays.toString(shape));
      }
    }

    public float[] floats() {
      var floats = new float[data.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) data[i];
      }
      return floats;
    }

    public int[] integers() {
      return Arrays.stream(data).mapToInt(value -> Math.toIntExact((long) value)).toArray();
    }

    public boolean[] flags() {
      var flags = new boolean[data.length];
      for (int i = 0; i < flags.length; i++) {
        flags[i] = data[i] != 0;
      }
      return flags;
    }

    /** The one number of a tensor of size 1. */
    public double scalar() {
      if (data.length != 1) {
        throw new IllegalArgumentException("golden: tensor has " + data.length + " numbers, wanted 1");
      }
      return data[0];
    }
  }

  public boolean hasOption(String key) {
    return options.containsKey(key);
  }

  public boolean flag(String key) {
    return option(key, Boolean.class);
  }

  public int integer(String key) {
    return option(key, Integer.class);
  }

  /** A number, integers and the text NaN, Infinity and -Infinity included. */
  public double number(String key) {
    return switch (option(key, Object.class)) {
      case Number number -> number.doubleValue();
      case String text -> Double.parseDouble(text);
      case Object other -> throw wrongOption(key, other, "a number");
    };
  }

  public String text(String key) {
    return option(key, String.class);
  }

  public boolean has(String tensor) {
    return tensors.containsKey(tensor);
  }

  public Values tensor(String key) {
    var values = tensors.get(key);
    if (values == null) {
      throw new IllegalArgumentException(name + ": tensor " + key + " is missing, wanted one of " + tensors.keySet());
    }
    return values;
  }

  /** The gradient that arrived at the tensor of that name. */
  public Values gradient(String key) {
    return tensor("grad." + key);
  }

  /** The gradient given for the result of that name. */
  public Values upstream(String key) {
    return tensor("upstream." + key);
  }

  /** The tensors PREFIX0, PREFIX1, ... as far as there are any. */
  public List<Values> list(String prefix) {
    int size = 0;
    while (has(prefix + size)) {
      size++;
    }
    return IntStream.range(0, size).mapToObj(i -> tensor(prefix + i)).toList();
  }

  @Override
  public String toString() {
    return name;
  }

  private <T> T option(String key, Class<T> type) {
    var value = options.get(key);
    if (!type.isInstance(value)) {
      throw wrongOption(key, value, type.getSimpleName());
    }
    return type.cast(value);
  }

  private IllegalArgumentException wrongOption(String key, @Nullable Object value, String wanted) {
    return new IllegalArgumentException(name + ": option " + key + " is " + value + ", wanted " + wanted);
  }
}
