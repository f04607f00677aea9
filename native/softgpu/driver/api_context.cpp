// Contexts: primary ones, own ones, and the stack of each thread.
#include <algorithm>

#include "state.h"

using namespace softgpu::driver;

namespace {

std::shared_ptr<Context> newContext(Device& device, unsigned flags) {
  Driver& driver = Driver::instance();
  auto context = std::make_shared<Context>(device, ++driver.lastId, flags);
  context->limits = {
      {CU_LIMIT_STACK_SIZE, 1024}, {CU_LIMIT_PRINTF_FIFO_SIZE, 1 << 20}, {CU_LIMIT_MALLOC_HEAP_SIZE, 8 << 20}};
  context->nullStream = std::make_shared<Stream>(*context, ++driver.lastId, CU_STREAM_DEFAULT, 0);
  context->handle = driver.contexts.add(context);
  return context;
}

bool flagsValid(unsigned flags) {
  unsigned schedule = flags & CU_CTX_SCHED_MASK;
  return (flags & ~CU_CTX_FLAGS_MASK) == 0 && (schedule & (schedule - 1)) == 0;
}

void endPrimary(Device& device) {
  if (device.primary != nullptr) {
    device.primary->destroy();
    device.primary = nullptr;
  }
  device.retained = 0;
}

CUresult releasePrimary(const char* name, CUdevice ordinal) {
  return initialised(name, [&](Driver& driver) {
    Device& device = driver.device(ordinal);
    require(device.retained > 0, CUDA_ERROR_INVALID_CONTEXT);
    if (--device.retained == 0) {
      endPrimary(device);
    }
  });
}

CUresult resetPrimary(const char* name, CUdevice ordinal) {
  return initialised(name, [&](Driver& driver) { endPrimary(driver.device(ordinal)); });
}

CUresult primaryFlags(const char* name, CUdevice ordinal, unsigned flags) {
  return initialised(name, [&](Driver& driver) {
    require(flagsValid(flags));
    Device& device = driver.device(ordinal);
    device.primaryFlags = flags;
    if (device.primary != nullptr) {
      device.primary->flags = flags;
    }
  });
}

}  // namespace

extern "C" {

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice ordinal) {
  return initialised("cuDevicePrimaryCtxRetain", [&](Driver& driver) {
    require(context != nullptr);
    Device& device = driver.device(ordinal);
    if (device.primary == nullptr) {
      device.primary = newContext(device, device.primaryFlags);
    }
    ++device.retained;
    *context = device.primary->handle;
  });
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return releasePrimary("cuDevicePrimaryCtxRelease_v2", device);
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice device) { return resetPrimary("cuDevicePrimaryCtxReset_v2", device); }

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned flags) {
  return primaryFlags("cuDevicePrimaryCtxSetFlags_v2", device, flags);
}

CUresult cuDevicePrimaryCtxGetState(CUdevice ordinal, unsigned* flags, int* active) {
  return initialised("cuDevicePrimaryCtxGetState", [&](Driver& driver) {
    require(flags != nullptr && active != nullptr);
    const Device& device = driver.device(ordinal);
    *flags = device.primaryFlags;
    *active = device.primary != nullptr;
  });
}

CUresult cuCtxCreate_v2(CUcontext* context, unsigned flags, CUdevice device) {
  return initialised("cuCtxCreate_v2", [&](Driver& driver) {
    require(context != nullptr && flagsValid(flags));
    auto created = newContext(driver.device(device), flags);
    contextStack().push_back(created);
    *context = created->handle;
  });
}

CUresult cuCtxDestroy_v2(CUcontext handle) {
  return initialised("cuCtxDestroy_v2", [&](Driver& driver) {
    auto context = driver.contexts.get(handle);
    require(context->device.primary != context, CUDA_ERROR_INVALID_CONTEXT);
    context->destroy();
    if (!contextStack().empty() && contextStack().back() == context) {
      contextStack().pop_back();
    }
  });
}

CUresult cuCtxPushCurrent_v2(CUcontext handle) {
  return initialised("cuCtxPushCurrent_v2", [&](Driver& driver) {
    contextStack().push_back(driver.contexts.get(handle));
  });
}

