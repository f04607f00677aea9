package dev.sluice.testing;

import dev.sluice.spi.Kernels;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.function.Function;

/** Kernels made family by family. */
final class Families {
  private static final RecordComponent[] ALL = Kernels.class.getRecordComponents();

  private Families() {}

  /**
   * The kernels of a backend whose families a function makes.
   *
   * @param family an object of a component's type
   */
  static Kernels each(Function<RecordComponent, Object> family) {
    try {
      return Kernels.class.getConstructor(Arrays.stream(ALL).map(RecordComponent::getType).toArray(Class<?>[]::new))
          .newInstance(Arrays.stream(ALL).map(family).toArray());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A family of some kernels. */
  static Object of(Kernels kernels, RecordComponent family) {
    try {
      return family.getAccessor().invoke(kernels);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
