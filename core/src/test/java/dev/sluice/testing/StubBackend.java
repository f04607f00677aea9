package dev.sluice.testing;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A backend whose kernels do what a test tells them and nothing by default, and whose reserves are all of {@value
 * #RESERVE} elements.
 */
final class StubBackend {
  static final int RESERVE = 8;

  private final List<String> calls = new ArrayList<>();
  private Consumer<Object[]> behaviour = arguments -> {};

  /** The kernels that reached this backend. */
  List<String> calls() {
    return calls;
  }

  /** What every kernel does with its arguments from now on. */
  void behave(Consumer<Object[]> kernel) {
    behaviour = kernel;
  }

  Backend backend() {
    return proxy(Backend.class, (self, method, arguments) -> switch (method.getName()) {
      case "id", "description" -> "stub";
      case "allocate" -> new HeapBuffer((ElementType) arguments[0], (int) arguments[1]);
      case "write" -> transfer(arguments[0], arguments[1], ((HeapBuffer) arguments[2]).elements, arguments[3],
          arguments[4]);
      case "read" -> transfer(((HeapBuffer) arguments[0]).elements, arguments[1], arguments[2], arguments[3],
          arguments[4]);
      case "close" -> null;
      case "kernels" -> Families.each(family -> proxy(family.getType(), this::kernel));
      default -> InvocationHandler.invokeDefault(self, method, arguments);
    });
  }

  static double[] reals(Buffer buffer) {
    return (double[]) ((HeapBuffer) buffer).elements;
  }

  private Object kernel(Object self, Method method, Object[] arguments) {
    if (!Call.isKernel(method)) {
      return RESERVE;
    }
    calls.add(method.getName());
    behaviour.accept(arguments);
    return null;
  }

  private static Object transfer(Object source, Object sourceOffset, Object target, Object targetOffset,
      Object length) {
    System.arraycopy(source, (int) sourceOffset, target, (int) targetOffset, (int) length);
    return null;
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static final class HeapBuffer implements Buffer {
    private final ElementType type;
    private final int length;
    private final Object elements;
    private boolean closed;

    private HeapBuffer(ElementType type, int length) {
      this.type = type;
      this.length = length;
      elements = switch (type) {
        case REAL -> new double[length];
        case INT32 -> new int[length];
        case BOOL -> new boolean[length];
      };
    }

    @Override
    public ElementType type() {
      return type;
    }

    @Override
    public int length() {
      return length;
    }

    @Override
    public boolean isClosed() {
      return closed;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
