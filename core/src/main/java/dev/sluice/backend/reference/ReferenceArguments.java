package dev.sluice.backend.reference;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Operand;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks of a call's arguments, made before anything is computed: a closed buffer is an {@link IllegalStateException},
 * everything else an {@link IllegalArgumentException} that names operation and argument.
 */
final class ReferenceArguments {
  private ReferenceArguments() {}

  /** Checks the buffers of a call, in the order of those operands that are not lists. */
  static void check(String operation, List<Operand> operands, @Nullable Buffer... buffers) {
    int next = 0;
    for (Operand operand : operands) {
      if (operand.length() >= 0) {
        Buffer buffer = buffers[next++];
        require(buffer != null || operand.optional(), operation, operand.name() + " is null", "a buffer");
        if (buffer != null) {
          checkBuffer(operation, operand.name(), operand.type(), operand.length(), buffer);
        }
      }
    }
  }

  /** Checks the lists of a call, in the order of those operands that are lists: equally many buffers, equally long. */
  @SafeVarargs
  static void checkLists(String operation, List<Operand> operands, @Nullable List<Buffer>... lists) {
    List<Buffer> first = null;
    int next = 0;
    for (Operand operand : operands) {
      if (operand.length() < 0) {
        List<Buffer> list = lists[next++];
        require(list != null || operand.optional(), operation, operand.name() + " is null", "a list of buffers");
        if (list != null) {
          first = first == null ? list : first;
          checkList(operation, operand, list, first);
        }
      }
    }
  }

  private static void checkList(String operation, Operand operand, List<Buffer> list, List<Buffer> first) {
    require(list.size() == first.size(), operation, operand.name() + " has " + list.size() + " buffers",
        String.valueOf(first.size()));
    for (int i = 0; i < list.size(); i++) {
      String name = operand.name() + "[" + i + "]";
      checkBuffer(operation, name, operand.type(), 0, list.get(i));
      require(list.get(i).length() == first.get(i).length(), operation, name + " has " + list.get(i).length()
          + " elements", String.valueOf(first.get(i).length()));
    }
  }

  /** Checks the reserve of a call, whose size the backend states. */
  static void checkReserve(String operation, @Nullable Buffer reserve, int length) {
    if (reserve != null) {
      checkBuffer(operation, "reserve", ElementType.REAL, length, reserve);
    }
  }

  /** Checks one buffer: of this backend, open, of the type wanted and long enough. */
  static void checkBuffer(String operation, String name, ElementType type, long length, Buffer buffer) {
    require(buffer instanceof ReferenceBuffer, operation, name + " is a " + buffer.getClass().getSimpleName(),
        "a buffer of the reference backend");
    if (buffer.isClosed()) {
      throw new IllegalStateException(operation + ": " + name + " is closed");
    }
    require(buffer.type() == type, operation, name + " holds " + buffer.type(), type.toString());
    require(buffer.length() >= length, operation, name + " has " + buffer.length() + " elements", "at least " + length);
  }

  /** The first elements of an INT32 buffer, each 0 to most; null for null. */
  static int @Nullable [] lengths(String operation, @Nullable Buffer buffer, int count, int most) {
    if (buffer == null) {
      return null;
    }
    int[] lengths = ReferenceBuffer.integers(buffer);
    for (int i = 0; i < count; i++) {
      require(lengths[i] >= 0 && lengths[i] <= most, operation, "lengths[" + i + "] is " + lengths[i], "0 to " + most);
    }
    return lengths;
  }

  /** A number of elements, refused where no buffer can hold it. */
  static int elements(String operation, String argument, long... sizes) {
    long product = 1;
    for (long size : sizes) {
      product *= size;
      require(product <= Integer.MAX_VALUE, operation, argument + " has more than 2^31-1 elements",
          "at most 2147483647");
    }
    return (int) product;
  }

  static void require(boolean condition, String operation, String given, String wanted) {
    if (!condition) {
      throw new IllegalArgumentException(operation + ": " + given + ", wanted " + wanted);
    }
  }
}
