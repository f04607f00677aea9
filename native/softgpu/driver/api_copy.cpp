// Copies and fills. Those that the driver may do late go into a stream and are checked again as they run; those that
// touch pageable host memory take or give its bytes inside the call.
#include <cstring>

#include "state.h"

using namespace softgpu::driver;

namespace {

/** Rows of bytes somewhere: on a device, or on the host where `device` is null. */
struct Rows {
  uintptr_t address;
  size_t pitch;
  Device* device = nullptr;

  char* row(size_t index) const { return reinterpret_cast<char*>(address + index * pitch); }
  static size_t extent(size_t pitch, size_t width, size_t height) { return pitch * (height - 1) + width; }
};

Rows onDevice(CUdeviceptr address, size_t pitch, size_t width, size_t height) {
  Device* device = Driver::instance().holder(address, Rows::extent(pitch, width, height));
  require(device != nullptr);
  return {address, pitch, device};
}

Rows onHost(const void* address, size_t pitch) {
  require(address != nullptr);
  return {reinterpret_cast<uintptr_t>(address), pitch};
}

/** Wherever an address of the one address space points. */
Rows anywhere(CUdeviceptr address, size_t pitch, size_t width, size_t height) {
  if (Device* device = Driver::instance().holder(address, 1)) {
    require(device->memory.holds(address, Rows::extent(pitch, width, height)));
    return {address, pitch, device};
  }
  return onHost(reinterpret_cast<void*>(address), pitch);
}

bool pinned(const Rows& rows, size_t width, size_t height) {
  return Driver::instance().host(rows.row(0), Rows::extent(rows.pitch, width, height)) != nullptr;
}

void checkStillThere(const Rows& rows, size_t width, size_t height) {
  size_t bytes = Rows::extent(rows.pitch, width, height);
  require(rows.device == nullptr || rows.device->memory.holds(rows.address, bytes), CUDA_ERROR_ILLEGAL_ADDRESS);
}

/** In checking mode what was never written stays so in a copy. */
void noteWritten(const Rows& target, const Rows& source, size_t row, size_t width) {
  if (target.device == nullptr) {
    return;
  }
  softgpu::DeviceMemory& memory = target.device->memory;
  uintptr_t at = target.address + row * target.pitch;
  if (source.device == nullptr || memory.states() == nullptr) {
    memory.hostWrote(at, width);
    return;
  }
  softgpu::DeviceMemory& other = source.device->memory;
  uintptr_t from = source.address + row * source.pitch;
  std::memmove(memory.states() + (at - memory.regionBase()), other.states() + (from - other.regionBase()), width);
}

void move(const Rows& target, const Rows& source, size_t width, size_t height) {
  checkStillThere(target, width, height);
  checkStillThere(source, width, height);
  for (size_t row = 0; row < height; row++) {
    std::memmove(target.row(row), source.row(row), width);
    noteWritten(target, source, row, width);
  }
}

/** Puts a copy into a stream. `wait`: the call returns with the copy done, unless no host memory takes part. */
void copy(Stream& stream, const Rows& target, const Rows& source, size_t width, size_t height, bool wait) {
  bool fromPageable = source.device == nullptr && !pinned(source, width, height);
  bool toPageable = target.device == nullptr && !pinned(target, width, height);
  if (fromPageable && !wait && !toPageable) {
    auto staged = std::make_shared<std::vector<char>>(width * height);
    Rows staging{reinterpret_cast<uintptr_t>(staged->data()), width};
    move(staging, source, width, height);
    stream.issue([=] { move(target, Rows{reinterpret_cast<uintptr_t>(staged->data()), width}, width, height); });
    return;
  }
  stream.issue([=] { move(target, source, width, height); });
  bool onDevices = source.device != nullptr && target.device != nullptr;
  if (toPageable || (wait && !onDevices)) {
    stream.synchronize();
  }
}

enum class Kind { ToDevice, ToHost, OnDevice, Any };

CUresult copyLine(const char* name, Kind kind, uintptr_t target, uintptr_t source, size_t bytes, CUstream stream,
    bool wait) {
  return inContext(name, [&](Context& context) {
    auto in = context.stream(stream);
    if (bytes == 0) {
      return;
    }
    auto rows = [&](uintptr_t address, bool device, bool host) {
      return device ? onDevice(address, bytes, bytes, 1)
             : host ? onHost(reinterpret_cast<void*>(address), bytes)
                    : anywhere(address, bytes, bytes, 1);
    };
    Rows to = rows(target, kind == Kind::ToDevice || kind == Kind::OnDevice, kind == Kind::ToHost);
    Rows from = rows(source, kind == Kind::ToHost || kind == Kind::OnDevice, kind == Kind::ToDevice);
    copy(*in, to, from, bytes, 1, wait);
  });
}

Rows side(CUmemorytype type, const void* host, CUdeviceptr device, size_t x, size_t y, size_t pitch, size_t width,
          size_t height) {
  require(type != CU_MEMORYTYPE_ARRAY, CUDA_ERROR_NOT_SUPPORTED);
  size_t used = pitch == 0 ? width : pitch;
  require(used >= x + width);
  size_t offset = y * used + x;
  switch (type) {
    case CU_MEMORYTYPE_HOST: return onHost(static_cast<const char*>(host) + offset, used);
    case CU_MEMORYTYPE_DEVICE: return onDevice(device + offset, used, width, height);
    case CU_MEMORYTYPE_UNIFIED: return anywhere(device + offset, used, width, height);
    default: fail(CUDA_ERROR_INVALID_VALUE);
  }
}

CUresult copyRows(const char* name, const CUDA_MEMCPY2D* plan, CUstream stream, bool wait) {
  return inContext(name, [&](Context& context) {
    require(plan != nullptr);
    auto in = context.stream(stream);
    size_t width = plan->WidthInBytes, height = plan->Height;
    if (width == 0 || height == 0) {
      return;
    }
    Rows to = side(plan->dstMemoryType, plan->dstHost, plan->dstDevice, plan->dstXInBytes, plan->dstY, plan->dstPitch,
        width, height);
    Rows from = side(plan->srcMemoryType, plan->srcHost, plan->srcDevice, plan->srcXInBytes, plan->srcY, plan->srcPitch,
                     width, height);
    copy(*in, to, from, width, height, wait);
  });
}

/** Between the memories of two contexts: after all work of both, before all later work. */
CUresult copyPeer(const char* name, CUdeviceptr target, CUcontext targetContext, CUdeviceptr source,
    CUcontext sourceContext, size_t bytes, CUstream stream, bool wait) {
  return inContext(name, [&](Context& context) {
    Driver& driver = Driver::instance();
    auto to = driver.contexts.get(targetContext);
    auto from = driver.contexts.get(sourceContext);
    auto in = context.stream(stream);
    if (bytes == 0) {
      return;
    }
    Rows targetRows = onDevice(target, bytes, bytes, 1);
    Rows sourceRows = onDevice(source, bytes, bytes, 1);
    require(targetRows.device == &to->device && sourceRows.device == &from->device);
    if (wait) {
      from->synchronize();
      to->synchronize();
    }
    copy(*in, targetRows, sourceRows, bytes, 1, wait);
    if (wait) {
      context.synchronize();
    }
  });
}

template <typename Element>
CUresult fill(const char* name, CUdeviceptr address, size_t pitch, Element value, size_t count, size_t height,
              CUstream stream) {
  return inContext(name, [&](Context& context) {
    auto in = context.stream(stream);
    if (count == 0 || height == 0) {
      return;
    }
    size_t width = count * sizeof(Element);
    size_t step = height == 1 ? width : pitch;
    require(address % sizeof(Element) == 0 && step % sizeof(Element) == 0 && step >= width);
    Rows rows = onDevice(address, step, width, height);
    in->issue([=] {
      checkStillThere(rows, width, height);
      for (size_t row = 0; row < height; row++) {
        auto* elements = reinterpret_cast<Element*>(rows.row(row));
        std::fill(elements, elements + count, value);
        rows.device->memory.hostWrote(rows.address + row * rows.pitch, width);
      }
    });
  });
}

uintptr_t number(const void* address) { return reinterpret_cast<uintptr_t>(address); }

}  // namespace

