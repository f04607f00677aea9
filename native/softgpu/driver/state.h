// The state of the driver: devices, contexts, streams of work that is done late, and the handles that name them.
//
// Work that is put into a stream stays there until something forces it, and is then done by the forcing thread, the
// newest stream first: only what the program orders is in order, so that a missing synchronisation shows.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "../machine.h"
#include "calls.h"
#include "cuda_api.h"
#include "models.h"

namespace softgpu::driver {

struct Context;
struct Device;
struct Stream;

/** All work that was put into a stream up to a ticket. */
struct Point {
  std::shared_ptr<Stream> stream;
  uint64_t ticket = 0;

  bool reached() const;
};

/** A queue of work; tickets count the tasks issued and done. */
struct Stream : std::enable_shared_from_this<Stream> {
  struct Task {
    std::vector<Point> after;
    std::function<void()> run;
  };

  Context& context;
  const uint64_t id;
  const unsigned flags;
  const int priority;
  bool destroyed = false;
  std::deque<Task> queue;
  uint64_t issued = 0;
  uint64_t done = 0;

  Stream(Context& context, uint64_t id, unsigned flags, int priority)
      : context(context), id(id), flags(flags), priority(priority) {}

  bool blocking() const { return (flags & CU_STREAM_NON_BLOCKING) == 0; }
  Point tail() { return {shared_from_this(), issued}; }
  bool idle() const { return done == issued; }

  /**
   * Puts work behind all that this stream holds, behind the points, and behind what the NULL stream's rules ask for.
   */
  Point issue(std::function<void()> run, std::vector<Point> after = {});

  /** Does all work of this stream and what it depends on, and fails with the context's fault. */
  void synchronize();

  /** Whether all work is done; if not, does it: the answer is late by one call, as a poll's may be. */
  bool query();
};

/** Does the work of the points and all that it depends on. Faults stay with their contexts. */
void complete(const std::vector<Point>& goals);

/** A moment in a stream; `when` is filled as the work before it is done. */
struct Event {
  Context& context;
  const unsigned flags;
  Point point;
  std::shared_ptr<std::chrono::steady_clock::time_point> when;
};

/** What stream-ordered allocations come from: freed memory counts as reserved until it is trimmed. */
struct Pool : std::enable_shared_from_this<Pool> {
  Device& device;
  uint64_t threshold = 0;
  uint64_t reserved = 0, reservedHigh = 0;
  uint64_t used = 0, usedHigh = 0;
  std::map<CUmemPool_attribute, int> reuse;
  CUmemoryPool handle = nullptr;

  explicit Pool(Device& device) : device(device) {}

  void taken(uint64_t bytes);
  void trim(uint64_t keep);
};

/** One piece of device memory that a call allocated. */
struct Allocation {
  std::shared_ptr<Context> context;
  std::shared_ptr<Pool> pool;  // null for memory that no pool gave
  size_t bytes = 0;
  bool freeing = false;        // a free of it waits in a stream
};

struct Device {
  const int ordinal;
  const Model& model;
  DeviceMemory memory;
  std::map<CUdeviceptr, Allocation> allocations;
  std::vector<std::shared_ptr<Pool>> pools;  // the first is the default
  std::shared_ptr<Pool> pool;                // the current one
  std::shared_ptr<Context> primary;
  unsigned primaryFlags = 0;
  int retained = 0;

  Device(int ordinal, const Model& model, size_t limit);

  /** Bytes that pools hold and nobody uses. */
  uint64_t spare() const;

  /** Whether an allocation may succeed; memory in pieces may still refuse it. */
  bool fits(size_t bytes) const { return bytes <= memory.limit() && memory.used() <= memory.limit() - bytes; }

  /** New memory, its bytes set to a pattern that is no number, or CUDA_ERROR_OUT_OF_MEMORY. */
  CUdeviceptr allocate(const std::shared_ptr<Context>& context, const std::shared_ptr<Pool>& pool, size_t bytes);
  void release(CUdeviceptr address);
};

/** Page-locked host memory. */
struct HostRange {
  std::shared_ptr<Context> context;
  size_t bytes;
  unsigned flags;
  bool registered;
};

struct LoadedModule {
  std::shared_ptr<Context> context;
  std::unique_ptr<softgpu::Module> code;
  std::map<std::string, CUfunction> functions;
};

struct Kernel {
  std::shared_ptr<LoadedModule> module;
  CUmodule moduleHandle;
  const softgpu::Function& code;
  int maxDynamicShared;
  int carveout = -1;

