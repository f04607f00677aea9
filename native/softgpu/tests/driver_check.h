// The tests of the libraries: each in a process of its own, because the driver reads its settings once.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "../driver/softgpu.h"

namespace test {

/** A test: its name, its settings as NAME=value, and what it does. */
struct Case {
  std::string name;
  std::vector<std::string> settings;
  void (*body)();
};

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

struct Registration {
  Registration(const char* name, std::vector<std::string> settings, void (*body)()) {
    cases().push_back({name, std::move(settings), body});
  }
};

inline int failures = 0;

template <typename A, typename B>
void equal(const A& actual, const B& wanted, const char* text, const char* file, int line) {
  if (!(actual == wanted)) {
    std::ostringstream message;
    message << file << ':' << line << ": " << text << " is " << actual << ", wanted " << wanted;
    std::fprintf(stderr, "%s\n", message.str().c_str());
    ++failures;
  }
}

/** Runs the case of the first argument, or all cases with a process for each. */
inline int run(int count, char** arguments) {
  std::vector<std::string> failed;
  for (const Case& each : cases()) {
    if (count > 1) {
      if (each.name == arguments[1]) {
        each.body();
        return failures == 0 ? 0 : 1;
      }
      continue;
    }
    pid_t child = fork();
    if (child == 0) {
      for (const std::string& setting : each.settings) {
        size_t split = setting.find('=');
        setenv(setting.substr(0, split).c_str(), setting.substr(split + 1).c_str(), 1);
      }
      execl("/proc/self/exe", arguments[0], each.name.c_str(), nullptr);
      _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      failed.push_back(each.name);
    }
  }
  std::printf("%zu tests, %zu failed\n", cases().size(), failed.size());
  for (const std::string& name : failed) {
    std::printf("  failed: %s\n", name.c_str());
  }
  return failed.empty() && count == 1 ? 0 : 1;
}

inline std::string text(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/** The PTX of the kernels of these tests. */
inline std::string ptx() { return text(DATA "/driver_kernels.ptx"); }

/** A context of device 0, current on this thread. */
inline CUcontext context() {
  CUcontext created = nullptr;
  cuInit(0);
  cuCtxCreate_v2(&created, 0, 0);
  return created;
}

inline CUfunction kernel(const char* name) {
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  cuModuleLoadData(&module, ptx().c_str());
  cuModuleGetFunction(&function, module, name);
  return function;
}

inline CUdeviceptr device(const std::vector<float>& values) {
  CUdeviceptr address = 0;
  cuMemAlloc_v2(&address, values.size() * sizeof(float));
  cuMemcpyHtoD_v2(address, values.data(), values.size() * sizeof(float));
  return address;
}

inline std::vector<float> host(CUdeviceptr address, size_t count) {
  std::vector<float> values(count);
  cuMemcpyDtoH_v2(values.data(), address, count * sizeof(float));
  return values;
}

/** Puts y += a x over n elements into a stream. */
inline CUresult saxpy(CUfunction function, int n, float a, CUdeviceptr x, CUdeviceptr y, CUstream stream) {
  void* parameters[] = {&n, &a, &x, &y};
  return cuLaunchKernel(function, (n + 127) / 128, 1, 1, 128, 1, 1, 0, stream, parameters, nullptr);
}

}  // namespace test

#define EQUAL(actual, wanted) test::equal(actual, wanted, #actual, __FILE__, __LINE__)
#define OK(call) EQUAL(static_cast<int>(call), 0)
#define CODE_IS(call, wanted) EQUAL(static_cast<int>(call), wanted)

#define TEST(name, ...)                                                       \
  static void name();                                                        \
  static test::Registration registered_##name(#name, {__VA_ARGS__}, name);   \
  static void name()

#define TESTS_MAIN \
  int main(int count, char** arguments) { return test::run(count, arguments); }
