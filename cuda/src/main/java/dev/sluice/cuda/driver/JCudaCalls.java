package dev.sluice.cuda.driver;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;

/** The driver's calls by JCuda. */
final class JCudaCalls implements CudaDriver {
  /** The property that, if {@code true}, binds cuBLAS 12 by {@code java.lang.foreign} as well. */
  static final String FOREIGN_BLAS_PROPERTY = "sluice.cuda.foreignBlas";

  /** The only cuBLAS that JCuda's native library can be bound to. */
  private static final int JCUDA_CUBLAS = 12;

  private static final int NAME_BYTES = 256;
  private static final int LOG_BYTES = 8192;

  private static final class OwnContext extends CUcontext implements Context {}

  private static final class OwnStream extends CUstream implements Stream {
    long handle() {
      return getNativePointer();
    }
  }

  private static final class OwnEvent extends CUevent implements Event {}

  private static final class OwnModule extends CUmodule implements Module {}

  private static final class OwnFunction extends CUfunction implements Function {}

  private record OwnArguments(Pointer table) implements Arguments {}

  private record OwnMemory(Pointer pointer, MemorySegment segment) implements HostMemory {}

  JCudaCalls() {
    JCudaDriver.setExceptionsEnabled(false);
    check(JCudaDriver.cuInit(0), "cuInit");
  }

  @Override
  public String name() {
    return "JCuda";
  }

