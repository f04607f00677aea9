package dev.sluice.cuda.kernel;

import java.lang.reflect.Proxy;

/** Stands for a kernel family while it is being written: every call says so. */
public final class Unfinished {
  private Unfinished() {}

  /** A family none of whose kernels is there yet. */
  public static <T> T of(Class<T> family) {
    return family.cast(Proxy.newProxyInstance(family.getClassLoader(), new Class<?>[] {family}, (proxy, method, given) -> {
      throw new UnsupportedOperationException("cuda: " + family.getSimpleName() + "." + method.getName());
    }));
  }
}
