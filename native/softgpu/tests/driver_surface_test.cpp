// The libraries' surface: every name that JCuda imports is there, unsupported ones say so; counting and failing of
// calls.
#include <dlfcn.h>

#include <filesystem>
#include <set>

#include "driver_check.h"

using namespace test;

namespace {

std::set<std::string> lines(const std::string& content) {
  std::set<std::string> names;
  std::istringstream in(content);
  for (std::string line; std::getline(in, line);) {
    names.insert(line);
  }
  return names;
}

std::set<std::string> imports(const char* list) { return lines(text(std::string(DATA) + "/../imports/" + list)); }

std::string output(const std::string& command) {
  std::string all;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  for (size_t read; (read = fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    all.append(buffer, read);
  }
  pclose(pipe);
  return all;
}

/** The list against the natives of JCuda in the local Maven repository, where they are. */
void compare(const char* list, const std::string& artifact, const std::string& library, const std::string& prefix) {
  const char* home = std::getenv("HOME");
  std::string jar = std::string(home == nullptr ? "" : home) + "/.m2/repository/org/jcuda/" + artifact + "/12.6.0/" +
                    artifact + "-12.6.0-linux-x86_64.jar";
  if (!std::filesystem::exists(jar)) {
    std::printf("%s is not in the local repository: its imports were not compared\n", artifact.c_str());
    return;
  }
  std::string file = std::filesystem::temp_directory_path() / ("imports-" + std::to_string(getpid()) + ".so");
  output("unzip -p '" + jar + "' lib/" + library + " > '" + file + "'");
  std::string undefined = "nm -D --undefined-only '" + file + "'";
  auto found = lines(output(undefined + " | sed -n 's/^ *U \\(" + prefix + "[A-Z][^@]*\\).*/\\1/p'"));
  std::filesystem::remove(file);
  EQUAL(found.size(), imports(list).size());
  EQUAL(found == imports(list), true);
}

void exported(const char* list, const void* function) {
  Dl_info library;
  dladdr(function, &library);
  void* handle = dlopen(library.dli_fname, RTLD_NOW);
  for (const std::string& name : imports(list)) {
    if (dlsym(handle, name.c_str()) == nullptr) {
      EQUAL(name, "exported");
    }
  }
}

}  // namespace

extern "C" int cublasDestroy_v2(void* handle);
extern "C" int cuGraphLaunch();

TEST(EveryNameOfTheDriverIsThere) {
  EQUAL(imports("jcuda-driver.txt").size(), 312u);
  exported("jcuda-driver.txt", reinterpret_cast<void*>(&cuInit));
}

TEST(EveryNameOfCublasIsThere) {
  EQUAL(imports("jcublas.txt").size(), 494u);
  exported("jcublas.txt", reinterpret_cast<void*>(&cublasDestroy_v2));
}

TEST(TheListsAreWhatJCudaImports) {
  compare("jcuda-driver.txt", "jcuda-natives", "libJCudaDriver-12.6.0-linux-x86_64.so", "cu");
  compare("jcublas.txt", "jcublas-natives", "libJCublas2-12.6.0-linux-x86_64.so", "cublas");
}

TEST(WhatIsNotSupportedSaysSo) {
  EQUAL(cuGraphLaunch(), 801);
  unsigned long long calls = 0;
  OK(cuSoftgpuCalls("cuGraphLaunch", &calls));
  EQUAL(calls, 1u);
}

TEST(CallsFailByTheEnvironment, "SOFTGPU_FAIL=cuMemAlloc_v2:2:2,cublasDestroy_v2:1,cuGraphLaunch:1:7") {
  context();
  CUdeviceptr a;
  OK(cuMemAlloc_v2(&a, 16));
  CODE_IS(cuMemAlloc_v2(&a, 16), 2);
  OK(cuMemAlloc_v2(&a, 16));
  EQUAL(cublasDestroy_v2(nullptr), 999);
  EQUAL(cuGraphLaunch(), 7);
}

TEST(CallsFailByTheProgram) {
  context();
  CUdeviceptr a;
  OK(cuMemAlloc_v2(&a, 16));
  OK(cuSoftgpuFail("cuMemAlloc_v2:1:700"));
  CODE_IS(cuMemAlloc_v2(&a, 16), 700);
  OK(cuMemAlloc_v2(&a, 16));
  OK(cuSoftgpuFail("cuMemAlloc_v2:1"));
  OK(cuSoftgpuFail(""));
  OK(cuMemAlloc_v2(&a, 16));
  CODE_IS(cuSoftgpuFail("cuMemAlloc_v2"), 1);
}

TEST(CallsAreTraced) {
  std::string file = std::filesystem::temp_directory_path() / ("trace-" + std::to_string(getpid()) + ".txt");
  output("SOFTGPU_TRACE='" + file + "' /proc/" + std::to_string(getpid()) + "/exe WhatIsNotSupportedSaysSo");
  std::string trace = text(file);
  std::filesystem::remove(file);
  EQUAL(trace, "cuGraphLaunch 1\ncuSoftgpuCalls 1\n");
}

TESTS_MAIN
