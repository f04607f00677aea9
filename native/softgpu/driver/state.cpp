// Devices and contexts: their making from the environment, their memory, and their end.
#include "state.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace softgpu::driver {

namespace {

// Larger allocations keep their first contents: touching their pages would cost too much.
constexpr size_t POISONED = 64 << 20;

const char* setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != 0 ? value : otherwise;
}

size_t bytesOf(const char* text) {
  char* end = nullptr;
  size_t number = std::strtoull(text, &end, 10);
  switch (*end) {
    case 'G': return number << 30;
    case 'M': return number << 20;
    case 'K': return number << 10;
    default: return number;
  }
}

}  // namespace

Driver::Driver() : version(std::atoi(setting("SOFTGPU_DRIVER", "12060"))) {
  if (std::atoi(setting("SOFTGPU_NODEVICE", "0")) != 0) {
    return;
  }
  const Model* model = Model::find(setting("SOFTGPU_MODEL", "sm_80"));
  if (model == nullptr) {
    return;  // as with a card that the driver does not know: no device
  }
  int count = std::atoi(setting("SOFTGPU_DEVICES", "1"));
  for (int ordinal = 0; ordinal < count; ordinal++) {
    devices.push_back(std::make_unique<Device>(ordinal, *model, bytesOf(setting("SOFTGPU_MEMORY", "4G"))));
    Device& device = *devices.back();
    device.pools.push_back(std::make_shared<Pool>(device));
    device.pool = device.pools.front();
    device.pool->handle = pools.add(device.pool);
  }
}

Driver& Driver::instance() {
  static auto* driver = new Driver;
  return *driver;
}

Device& Driver::device(CUdevice ordinal) {
  require(ordinal >= 0 && ordinal < static_cast<int>(devices.size()), CUDA_ERROR_INVALID_DEVICE);
  return *devices[ordinal];
}

Device* Driver::holder(CUdeviceptr address, size_t bytes) {
  for (const auto& device : devices) {
    if (device->memory.holds(address, bytes)) {
      return device.get();
    }
  }
  return nullptr;
}

HostRange* Driver::host(const void* address, size_t bytes) {
  auto start = reinterpret_cast<uintptr_t>(address);
  auto next = hosts.upper_bound(start);
  if (next == hosts.begin()) {
    return nullptr;
  }
  auto& [base, range] = *std::prev(next);
  return start + bytes <= base + range.bytes ? &range : nullptr;
}

Device::Device(int ordinal, const Model& model, size_t limit)
    : ordinal(ordinal), model(model), memory(limit, Options::fromEnvironment().check) {}

uint64_t Device::spare() const {
  uint64_t bytes = 0;
  for (const auto& each : pools) {
    bytes += each->reserved - each->used;
  }
  return bytes;
}

CUdeviceptr Device::allocate(const std::shared_ptr<Context>& context, const std::shared_ptr<Pool>& owner,
    size_t bytes) {
  CUdeviceptr address = memory.allocate(bytes);
  require(address != 0, CUDA_ERROR_OUT_OF_MEMORY);
  std::memset(reinterpret_cast<void*>(address), 0xff, std::min(bytes, POISONED));
  allocations[address] = {context, owner, bytes, false};
  if (owner != nullptr) {
    owner->taken(bytes);
  }
  return address;
}

void Device::release(CUdeviceptr address) {
  auto entry = allocations.find(address);
  if (entry == allocations.end()) {
    return;
  }
  if (entry->second.pool != nullptr) {
    entry->second.pool->used -= entry->second.bytes;
  }
  memory.free(address);
  allocations.erase(entry);
}

void Pool::taken(uint64_t bytes) {
  used += bytes;
  usedHigh = std::max(usedHigh, used);
  reserved = std::max(reserved, used);
  reservedHigh = std::max(reservedHigh, reserved);
}

void Pool::trim(uint64_t keep) { reserved = std::max(used, std::min(reserved, keep)); }

std::shared_ptr<Stream> Context::newStream(unsigned streamFlags, int priority) {
  auto stream = std::make_shared<Stream>(*this, ++Driver::instance().lastId, streamFlags, priority);
  streams.push_back(stream);
  return stream;
}

std::shared_ptr<Stream> Context::stream(CUstream streamHandle) {
  if (streamHandle == nullptr || streamHandle == CU_STREAM_LEGACY) {
    return nullStream;
  }
  if (streamHandle == CU_STREAM_PER_THREAD) {
    thread_local std::unordered_map<uint64_t, std::shared_ptr<Stream>> own;
    auto& stream = own[id];
    if (stream == nullptr) {
      stream = newStream(CU_STREAM_DEFAULT, 0);
    }
    return stream;
  }
  return Driver::instance().streams.get(streamHandle);
}

void Context::synchronize() {
  std::vector<Point> goals{nullStream->tail()};
  for (const auto& stream : streams) {
    goals.push_back(stream->tail());
  }
  complete(goals);
  std::erase_if(streams, [](const auto& stream) { return stream->destroyed; });
  for (const auto& pool : device.pools) {
    pool->trim(pool->threshold);
  }
  require(fault == CUDA_SUCCESS, fault);
}

void Context::breakWith(CUresult code) {
  if (fault == CUDA_SUCCESS) {
    fault = code;
  }
  auto drop = [](Stream& stream) {
    stream.queue.clear();
    stream.done = stream.issued;
  };
  drop(*nullStream);
  for (const auto& stream : streams) {
    drop(*stream);
  }
}

void Context::destroy() {
  auto self = shared_from_this();
  Driver& driver = Driver::instance();
  auto mine = [this](const auto& object) { return &object.context == this; };
  auto owned = [this](const auto& object) { return object.context.get() == this; };
  alive = false;
  breakWith(CUDA_ERROR_CONTEXT_IS_DESTROYED);
  driver.events.removeIf(mine);
  driver.streams.removeIf(mine);
  driver.kernels.removeIf([&](const Kernel& kernel) { return owned(*kernel.module); });
  driver.modules.removeIf(owned);
  std::vector<CUdeviceptr> mortal;
  for (const auto& [address, allocation] : device.allocations) {
    if (owned(allocation)) {
      mortal.push_back(address);
    }
  }
  for (CUdeviceptr address : mortal) {
    device.release(address);
  }
  std::erase_if(driver.hosts, [&](const auto& entry) {
    if (!owned(entry.second)) {
      return false;
    }
    if (!entry.second.registered) {
      std::free(reinterpret_cast<void*>(entry.first));
    }
    return true;
  });
  driver.contexts.remove(handle);
}

std::vector<std::shared_ptr<Context>>& contextStack() {
  thread_local std::vector<std::shared_ptr<Context>> stack;
  return stack;
}

Context& currentContext() {
  auto& stack = contextStack();
  require(!stack.empty() && stack.back() != nullptr, CUDA_ERROR_INVALID_CONTEXT);
  require(stack.back()->alive, CUDA_ERROR_CONTEXT_IS_DESTROYED);
  return *stack.back();
}

}  // namespace softgpu::driver
