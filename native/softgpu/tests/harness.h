// What the machine's tests share: a device with modules and buffers, launches, and checks that count.
#pragma once

#include "../machine.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace softgpu::test {

inline int failures = 0;

inline void check(bool holds, const std::string& what) {
  if (holds) return;
  ++failures;
  std::fprintf(stderr, "FAILED: %s\n", what.c_str());
}

inline int finish(const char* name) {
  std::printf("%s: %s\n", name, failures == 0 ? "passed" : (std::to_string(failures) + " failed").c_str());
  return failures == 0 ? 0 : 1;
}

inline std::string readFile(const std::string& name) {
  std::string folder = __FILE__;
  folder = folder.substr(0, folder.find_last_of('/') + 1);
  std::ifstream file(folder + name);
  std::stringstream text;
  text << file.rdbuf();
  if (text.str().empty()) {
    std::fprintf(stderr, "no file %s%s\n", folder.c_str(), name.c_str());
    std::exit(2);
  }
  return text.str();
}

// Device memory with one module in it.
class Device {
 public:
  explicit Device(const Options& options, const std::string& ptx)
      : options_(options), memory_(std::size_t{1} << 30, options.check) {
    LoadError error;
    module_ = Module::load(ptx, 90, 90, memory_, error);
    if (!module_) {
      std::fprintf(stderr, "FAILED: %s\n", error.text.c_str());
      std::exit(1);
    }
  }

  const Module& module() const { return *module_; }
  DeviceMemory& memory() { return memory_; }

  template <class T>
  Address upload(const std::vector<T>& values) {
    Address address = memory_.allocate(values.size() * sizeof(T));
    std::memcpy(reinterpret_cast<void*>(address), values.data(), values.size() * sizeof(T));
    memory_.hostWrote(address, values.size() * sizeof(T));
    return address;
  }

  template <class T>
  Address reserve(std::size_t count) { return memory_.allocate(count * sizeof(T)); }

  template <class T>
  std::vector<T> download(Address address, std::size_t count) {
    std::vector<T> values(count);
    std::memcpy(values.data(), reinterpret_cast<const void*>(address), count * sizeof(T));
    return values;
  }

  // Arguments are packed one after the other, each at a multiple of its size.
  template <class... A>
  Result launch(const std::string& kernel, unsigned blocks, unsigned threads, std::size_t shared, bool cooperative,
      A... arguments) {
    return launchOn(kernel, {blocks, 1, 1}, {threads, 1, 1}, shared, cooperative, arguments...);
  }

  template <class... A>
  Result launchOn(const std::string& kernel, std::vector<unsigned> grid, std::vector<unsigned> block,
      std::size_t shared, bool cooperative, A... arguments) {
    Launch launch;
    launch.function = module_->function(kernel);
    if (!launch.function) return {Status::InvalidLaunch, "no kernel " + kernel};
    std::vector<char> packed;
    (pack(packed, arguments), ...);
    if (packed.size() != launch.function->parameterBytes) return {Status::InvalidLaunch, "arguments of another size"};
    std::copy(grid.begin(), grid.end(), launch.grid);
    std::copy(block.begin(), block.end(), launch.block);
    launch.dynamicSharedBytes = shared;
    launch.parameters = packed.data();
    launch.cooperative = cooperative;
    return run(launch, memory_, options_);
  }

 private:
  template <class A>
  static void pack(std::vector<char>& packed, A argument) {
    packed.resize((packed.size() + sizeof(A) - 1) / sizeof(A) * sizeof(A));
    const char* bytes = reinterpret_cast<const char*>(&argument);
    packed.insert(packed.end(), bytes, bytes + sizeof(A));
  }

  Options options_;
  DeviceMemory memory_;
  std::unique_ptr<Module> module_;
};

// The same numbers each time, in [-1, 1].
inline std::vector<float> numbers(std::size_t count, unsigned seed) {
  std::vector<float> values(count);
  std::uint32_t state = seed * 2654435761u + 12345;
  for (float& value : values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<std::int32_t>(state)) / 2147483648.0f;
  }
  return values;
}

} // namespace softgpu::test
