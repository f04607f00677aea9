// How the C functions run: counted by name, failing on demand, under the driver's lock, with their failures turned into
// codes.
#pragma once

#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <unordered_map>

#include "cuda_types.h"

namespace softgpu::driver {

/** What the body of a call throws: the code that the call returns. */
struct Failure {
  CUresult code;
};

[[noreturn]] inline void fail(CUresult code) { throw Failure{code}; }

inline void require(bool condition, CUresult code = CUDA_ERROR_INVALID_VALUE) {
  if (!condition) {
    fail(code);
  }
}

/** The lock of the whole driver. A thread that holds it may call again: host functions in streams run inside a call. */
std::recursive_mutex& lock();

/** The calls of this process by name, and those that shall fail. */
class Calls {
 public:
  static Calls& instance();

  /** Counts a call; the code that it shall fail with, or 0. Names of cuBLAS count here too. */
  int count(const char* name);
  uint64_t counted(const std::string& name) const;

  /**
   * Makes calls fail: `name:n` or `name:n:code`, several with commas between, n counted from now on; the code is 999
   * unless given. An empty text ends all failing.
   */
  void failOn(const std::string& text);
  void write(const std::string& file) const;

 private:
  struct Planned {
    uint64_t left;
    int code;
  };

  Calls();

  std::unordered_map<std::string, uint64_t> counts;
  std::unordered_map<std::string, Planned> planned;
};

/** Runs the body of a call that needs nothing. */
template <typename Body>
CUresult call(const char* name, Body&& body) {
  std::lock_guard guard(lock());
  try {
    if (int planned = Calls::instance().count(name)) {
      return static_cast<CUresult>(planned);
    }
    body();
    return CUDA_SUCCESS;
  } catch (const Failure& failure) {
    return failure.code;
  } catch (const std::bad_alloc&) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  } catch (const std::exception&) {
    return CUDA_ERROR_UNKNOWN;
  }
}

}  // namespace softgpu::driver