extern "C" {

CUresult cuMemcpyHtoD_v2(CUdeviceptr target, const void* source, size_t bytes) {
  return copyLine("cuMemcpyHtoD_v2", Kind::ToDevice, target, number(source), bytes, nullptr, true);
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr target, const void* source, size_t bytes, CUstream stream) {
  return copyLine("cuMemcpyHtoDAsync_v2", Kind::ToDevice, target, number(source), bytes, stream, false);
}

CUresult cuMemcpyDtoH_v2(void* target, CUdeviceptr source, size_t bytes) {
  return copyLine("cuMemcpyDtoH_v2", Kind::ToHost, number(target), source, bytes, nullptr, true);
}

CUresult cuMemcpyDtoHAsync_v2(void* target, CUdeviceptr source, size_t bytes, CUstream stream) {
  return copyLine("cuMemcpyDtoHAsync_v2", Kind::ToHost, number(target), source, bytes, stream, false);
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr target, CUdeviceptr source, size_t bytes) {
  return copyLine("cuMemcpyDtoD_v2", Kind::OnDevice, target, source, bytes, nullptr, true);
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr target, CUdeviceptr source, size_t bytes, CUstream stream) {
  return copyLine("cuMemcpyDtoDAsync_v2", Kind::OnDevice, target, source, bytes, stream, false);
}

CUresult cuMemcpy(CUdeviceptr target, CUdeviceptr source, size_t bytes) {
  return copyLine("cuMemcpy", Kind::Any, target, source, bytes, nullptr, true);
}

CUresult cuMemcpyAsync(CUdeviceptr target, CUdeviceptr source, size_t bytes, CUstream stream) {
  return copyLine("cuMemcpyAsync", Kind::Any, target, source, bytes, stream, false);
}

CUresult cuMemcpyPeer(CUdeviceptr target, CUcontext to, CUdeviceptr source, CUcontext from, size_t bytes) {
  return copyPeer("cuMemcpyPeer", target, to, source, from, bytes, nullptr, true);
}

CUresult cuMemcpyPeerAsync(CUdeviceptr target, CUcontext to, CUdeviceptr source, CUcontext from, size_t bytes,
                           CUstream stream) {
  return copyPeer("cuMemcpyPeerAsync", target, to, source, from, bytes, stream, false);
}

CUresult cuMemcpy2D_v2(const CUDA_MEMCPY2D* plan) { return copyRows("cuMemcpy2D_v2", plan, nullptr, true); }

CUresult cuMemcpy2DUnaligned_v2(const CUDA_MEMCPY2D* plan) {
  return copyRows("cuMemcpy2DUnaligned_v2", plan, nullptr, true);
}

CUresult cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D* plan, CUstream stream) {
  return copyRows("cuMemcpy2DAsync_v2", plan, stream, false);
}

