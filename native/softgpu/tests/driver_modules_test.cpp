// Loading PTX, kernels and their attributes, launches that run, that are refused, and that break their context.
#include <cstring>

#include "driver_check.h"

using namespace test;

namespace {

std::string versioned(const char* version) {
  std::string code = ptx();
  size_t at = code.find(".version 8.0");
  return code.replace(at, 12, std::string(".version ") + version);
}

int load(const std::string& code) {
  CUmodule module;
  return cuModuleLoadData(&module, code.c_str());
}

int launch(const char* name, unsigned grid, unsigned block, unsigned shared, void** parameters) {
  return cuLaunchKernel(kernel(name), grid, 1, 1, block, 1, 1, shared, nullptr, parameters, nullptr);
}

int attribute(CUfunction function, CUfunction_attribute which) {
  int value = -1;
  OK(cuFuncGetAttribute(&value, which, function));
  return value;
}

/** A context that a launch breaks: what the synchronisation says, and that nothing works after it. */
void breaks(const char* name, int wanted) {
  CUcontext broken = context();
  CUdeviceptr a = device({1, 2, 3, 4});
  CUevent event;
  OK(cuEventCreate(&event, 0));
  void* parameters[] = {&a};
  OK(launch(name, 1, 1, 0, parameters));
  CODE_IS(cuCtxSynchronize(), wanted);
  CODE_IS(cuCtxSynchronize(), wanted);
  CUdeviceptr b;
  CODE_IS(cuMemAlloc_v2(&b, 16), wanted);
  CODE_IS(cuMemFree_v2(a), wanted);
  CODE_IS(cuEventQuery(event), wanted);
  char words[256] = "";
  OK(cuSoftgpuFaultText(words, sizeof words));
  EQUAL(std::string(words).empty(), false);
  OK(cuCtxDestroy_v2(broken));
  context();
  EQUAL(host(device({6}), 1)[0], 6.0f);
}

}  // namespace

TEST(SaxpyRuns) {
  context();
  std::vector<float> x(1000), y(1000, 1);
  for (int i = 0; i < 1000; i++) {
    x[i] = i;
  }
  CUdeviceptr a = device(x), b = device(y);
  OK(saxpy(kernel("saxpy"), 1000, 2, a, b, nullptr));
  auto result = host(b, 1000);
  EQUAL(result[0], 1.0f);
  EQUAL(result[999], 1999.0f);
}

TEST(PackedParameters) {
  context();
  CUdeviceptr a = device({1, 2}), b = device({0, 0});
  struct {
    int n = 2;
    float factor = 3;
    CUdeviceptr x, y;
  } packed{2, 3, a, b};
  size_t bytes = sizeof packed;
  void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, &packed, CU_LAUNCH_PARAM_BUFFER_SIZE, &bytes, CU_LAUNCH_PARAM_END};
  CUfunction function = kernel("saxpy");
  OK(cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, nullptr, nullptr, extra));
  EQUAL(host(b, 2)[1], 6.0f);
  bytes = 8;
  CODE_IS(cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, nullptr, nullptr, extra), 1);
  void* parameters[] = {&packed.n, &packed.factor, &packed.x, &packed.y};
  CODE_IS(cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, nullptr, parameters, extra), 1);
  CODE_IS(cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, nullptr, nullptr, nullptr), 1);
}

TEST(ParametersAreTakenAtTheCall) {
  context();
  CUdeviceptr x = device({1}), y = device({0});
  int n = 1;
  float a = 1;
  void* parameters[] = {&n, &a, &x, &y};
  OK(launch("saxpy", 1, 32, 0, parameters));
  a = 100;
  EQUAL(host(y, 1)[0], 1.0f);
}

