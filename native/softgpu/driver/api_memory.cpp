// Allocation of device memory and of page-locked host memory, stream-ordered allocation and its pools, and what
// pointers are.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "state.h"

using namespace softgpu::driver;

namespace {

constexpr size_t PAGE = 4096;
constexpr size_t PITCH = 512;

/** Device memory; work that waits is done first where that frees what is missing. */
CUdeviceptr allocate(Context& context, const std::shared_ptr<Pool>& pool, Stream* stream, size_t bytes) {
  Device& device = pool == nullptr ? context.device : pool->device;
  if (stream != nullptr && !device.fits(bytes)) {
    complete({stream->tail()});
  }
  if (!device.fits(bytes)) {
    context.synchronize();
  }
  return device.allocate(context.shared_from_this(), pool, bytes);
}

CUresult allocateFromPool(const char* name, CUdeviceptr* address, size_t bytes, CUmemoryPool pool, CUstream stream) {
  return inContext(name, [&](Context& context) {
    require(address != nullptr && bytes > 0);
    auto from = pool == nullptr ? context.device.pool : Driver::instance().pools.get(pool);
    auto in = context.stream(stream);
    *address = allocate(context, from, in.get(), bytes);
    in->issue([] {});
  });
}

void hostAllocate(Context& context, void** address, size_t bytes, unsigned flags) {
  require(address != nullptr && bytes > 0);
  void* memory = std::aligned_alloc(PAGE, (bytes + PAGE - 1) / PAGE * PAGE);
  require(memory != nullptr, CUDA_ERROR_OUT_OF_MEMORY);
  std::memset(memory, 0xff, bytes);
  Driver::instance().hosts[reinterpret_cast<uintptr_t>(memory)] = {context.shared_from_this(), bytes, flags, false};
  *address = memory;
}

std::map<uintptr_t, HostRange>::iterator hostBase(void* address, bool registered, CUresult missing) {
  auto& hosts = Driver::instance().hosts;
  auto entry = hosts.find(reinterpret_cast<uintptr_t>(address));
  require(entry != hosts.end() && entry->second.registered == registered, missing);
  return entry;
}

}  // namespace

extern "C" {

CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  return inContext("cuMemAlloc_v2", [&](Context& context) {
    require(address != nullptr && bytes > 0);
    *address = allocate(context, nullptr, nullptr, bytes);
  });
}

CUresult cuMemAllocPitch_v2(CUdeviceptr* address, size_t* pitch, size_t width, size_t height, unsigned elementBytes) {
  return inContext("cuMemAllocPitch_v2", [&](Context& context) {
    require(address != nullptr && pitch != nullptr && width > 0 && height > 0);
    require(elementBytes == 4 || elementBytes == 8 || elementBytes == 16);
    size_t rounded = (width + PITCH - 1) / PITCH * PITCH;
    *address = allocate(context, nullptr, nullptr, rounded * height);
    *pitch = rounded;
  });
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  return inContext("cuMemFree_v2", [&](Context& context) {
    if (address == 0) {
      return;
    }
    Device* device = Driver::instance().holder(address, 1);
    require(device != nullptr);
    auto entry = device->allocations.find(address);
    require(entry != device->allocations.end() && !entry->second.freeing);
    auto owner = entry->second.context;
    context.synchronize();
    if (owner->alive) {
      owner->synchronize();
    }
    device->release(address);
  });
}

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  return inContext("cuMemGetInfo_v2", [&](Context& context) {
    require(free != nullptr && total != nullptr);
    size_t held = context.device.memory.used() + context.device.spare();
    *total = context.device.memory.limit();
    *free = *total - std::min(*total, held);
  });
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, size_t* bytes, CUdeviceptr address) {
  return inContext("cuMemGetAddressRange_v2", [&](Context&) {
    Device* device = Driver::instance().holder(address, 1);
    require(device != nullptr, CUDA_ERROR_NOT_FOUND);
    auto range = *device->memory.find(address);
    if (base != nullptr) {
      *base = range.base;
    }
    if (bytes != nullptr) {
      *bytes = range.bytes;
    }
  });
}

CUresult cuMemAllocHost_v2(void** address, size_t bytes) {
  return inContext("cuMemAllocHost_v2", [&](Context& context) { hostAllocate(context, address, bytes, 0); });
}

