package dev.sluice.cuda.driver;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jcuda.NativePointerObject;
import jcuda.driver.CUdeviceptr;

/**
 * An address of the device that JCuda takes, and that can be set: JCuda's own is made anew for each address, and a call
 * in steady state allocates nothing.
 */
final class DeviceAddress extends CUdeviceptr {
  private static final VarHandle NATIVE_POINTER;

  static {
    try {
      NATIVE_POINTER = MethodHandles.privateLookupIn(NativePointerObject.class, MethodHandles.lookup())
          .findVarHandle(NativePointerObject.class, "nativePointer", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  long get() {
    return getNativePointer();
  }

  DeviceAddress set(long address) {
    NATIVE_POINTER.set(this, address);
    return this;
  }
}