  int registers() const;
  /** Threads that a block may have, for the kernel's own bound and for its registers. */
  int maxThreads() const;
};

struct Context : std::enable_shared_from_this<Context> {
  Device& device;
  const uint64_t id;
  unsigned flags;
  bool alive = true;
  CUcontext handle = nullptr;
  CUresult fault = CUDA_SUCCESS;
  std::shared_ptr<Stream> nullStream;
  std::vector<std::shared_ptr<Stream>> streams;  // all but the NULL stream
  std::map<CUlimit, size_t> limits;

  Context(Device& device, uint64_t id, unsigned flags) : device(device), id(id), flags(flags) {}

  /** The stream that a handle means to a thread of this context; CUDA_ERROR_INVALID_HANDLE where it means none. */
  std::shared_ptr<Stream> stream(CUstream handle);
  std::shared_ptr<Stream> newStream(unsigned flags, int priority);

  /** Does all work of the context, gives back what its pools need not keep, and fails with the fault. */
  void synchronize();

  /** Keeps the first fault and drops all work. */
  void breakWith(CUresult code);

  /** Ends the context: its memory and handles go with it. */
  void destroy();
};

/** A handle that was never given out before. */
inline uintptr_t nextHandle() {
  static uintptr_t last = 0x10000;
  return last += 0x10;
}

/** Objects by handles. */
template <typename Handle, typename T>
class Handles {
 public:
  explicit Handles(CUresult missing) : missing(missing) {}

  Handle add(std::shared_ptr<T> object) {
    auto handle = reinterpret_cast<Handle>(nextHandle());
    objects.emplace(handle, std::move(object));
    return handle;
  }
  std::shared_ptr<T> get(Handle handle) const {
    auto entry = objects.find(handle);
    require(entry != objects.end(), missing);
    return entry->second;
  }
  std::shared_ptr<T> remove(Handle handle) {
    auto object = get(handle);
    objects.erase(handle);
    return object;
  }
  template <typename Predicate>
  void removeIf(Predicate predicate) {
    std::erase_if(objects, [&](const auto& entry) { return predicate(*entry.second); });
  }

 private:
  const CUresult missing;
  std::unordered_map<Handle, std::shared_ptr<T>> objects;
};

struct Driver {
  const int version;
  bool initialised = false;
  std::vector<std::unique_ptr<Device>> devices;
  Handles<CUcontext, Context> contexts{CUDA_ERROR_INVALID_CONTEXT};
  Handles<CUstream, Stream> streams{CUDA_ERROR_INVALID_HANDLE};
  Handles<CUevent, Event> events{CUDA_ERROR_INVALID_HANDLE};
  Handles<CUmodule, LoadedModule> modules{CUDA_ERROR_INVALID_HANDLE};
  Handles<CUfunction, Kernel> kernels{CUDA_ERROR_INVALID_HANDLE};
  Handles<CUmemoryPool, Pool> pools{CUDA_ERROR_INVALID_VALUE};
  std::map<uintptr_t, HostRange> hosts;
  uint64_t lastId = 0;
  std::string faultText;  // of the last launch that failed

  /** The one driver; its settings are read from the environment when it is first asked for. */
  static Driver& instance();

  Device& device(CUdevice ordinal);

  /** The device whose memory holds the bytes; null where none does. */
  Device* holder(CUdeviceptr address, size_t bytes);

  /** The page-locked range that holds the bytes; null where none does. */
  HostRange* host(const void* address, size_t bytes);

 private:
  Driver();
};

/** The contexts of the calling thread, the current one last. */
std::vector<std::shared_ptr<Context>>& contextStack();

/** The calling thread's context, whatever its fault: CUDA_ERROR_INVALID_CONTEXT where there is none. */
Context& currentContext();

/** Runs the body of a call that needs cuInit to have been called. */
template <typename Body>
CUresult initialised(const char* name, Body&& body) {
  return call(name, [&] {
    require(Driver::instance().initialised, CUDA_ERROR_NOT_INITIALIZED);
    body(Driver::instance());
  });
}

/** Runs the body of a call that needs a current context that no launch has broken. */
template <typename Body>
CUresult inContext(const char* name, Body&& body) {
  return initialised(name, [&](Driver&) {
    Context& context = currentContext();
    require(context.fault == CUDA_SUCCESS, context.fault);
    body(context);
  });
}

}  // namespace softgpu::driver