CUresult cuMemHostAlloc(void** address, size_t bytes, unsigned flags) {
  return inContext("cuMemHostAlloc", [&](Context& context) {
    require(flags <= 7);
    hostAllocate(context, address, bytes, flags);
  });
}

CUresult cuMemFreeHost(void* address) {
  return inContext("cuMemFreeHost", [&](Context& context) {
    auto entry = hostBase(address, false, CUDA_ERROR_INVALID_VALUE);
    context.synchronize();
    std::free(address);
    Driver::instance().hosts.erase(entry);
  });
}

CUresult cuMemHostRegister_v2(void* address, size_t bytes, unsigned flags) {
  return inContext("cuMemHostRegister_v2", [&](Context& context) {
    require(address != nullptr && bytes > 0 && flags <= 15);
    Driver& driver = Driver::instance();
    auto start = reinterpret_cast<uintptr_t>(address);
    auto next = driver.hosts.upper_bound(start);
    bool taken = next != driver.hosts.end() && next->first < start + bytes;
    require(!taken && driver.host(address, 1) == nullptr, CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
    driver.hosts[start] = {context.shared_from_this(), bytes, flags, true};
  });
}

CUresult cuMemHostUnregister(void* address) {
  return inContext("cuMemHostUnregister", [&](Context& context) {
    auto entry = hostBase(address, true, CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
    context.synchronize();
    Driver::instance().hosts.erase(entry);
  });
}

CUresult cuMemHostGetFlags(unsigned* flags, void* address) {
  return inContext("cuMemHostGetFlags", [&](Context&) {
    HostRange* range = Driver::instance().host(address, 1);
    require(flags != nullptr && range != nullptr);
    *flags = range->flags;
  });
}

CUresult cuMemAllocAsync(CUdeviceptr* address, size_t bytes, CUstream stream) {
  return allocateFromPool("cuMemAllocAsync", address, bytes, nullptr, stream);
}

CUresult cuMemAllocFromPoolAsync(CUdeviceptr* address, size_t bytes, CUmemoryPool pool, CUstream stream) {
  return allocateFromPool("cuMemAllocFromPoolAsync", address, bytes, pool, stream);
}

CUresult cuMemFreeAsync(CUdeviceptr address, CUstream stream) {
  return inContext("cuMemFreeAsync", [&](Context& context) {
    if (address == 0) {
      return;
    }
    Device* device = Driver::instance().holder(address, 1);
    require(device != nullptr);
    auto entry = device->allocations.find(address);
    require(entry != device->allocations.end() && !entry->second.freeing);
    entry->second.freeing = true;
    context.stream(stream)->issue([device, address] { device->release(address); });
  });
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool* pool, CUdevice device) {
  return initialised("cuDeviceGetDefaultMemPool", [&](Driver& driver) {
    require(pool != nullptr);
    *pool = driver.device(device).pools.front()->handle;
  });
}

CUresult cuDeviceGetMemPool(CUmemoryPool* pool, CUdevice device) {
  return initialised("cuDeviceGetMemPool", [&](Driver& driver) {
    require(pool != nullptr);
    *pool = driver.device(device).pool->handle;
  });
}

CUresult cuDeviceSetMemPool(CUdevice device, CUmemoryPool pool) {
  return initialised("cuDeviceSetMemPool", [&](Driver& driver) {
    auto chosen = driver.pools.get(pool);
    require(&chosen->device == &driver.device(device));
    driver.device(device).pool = chosen;
  });
}

CUresult cuMemPoolCreate(CUmemoryPool* pool, const CUmemPoolProps* properties) {
  return initialised("cuMemPoolCreate", [&](Driver& driver) {
    require(pool != nullptr && properties != nullptr);
    require(properties->allocType == CU_MEM_ALLOCATION_TYPE_PINNED &&
        properties->handleTypes == CU_MEM_HANDLE_TYPE_NONE);
    require(properties->location.type == CU_MEM_LOCATION_TYPE_DEVICE);
    Device& device = driver.device(properties->location.id);
    auto created = std::make_shared<Pool>(device);
    created->handle = *pool = driver.pools.add(created);
    device.pools.push_back(created);
  });
}

CUresult cuMemPoolDestroy(CUmemoryPool handle) {
  return initialised("cuMemPoolDestroy", [&](Driver& driver) {
    auto pool = driver.pools.get(handle);
    Device& device = pool->device;
    require(pool != device.pools.front());
    if (device.pool == pool) {
      device.pool = device.pools.front();
    }
    std::erase(device.pools, pool);
    driver.pools.remove(handle);
  });
}

CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t keep) {
  return initialised("cuMemPoolTrimTo", [&](Driver& driver) { driver.pools.get(pool)->trim(keep); });
}

CUresult cuMemPoolSetAttribute(CUmemoryPool handle, CUmemPool_attribute attribute, void* value) {
  return initialised("cuMemPoolSetAttribute", [&](Driver& driver) {
    require(value != nullptr);
    auto pool = driver.pools.get(handle);
    switch (attribute) {
      case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
        pool->reuse[attribute] = *static_cast<int*>(value);
        break;
      case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD:
        pool->threshold = *static_cast<cuuint64_t*>(value);
        break;
      case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
        require(*static_cast<cuuint64_t*>(value) == 0);
        pool->reservedHigh = pool->reserved;
        break;
      case CU_MEMPOOL_ATTR_USED_MEM_HIGH:
        require(*static_cast<cuuint64_t*>(value) == 0);
        pool->usedHigh = pool->used;
        break;
      default:
        fail(CUDA_ERROR_INVALID_VALUE);
    }
  });
}

CUresult cuMemPoolGetAttribute(CUmemoryPool handle, CUmemPool_attribute attribute, void* value) {
  return initialised("cuMemPoolGetAttribute", [&](Driver& driver) {
    require(value != nullptr);
    auto pool = driver.pools.get(handle);
    auto* number = static_cast<cuuint64_t*>(value);
    switch (attribute) {
      case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
        *static_cast<int*>(value) = pool->reuse.count(attribute) != 0 ? pool->reuse[attribute] : 1;
        break;
      case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD: *number = pool->threshold; break;
      case CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT: *number = pool->reserved; break;
      case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH: *number = pool->reservedHigh; break;
      case CU_MEMPOOL_ATTR_USED_MEM_CURRENT: *number = pool->used; break;
      case CU_MEMPOOL_ATTR_USED_MEM_HIGH: *number = pool->usedHigh; break;
      default: fail(CUDA_ERROR_INVALID_VALUE);
    }
  });
}

CUresult cuPointerGetAttribute(void* data, CUpointer_attribute attribute, CUdeviceptr address) {
  return inContext("cuPointerGetAttribute", [&](Context&) {
    require(data != nullptr);
    Driver& driver = Driver::instance();
    Device* device = driver.holder(address, 1);
    HostRange* host = driver.host(reinterpret_cast<void*>(address), 1);
    require(device != nullptr || host != nullptr);
    Allocation none;
    Allocation* allocated = &none;
    if (device != nullptr) {
      auto entry = device->allocations.find(device->memory.find(address)->base);
      allocated = entry == device->allocations.end() ? &none : &entry->second;
    }
    switch (attribute) {
      case CU_POINTER_ATTRIBUTE_CONTEXT: {
        const auto& context = host != nullptr ? host->context : allocated->context;
        *static_cast<CUcontext*>(data) = context == nullptr ? nullptr : context->handle;
        break;
      }
      case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
        *static_cast<unsigned*>(data) = device != nullptr ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST;
        break;
      case CU_POINTER_ATTRIBUTE_DEVICE_POINTER:
        require(device != nullptr);
        *static_cast<CUdeviceptr*>(data) = address;
        break;
      case CU_POINTER_ATTRIBUTE_HOST_POINTER:
        require(host != nullptr);
        *static_cast<void**>(data) = reinterpret_cast<void*>(address);
        break;
      case CU_POINTER_ATTRIBUTE_IS_MANAGED: *static_cast<unsigned*>(data) = 0; break;
      case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
        *static_cast<int*>(data) = device != nullptr ? device->ordinal : host->context->device.ordinal;
        break;
      case CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE:
        *static_cast<CUmemoryPool*>(data) = allocated->pool == nullptr ? nullptr : allocated->pool->handle;
        break;
      default: fail(CUDA_ERROR_INVALID_VALUE);
    }
  });
}

}  // extern "C"