CUresult cuMemsetD8_v2(CUdeviceptr target, unsigned char value, size_t count) {
  return fill("cuMemsetD8_v2", target, 0, value, count, 1, nullptr);
}

CUresult cuMemsetD16_v2(CUdeviceptr target, unsigned short value, size_t count) {
  return fill("cuMemsetD16_v2", target, 0, value, count, 1, nullptr);
}

CUresult cuMemsetD32_v2(CUdeviceptr target, unsigned value, size_t count) {
  return fill("cuMemsetD32_v2", target, 0, value, count, 1, nullptr);
}

CUresult cuMemsetD8Async(CUdeviceptr target, unsigned char value, size_t count, CUstream stream) {
  return fill("cuMemsetD8Async", target, 0, value, count, 1, stream);
}

CUresult cuMemsetD16Async(CUdeviceptr target, unsigned short value, size_t count, CUstream stream) {
  return fill("cuMemsetD16Async", target, 0, value, count, 1, stream);
}

CUresult cuMemsetD32Async(CUdeviceptr target, unsigned value, size_t count, CUstream stream) {
  return fill("cuMemsetD32Async", target, 0, value, count, 1, stream);
}

CUresult cuMemsetD2D8_v2(CUdeviceptr target, size_t pitch, unsigned char value, size_t width, size_t height) {
  return fill("cuMemsetD2D8_v2", target, pitch, value, width, height, nullptr);
}

CUresult cuMemsetD2D16_v2(CUdeviceptr target, size_t pitch, unsigned short value, size_t width, size_t height) {
  return fill("cuMemsetD2D16_v2", target, pitch, value, width, height, nullptr);
}

CUresult cuMemsetD2D32_v2(CUdeviceptr target, size_t pitch, unsigned value, size_t width, size_t height) {
  return fill("cuMemsetD2D32_v2", target, pitch, value, width, height, nullptr);
}

CUresult cuMemsetD2D8Async(CUdeviceptr target, size_t pitch, unsigned char value, size_t width, size_t height,
                           CUstream stream) {
  return fill("cuMemsetD2D8Async", target, pitch, value, width, height, stream);
}

CUresult cuMemsetD2D16Async(CUdeviceptr target, size_t pitch, unsigned short value, size_t width, size_t height,
                            CUstream stream) {
  return fill("cuMemsetD2D16Async", target, pitch, value, width, height, stream);
}

CUresult cuMemsetD2D32Async(CUdeviceptr target, size_t pitch, unsigned value, size_t width, size_t height,
                            CUstream stream) {
  return fill("cuMemsetD2D32Async", target, pitch, value, width, height, stream);
}

}  // extern "C"
