package dev.sluice.testing;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.KernelSpec;
import dev.sluice.spi.Operand;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One kernel call taken apart: every operand that its spec states beside the argument that stands for it. Which pass a
 * method runs, what length a reserve needs and how records of buffers unfold follow from the conventions of the seam,
 * so a new family needs nothing here.
 *
 * @param kernel the name, {@code family.method}
 * @param bindings operands in the order of the spec
 */
record Call(String kernel, List<Binding> bindings) {
  private static final String BACKWARD = "Backward";

  /**
   * An operand and its argument: one buffer (or null), or the buffers of a list.
   *
   * @param operand what is wanted
   * @param length least length; a reserve's is the one that the backend states
   * @param buffers what was given; null where null stands for the operand
   * @param list whether the argument is a list
   */
  record Binding(Operand operand, long length, @Nullable List<@Nullable Buffer> buffers, boolean list) {
    boolean written() {
      return operand.access() != Operand.Access.READ;
    }
  }

  /** Whether a method of a family is a kernel: it returns nothing. The others state the size of a reserve. */
  static boolean isKernel(Method method) {
    return method.getReturnType() == void.class;
  }

  static Call of(String family, Object kernels, Method method, Object[] arguments) {
    KernelSpec spec = (KernelSpec) arguments[0];
    boolean backward = method.getName().endsWith(BACKWARD) || method.getName().equals("backward");
    List<Operand> operands = spec.operands(backward ? KernelSpec.Pass.BACKWARD : KernelSpec.Pass.FORWARD);
    List<@Nullable Object> flat = flatten(arguments);
    String kernel = family + "." + method.getName();
    List<Binding> bindings = new ArrayList<>();
    for (int i = 0; i < flat.size(); i++) {
      Operand operand = operands.get(i);
      if (method.getName().equals("argMax") && i == 1) {
        // Arg-max shares the reductions' spec but writes indices.
        operand = Operand.write("indices", operand.length()).of(ElementType.INT32);
      }
      long length = operand.name().equals("reserve") ? reserve(kernels, method, spec) : operand.length();
      bindings.add(bind(operand, length, flat.get(i)));
    }
    return new Call(kernel, bindings);
  }

  /** The arguments with every buffer replaced, in lists and records too. */
  static @Nullable Object[] map(Object[] arguments, UnaryOperator<Buffer> replacement) {
    return Arrays.stream(arguments).map(argument -> map(argument, replacement)).toArray();
  }

  private static @Nullable Object map(@Nullable Object argument, UnaryOperator<Buffer> replacement) {
    return switch (argument) {
      case null -> null;
      case Buffer buffer -> replacement.apply(buffer);
      case List<?> list -> list.stream().map(element -> map(element, replacement)).toList();
      case KernelSpec spec -> spec;
      case Record group -> {
        RecordComponent[] components = group.getClass().getRecordComponents();
        @Nullable Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = map(component(group, components[i]), replacement);
        }
        yield construct(group.getClass(), components, values);
      }
      default -> argument;
    };
  }

  private static Binding bind(Operand operand, long length, @Nullable Object argument) {
    return switch (argument) {
      case null -> new Binding(operand, length, null, operand.length() < 0);
      case Buffer buffer -> new Binding(operand, length, List.of(buffer), false);
      case List<?> list -> new Binding(operand, length, list.stream().map(Buffer.class::cast).toList(), true);
      default -> throw new AssertionError("not a buffer: " + argument);
    };
  }

  private static List<@Nullable Object> flatten(Object[] arguments) {
    List<@Nullable Object> flat = new ArrayList<>();
    for (int i = 1; i < arguments.length; i++) {
      if (arguments[i] instanceof Record group && !(group instanceof Buffer)) {
        for (RecordComponent component : group.getClass().getRecordComponents()) {
          flat.add(component(group, component));
        }
      } else {
        flat.add(arguments[i]);
      }
    }
    return flat;
  }

  private static long reserve(Object kernels, Method method, KernelSpec spec) {
    String name = method.getName();
    String forward = name.endsWith(BACKWARD) ? name.substring(0, name.length() - BACKWARD.length()) : name;
    try {
      Method size = method.getDeclaringClass().getMethod(forward + "Reserve", spec.getClass());
      return (int) size.invoke(kernels, spec);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(name + " has a reserve but no usable " + forward + "Reserve", e);
    }
  }

  private static @Nullable Object component(Record group, RecordComponent component) {
    try {
      return component.getAccessor().invoke(group);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(component.toString(), e);
    }
  }

  private static Object construct(Class<?> type, RecordComponent[] components, @Nullable Object[] values) {
    try {
      Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new AssertionError(type + " refused its own components", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(type.toString(), e);
    }
  }
}