TEST(Globals) {
  context();
  CUmodule module;
  CUdeviceptr table;
  size_t bytes;
  CUfunction function, same;
  OK(cuModuleLoadData(&module, ptx().c_str()));
  OK(cuModuleGetGlobal_v2(&table, &bytes, module, "table"));
  EQUAL(bytes, 16u);
  std::vector<float> values{10, 20, 30, 40};
  OK(cuMemcpyHtoD_v2(table, values.data(), 16));
  OK(cuModuleGetFunction(&function, module, "fill_table"));
  OK(cuModuleGetFunction(&same, module, "fill_table"));
  EQUAL(function, same);
  CUdeviceptr out = device({0, 0, 0, 0});
  void* parameters[] = {&out};
  OK(cuLaunchKernel(function, 1, 1, 1, 4, 1, 1, 0, nullptr, parameters, nullptr));
  EQUAL(host(out, 4)[3], 80.0f);
  CODE_IS(cuModuleGetGlobal_v2(&table, &bytes, module, "nothing"), 500);
  CODE_IS(cuModuleGetFunction(&function, module, "nothing"), 500);
  OK(cuModuleUnload(module));
  CODE_IS(cuModuleUnload(module), 400);
  CODE_IS(cuLaunchKernel(same, 1, 1, 1, 4, 1, 1, 0, nullptr, parameters, nullptr), 400);
  CODE_IS(cuModuleGetFunction(&function, module, "fill_table"), 400);
}

TEST(Ptx85IsTheNewestOf126) {
  context();
  EQUAL(load(versioned("8.5")), 0);
  EQUAL(load(versioned("8.6")), 222);
  EQUAL(load(versioned("9.0")), 222);
}

TEST(Ptx80IsTheNewestOf120, "SOFTGPU_DRIVER=12000") {
  context();
  EQUAL(load(versioned("8.0")), 0);
  EQUAL(load(versioned("8.1")), 222);
}

TEST(Ptx90IsTheNewestOf130, "SOFTGPU_DRIVER=13000") {
  context();
  EQUAL(load(versioned("9.0")), 0);
  EQUAL(load(versioned("9.1")), 222);
}

TEST(WrongImages) {
  context();
  EQUAL(load("no PTX"), 218);
  EQUAL(load("\x7f" "ELF and so on"), 209);
  CUmodule module;
  CODE_IS(cuModuleLoadData(&module, nullptr), 1);
  CODE_IS(cuModuleLoad(&module, "/nothing/here.ptx"), 301);
  OK(cuModuleLoad(&module, DATA "/driver_kernels.ptx"));
  std::string code = ptx();
  EQUAL(load(code.replace(code.find(".target sm_75"), 13, ".target sm_90")), 209);
}

TEST(Logs) {
  context();
  CUmodule module;
  char error[64] = "before", info[512] = "before";
  CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, CU_JIT_INFO_LOG_BUFFER,
      CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES};
  auto size = [](size_t bytes) { return reinterpret_cast<void*>(bytes); };
  void* values[] = {error, size(sizeof error), info, size(sizeof info)};
  CODE_IS(cuModuleLoadDataEx(&module, ".version 8.0\n.target sm_75\nnonsense", 4, options, values), 218);
  EQUAL(std::strlen(error) > 0, true);
  EQUAL(reinterpret_cast<size_t>(values[1]), std::strlen(error));
  values[1] = size(sizeof error);
  values[3] = size(sizeof info);
  OK(cuModuleLoadDataEx(&module, ptx().c_str(), 4, options, values));
  EQUAL(std::string(error), "");
  EQUAL(std::string(info).find("saxpy") != std::string::npos, true);
  CUjit_option wrong[] = {static_cast<CUjit_option>(99)};
  CODE_IS(cuModuleLoadDataEx(&module, ptx().c_str(), 1, wrong, values), 1);
}

