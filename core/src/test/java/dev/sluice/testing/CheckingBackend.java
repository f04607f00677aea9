package dev.sluice.testing;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Kernels;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * A backend around another one that counts kernel calls and transfers ({@link #counts}) and refuses, before the
 * decorated backend sees the call, what the seam forbids: a buffer that is too small, closed, of another backend or of
 * another element type, null for an argument that must be there, a written argument that is also another argument, and
 * lists that do not match. The refusals follow from {@link dev.sluice.spi.KernelSpec#operands}.
 */
public final class CheckingBackend implements Backend {
  /** What is looked at beside every call's arguments; each costs time. */
  public enum Check {
    /** Fills fresh REAL buffers with NaN, so that reading undefined contents shows. */
    POISON,
    /**
     * Fails a kernel that changes an argument that it may only read, or what lies beyond the length that it was given.
     */
    UNCHANGED
  }

  private final Backend inner;
  private final Set<Check> checks = EnumSet.noneOf(Check.class);
  private final Counts counts = new Counts();
  private final Kernels kernels;

  /** Decorates a backend, which the decorator closes with itself. */
  public CheckingBackend(Backend inner, Check... checks) {
    this.inner = inner;
    this.checks.addAll(Arrays.asList(checks));
    kernels = Families.each(family -> guard(family.getName(), family.getType(), Families.of(inner.kernels(), family)));
  }

  /** What was asked for so far. */
  public Counts counts() {
    return counts;
  }

  @Override
  public String id() {
    return inner.id();
  }

  @Override
  public String description() {
    return inner.description() + ", checked";
  }

  @Override
  public Buffer allocate(ElementType type, int length) {
    counts.allocation();
    Buffer buffer = inner.allocate(type, length);
    if (checks.contains(Check.POISON) && type == ElementType.REAL) {
      double[] poison = new double[length];
      Arrays.fill(poison, Double.NaN);
      inner.write(poison, 0, buffer, 0, length);
    }
    return new CheckedBuffer(this, buffer);
  }

  @Override
  public void write(double[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    inner.write(source, sourceOffset, incoming(target, ElementType.REAL, targetOffset, length), targetOffset, length);
  }

  @Override
  public void write(float[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    inner.write(source, sourceOffset, incoming(target, ElementType.REAL, targetOffset, length), targetOffset, length);
  }

  @Override
  public void write(int[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    inner.write(source, sourceOffset, incoming(target, ElementType.INT32, targetOffset, length), targetOffset, length);
  }

  @Override
  public void write(boolean[] source, int sourceOffset, Buffer target, int targetOffset, int length) {
    inner.write(source, sourceOffset, incoming(target, ElementType.BOOL, targetOffset, length), targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, double[] target, int targetOffset, int length) {
    inner.read(outgoing(source, ElementType.REAL, sourceOffset, length), sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, float[] target, int targetOffset, int length) {
    inner.read(outgoing(source, ElementType.REAL, sourceOffset, length), sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, int[] target, int targetOffset, int length) {
    inner.read(outgoing(source, ElementType.INT32, sourceOffset, length), sourceOffset, target, targetOffset, length);
  }

  @Override
  public void read(Buffer source, int sourceOffset, boolean[] target, int targetOffset, int length) {
    inner.read(outgoing(source, ElementType.BOOL, sourceOffset, length), sourceOffset, target, targetOffset, length);
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public void close() {
    inner.close();
  }

  private Buffer incoming(Buffer target, ElementType type, int offset, int length) {
    counts.write();
    return transfer("write", target, type, offset, length);
  }

  private Buffer outgoing(Buffer source, ElementType type, int offset, int length) {
    counts.read();
    return transfer("read", source, type, offset, length);
  }

  private Buffer transfer(String operation, Buffer buffer, ElementType type, int offset, int length) {
    Refusals.requireUsable(operation, "buffer", buffer, this);
    Refusals.requireType(operation, "buffer", buffer, type);
    Refusals.require(offset >= 0 && length >= 0 && (long) offset + length <= buffer.length(), operation,
        "buffer of " + buffer.length() + " elements given offset " + offset + " and length " + length,
        "elements that it has");
    return unwrap(buffer);
  }

  private Object guard(String family, Class<?> type, Object kernels) {
    return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
      if (method.getDeclaringClass() == Object.class || !Call.isKernel(method)) {
        return invoke(kernels, method, arguments);
      }
      Call call = Call.of(family, kernels, method, arguments);
      Refusals.check(call, this);
      counts.kernel(call.kernel());
      Snapshot before = checks.contains(Check.UNCHANGED) ? Snapshot.of(call, inner) : null;
      Object result = invoke(kernels, method, Call.map(arguments, CheckingBackend::unwrap));
      if (before != null) {
        before.requireUnchanged();
      }
      return result;
    });
  }

  static Buffer unwrap(Buffer buffer) {
    return ((CheckedBuffer) buffer).inner();
  }

  private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