  @Override
  public DeviceFacts facts(int ordinal) {
    CUdevice device = device(ordinal);
    byte[] name = new byte[NAME_BYTES];
    check(JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
    long[] total = new long[1];
    check(JCudaDriver.cuDeviceTotalMem(total, device), "cuDeviceTotalMem");
    return new DeviceFacts(ordinal, text(name),
        attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
        attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK),
        attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR), total[0]);
  }

  @Override
  public Context retainContext(int ordinal) {
    OwnContext context = new OwnContext();
    check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device(ordinal)), "cuDevicePrimaryCtxRetain");
    return context;
  }

  @Override
  public void releaseContext(int ordinal) {
    check(JCudaDriver.cuDevicePrimaryCtxRelease(device(ordinal)), "cuDevicePrimaryCtxRelease");
  }

  @Override
  public void setCurrent(Context context) {
    check(JCudaDriver.cuCtxSetCurrent((OwnContext) context), "cuCtxSetCurrent");
  }

  @Override
  public Module loadModule(byte[] ptx) {
    OwnModule module = new OwnModule();
    JITOptions options = new JITOptions();
    options.putInt(CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_BYTES);
    options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, new byte[LOG_BYTES]);
    Pointer text = Pointer.to(Arrays.copyOf(ptx, ptx.length + 1));
    int result = JCudaDriver.cuModuleLoadDataJIT(module, text, options);
    if (result != CUresult.CUDA_SUCCESS) {
      String log = text(options.getBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER)).strip();
      throw failure(result, "cuModuleLoadData of " + ptx.length + " bytes of PTX"
          + (log.isEmpty() ? "" : " (" + log + ")"));
    }
    return module;
  }

  @Override
  public void unload(Module module) {
    check(JCudaDriver.cuModuleUnload((OwnModule) module), "cuModuleUnload");
  }

  @Override
  public Function function(Module module, String name) {
    OwnFunction function = new OwnFunction();
    check(JCudaDriver.cuModuleGetFunction(function, (OwnModule) module, name), "cuModuleGetFunction of " + name);
    return function;
  }

  @Override
  public Stream createStream() {
    OwnStream stream = new OwnStream();
    check(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
    return stream;
  }

  @Override
  public void synchronize(Stream stream) {
    check(JCudaDriver.cuStreamSynchronize((OwnStream) stream), "cuStreamSynchronize");
  }

  @Override
  public void destroy(Stream stream) {
    check(JCudaDriver.cuStreamDestroy((OwnStream) stream), "cuStreamDestroy");
  }

  @Override
  public Event createEvent() {
    OwnEvent event = new OwnEvent();
    check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING), "cuEventCreate");
    return event;
  }

  @Override
  public void record(Event event, Stream stream) {
    check(JCudaDriver.cuEventRecord((OwnEvent) event, (OwnStream) stream), "cuEventRecord");
  }

  @Override
  public void synchronize(Event event) {
    check(JCudaDriver.cuEventSynchronize((OwnEvent) event), "cuEventSynchronize");
  }

  @Override
  public void destroy(Event event) {
    check(JCudaDriver.cuEventDestroy((OwnEvent) event), "cuEventDestroy");
  }

  @Override
  public long allocate(long bytes) {
    DeviceAddress address = new DeviceAddress();
    check(JCudaDriver.cuMemAlloc(address, bytes), "cuMemAlloc of " + bytes + " bytes");
    return address.get();
  }

  @Override
  public void free(long address) {
    check(JCudaDriver.cuMemFree(new DeviceAddress().set(address)), "cuMemFree");
  }

  @Override
  public MemoryState memory() {
    long[] free = new long[1];
    long[] total = new long[1];
    check(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo");
    return new MemoryState(free[0], total[0]);
  }

  @Override
  public HostMemory allocateHost(long bytes) {
    Pointer pointer = new Pointer();
    check(JCudaDriver.cuMemHostAlloc(pointer, bytes, 0), "cuMemHostAlloc of " + bytes + " bytes");
    return new OwnMemory(pointer, MemorySegment.ofBuffer(pointer.getByteBuffer(0, bytes)));
  }

  @Override
  public void free(HostMemory memory) {
    check(JCudaDriver.cuMemFreeHost(((OwnMemory) memory).pointer), "cuMemFreeHost");
  }

  @Override
  public void copyToDevice(HostMemory source, long target, long bytes, Stream stream) {
    check(JCudaDriver.cuMemcpyHtoDAsync(new DeviceAddress().set(target), ((OwnMemory) source).pointer, bytes,
        (OwnStream) stream), "cuMemcpyHtoDAsync of " + bytes + " bytes");
  }

  @Override
  public void copyToHost(long source, HostMemory target, long bytes, Stream stream) {
    check(JCudaDriver.cuMemcpyDtoHAsync(((OwnMemory) target).pointer, new DeviceAddress().set(source), bytes,
        (OwnStream) stream), "cuMemcpyDtoHAsync of " + bytes + " bytes");
  }

  @Override
  public Arguments arguments(MemorySegment table) {
    return new OwnArguments(Pointer.to(table.asByteBuffer()));
  }

  @Override
  public void launch(Function function, int gridX, int gridY, int gridZ, int blockX, int blockY, int sharedBytes,
      Stream stream, Arguments arguments) {
    int result = JCudaDriver.cuLaunchKernel((OwnFunction) function, gridX, gridY, gridZ, blockX, blockY, 1, sharedBytes,
        (OwnStream) stream, ((OwnArguments) arguments).table, null);
    if (result != CUresult.CUDA_SUCCESS) {
      throw failure(result, "cuLaunchKernel");
    }
  }

  @Override
  public Blas blas(Stream stream, boolean allowTf32) {
    Libraries.Cublas cublas = Libraries.cublas()
        .orElseThrow(() -> new IllegalStateException("cuda: cuBLAS is missing, wanted one of "
            + Libraries.cublasNames()));
    if (cublas.major() != JCUDA_CUBLAS || Boolean.getBoolean(FOREIGN_BLAS_PROPERTY)) {
      return new ForeignBlas(cublas.symbols(), ((OwnStream) stream).handle(), allowTf32);
    }
    JCudaNatives.loadBlas();
    return new JCudaBlas((OwnStream) stream, allowTf32);
  }

  private static CUdevice device(int ordinal) {
    CUdevice device = new CUdevice();
    check(JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet of " + ordinal);
    return device;
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    check(JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute of " + attribute);
    return value[0];
  }

  /** A text as C has it, up to the first zero. */
  private static String text(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private static void check(int result, String call) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw failure(result, call);
    }
  }

  private static CudaException failure(int result, String call) {
    String message = call + ": " + CUresult.stringFor(result);
    return result == OUT_OF_MEMORY ? new CudaOutOfMemoryException(message) : new CudaException(message, result);
  }
}