TEST(LaunchesThatAreRefused) {
  context();
  CUdeviceptr x = device({1}), y = device({0});
  int n = 1;
  float a = 1;
  void* parameters[] = {&n, &a, &x, &y};
  EQUAL(launch("saxpy", 0, 32, 0, parameters), 1);
  EQUAL(launch("saxpy", 1, 0, 0, parameters), 1);
  EQUAL(launch("saxpy", 1, 1025, 0, parameters), 1);
  CODE_IS(cuLaunchKernel(kernel("saxpy"), 1, 65536, 1, 32, 1, 1, 0, nullptr, parameters, nullptr), 1);
  CODE_IS(cuLaunchKernel(kernel("saxpy"), 1, 1, 1, 1, 1, 65, 0, nullptr, parameters, nullptr), 1);
  CODE_IS(cuLaunchKernel(nullptr, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr), 400);
  EQUAL(launch("saxpy", 1, 32, 49153, parameters), 1);
  void* one[] = {&x};
  EQUAL(launch("bounded", 1, 256, 0, one), 701);
  EQUAL(launch("bounded", 1, 1, 0, one), 0);
  OK(cuCtxSynchronize());
  EQUAL(host(y, 1)[0], 0.0f);
}

TEST(SharedMemoryByOptIn, "SOFTGPU_MODEL=sm_75") {
  context();
  CUfunction function = kernel("shared_sum");
  EQUAL(attribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES), 49152);
  CUdeviceptr x = device({1, 2, 3}), out = device({0});
  int n = 3;
  void* parameters[] = {&x, &out, &n};
  CODE_IS(cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 60000, nullptr, parameters, nullptr), 1);
  CODE_IS(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 65537), 1);
  CODE_IS(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_NUM_REGS, 8), 1);
  OK(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 60000));
  OK(cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 60000, nullptr, parameters, nullptr));
  EQUAL(host(out, 1)[0], 6.0f);
  int blocks = -1;
  OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, function, 32, 60000));
  EQUAL(blocks, 1);
}

TEST(Occupancy) {
  context();
  CUfunction function = kernel("saxpy");
  int blocks = -1, grid, block;
  OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, function, 256, 0));
  EQUAL(blocks, 8);
  OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, function, 32, 48 * 1024));
  EQUAL(blocks, 3);
  OK(cuOccupancyMaxPotentialBlockSize(&grid, &block, function, nullptr, 0, 0));
  EQUAL(block, 1024);
  EQUAL(grid, 216);
  CODE_IS(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, function, 0, 0), 1);
}

TEST(CooperativeLaunchesHaveToFit) {
  context();
  CUfunction function = kernel("saxpy");
  CUdeviceptr x = device({1}), y = device({0});
  int n = 1;
  float a = 1;
  void* parameters[] = {&n, &a, &x, &y};
  CODE_IS(cuLaunchCooperativeKernel(function, 217, 1, 1, 1024, 1, 1, 0, nullptr, parameters), 720);
  OK(cuLaunchCooperativeKernel(function, 2, 1, 1, 1024, 1, 1, 0, nullptr, parameters));
  EQUAL(host(y, 1)[0], 1.0f);
}

TEST(KernelAttributes) {
  context();
  CUfunction function = kernel("bounded");
  EQUAL(attribute(function, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK), 128);
  EQUAL(attribute(function, CU_FUNC_ATTRIBUTE_PTX_VERSION), 80);
  EQUAL(attribute(function, CU_FUNC_ATTRIBUTE_BINARY_VERSION), 80);
  EQUAL(attribute(function, CU_FUNC_ATTRIBUTE_NUM_REGS) > 0, true);
}

TEST(KernelsBelongToTheirContext, "SOFTGPU_DEVICES=2") {
  context();
  CUfunction function = kernel("bounded");
  CUcontext other;
  OK(cuCtxCreate_v2(&other, 0, 1));
  CUdeviceptr a = device({1});
  void* parameters[] = {&a};
  CODE_IS(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr), 400);
}

TEST(AnIllegalAddress) { breaks("fault", 700); }

TEST(AMisalignedAddress) { breaks("misaligned", 716); }

TEST(ATrap) { breaks("trapped", 719); }

TEST(AFaultShowsAtASynchronisationOnly) {
  context();
  CUdeviceptr a = device({1});
  void* parameters[] = {&a};
  OK(launch("fault", 1, 1, 0, parameters));
  CUdeviceptr b;
  OK(cuMemAlloc_v2(&b, 16));
  float value = 0;
  CODE_IS(cuMemcpyDtoH_v2(&value, a, 4), 700);
}

TESTS_MAIN