CUresult cuCtxPopCurrent_v2(CUcontext* handle) {
  return initialised("cuCtxPopCurrent_v2", [&](Driver&) {
    auto& stack = contextStack();
    require(!stack.empty(), CUDA_ERROR_INVALID_CONTEXT);
    if (handle != nullptr) {
      *handle = stack.back()->handle;
    }
    stack.pop_back();
  });
}

CUresult cuCtxSetCurrent(CUcontext handle) {
  return initialised("cuCtxSetCurrent", [&](Driver& driver) {
    auto context = handle == nullptr ? nullptr : driver.contexts.get(handle);
    auto& stack = contextStack();
    if (!stack.empty()) {
      stack.pop_back();
    }
    if (context != nullptr) {
      stack.push_back(context);
    }
  });
}

CUresult cuCtxGetCurrent(CUcontext* handle) {
  return initialised("cuCtxGetCurrent", [&](Driver&) {
    require(handle != nullptr);
    *handle = contextStack().empty() ? nullptr : contextStack().back()->handle;
  });
}

CUresult cuCtxGetDevice(CUdevice* device) {
  return initialised("cuCtxGetDevice", [&](Driver&) {
    require(device != nullptr);
    *device = currentContext().device.ordinal;
  });
}

CUresult cuCtxGetFlags(unsigned* flags) {
  return initialised("cuCtxGetFlags", [&](Driver&) {
    require(flags != nullptr);
    *flags = currentContext().flags;
  });
}

CUresult cuCtxGetId(CUcontext handle, unsigned long long* id) {
  return initialised("cuCtxGetId", [&](Driver& driver) {
    require(id != nullptr);
    *id = handle == nullptr ? currentContext().id : driver.contexts.get(handle)->id;
  });
}

CUresult cuCtxGetApiVersion(CUcontext handle, unsigned* version) {
  return initialised("cuCtxGetApiVersion", [&](Driver& driver) {
    require(version != nullptr);
    if (handle != nullptr) {
      driver.contexts.get(handle);
    } else {
      currentContext();
    }
    *version = 3020;
  });
}

CUresult cuCtxSynchronize() {
  return inContext("cuCtxSynchronize", [](Context& context) { context.synchronize(); });
}

CUresult cuCtxSetLimit(CUlimit limit, size_t value) {
  return inContext("cuCtxSetLimit", [&](Context& context) {
    require(limit >= 0 && limit < CU_LIMIT_MAX);
    require(context.limits.count(limit) != 0, CUDA_ERROR_UNSUPPORTED_LIMIT);
    context.limits[limit] = value;
  });
}

CUresult cuCtxGetLimit(size_t* value, CUlimit limit) {
  return inContext("cuCtxGetLimit", [&](Context& context) {
    require(value != nullptr && limit >= 0 && limit < CU_LIMIT_MAX);
    require(context.limits.count(limit) != 0, CUDA_ERROR_UNSUPPORTED_LIMIT);
    *value = context.limits[limit];
  });
}

CUresult cuCtxGetCacheConfig(CUfunc_cache* config) {
  return inContext("cuCtxGetCacheConfig", [&](Context&) {
    require(config != nullptr);
    *config = CU_FUNC_CACHE_PREFER_NONE;
  });
}

CUresult cuCtxSetCacheConfig(CUfunc_cache config) {
  return inContext("cuCtxSetCacheConfig", [&](Context&) {
    require(config >= 0 && config <= CU_FUNC_CACHE_PREFER_EQUAL);
  });
}

CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return inContext("cuCtxGetStreamPriorityRange", [&](Context&) {
    if (least != nullptr) {
      *least = 0;
    }
    if (greatest != nullptr) {
      *greatest = -5;
    }
  });
}

CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned flags) {
  return inContext("cuCtxEnablePeerAccess", [&](Context& context) {
    require(flags == 0);
    require(Driver::instance().contexts.get(peer).get() != &context, CUDA_ERROR_INVALID_DEVICE);
    fail(CUDA_ERROR_PEER_ACCESS_UNSUPPORTED);
  });
}

CUresult cuCtxDisablePeerAccess(CUcontext peer) {
  return inContext("cuCtxDisablePeerAccess", [&](Context&) {
    Driver::instance().contexts.get(peer);
    fail(CUDA_ERROR_PEER_ACCESS_NOT_ENABLED);
  });
}

}  // extern "C"
