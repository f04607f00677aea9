// Initialisation, devices, contexts, and settings of the environment.
#include <cstring>
#include <set>
#include <thread>

#include "driver_check.h"

using namespace test;

namespace {

int attribute(int number, CUdevice device = 0) {
  int value = -1;
  OK(cuDeviceGetAttribute(&value, static_cast<CUdevice_attribute>(number), device));
  return value;
}

}  // namespace

TEST(NothingBeforeInitialisation) {
  int count;
  CUcontext made;
  CODE_IS(cuDeviceGetCount(&count), 3);
  CODE_IS(cuCtxCreate_v2(&made, 0, 0), 3);
  int version = 0;
  OK(cuDriverGetVersion(&version));
  EQUAL(version, 12060);
  CODE_IS(cuInit(1), 1);
  OK(cuInit(0));
  OK(cuDeviceGetCount(&count));
  EQUAL(count, 1);
}

TEST(NoDevice, "SOFTGPU_NODEVICE=1") {
  CODE_IS(cuInit(0), 100);
  int version = 0;
  OK(cuDriverGetVersion(&version));
}

TEST(UnknownModelIsNoDevice, "SOFTGPU_MODEL=sm_35") { CODE_IS(cuInit(0), 100); }

TEST(DriverVersion, "SOFTGPU_DRIVER=13000") {
  int version = 0;
  OK(cuDriverGetVersion(&version));
  EQUAL(version, 13000);
}

TEST(TuringAttributes, "SOFTGPU_MODEL=sm_75") {
  OK(cuInit(0));
  EQUAL(attribute(75), 7);
  EQUAL(attribute(76), 5);
  EQUAL(attribute(97), 64 * 1024);
  EQUAL(attribute(39), 1024);
}

TEST(AmpereAttributes) {
  OK(cuInit(0));
  EQUAL(attribute(75), 8);
  EQUAL(attribute(8), 48 * 1024);
  EQUAL(attribute(97), 163 * 1024);
  EQUAL(attribute(16), 108);
  int value;
  CODE_IS(cuDeviceGetAttribute(&value, static_cast<CUdevice_attribute>(0), 0), 1);
  CODE_IS(cuDeviceGetAttribute(&value, static_cast<CUdevice_attribute>(1000), 0), 1);
  CODE_IS(cuDeviceGetAttribute(&value, static_cast<CUdevice_attribute>(1), 1), 101);
  char name[64];
  OK(cuDeviceGetName(name, sizeof name, 0));
  EQUAL(std::string(name), "Software GPU sm_80");
  OK(cuDeviceGetName(name, 9, 0));
  EQUAL(std::string(name), "Software");
}

TEST(SeveralDevices, "SOFTGPU_DEVICES=3", "SOFTGPU_MEMORY=64M") {
  OK(cuInit(0));
  int count;
  OK(cuDeviceGetCount(&count));
  EQUAL(count, 3);
  std::set<std::string> ids;
  for (int i = 0; i < count; i++) {
    CUuuid uuid;
    char bus[32];
    OK(cuDeviceGetUuid(&uuid, i));
    OK(cuDeviceGetPCIBusId(bus, sizeof bus, i));
    ids.insert(std::string(uuid.bytes, 16));
    ids.insert(bus);
    CUdevice found;
    OK(cuDeviceGetByPCIBusId(&found, bus));
    EQUAL(found, i);
    size_t bytes;
    OK(cuDeviceTotalMem_v2(&bytes, i));
    EQUAL(bytes, size_t{64} << 20);
  }
  EQUAL(ids.size(), 6u);
  CUdevice device;
  CODE_IS(cuDeviceGet(&device, 3), 101);
  int can = 1;
  OK(cuDeviceCanAccessPeer(&can, 0, 1));
  EQUAL(can, 0);
}

TEST(PrimaryContextLivesWhileRetained) {
  OK(cuInit(0));
  unsigned flags;
  int active;
  OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
  EQUAL(active, 0);
  CUcontext first, second;
  OK(cuDevicePrimaryCtxRetain(&first, 0));
  OK(cuDevicePrimaryCtxRetain(&second, 0));
  EQUAL(first, second);
  CUdeviceptr address;
  CODE_IS(cuMemAlloc_v2(&address, 16), 201);
  OK(cuCtxSetCurrent(first));
  OK(cuMemAlloc_v2(&address, 16));
  OK(cuDevicePrimaryCtxRelease_v2(0));
  OK(cuCtxSynchronize());
  CODE_IS(cuCtxDestroy_v2(first), 201);
  OK(cuDevicePrimaryCtxRelease_v2(0));
  CODE_IS(cuCtxSynchronize(), 709);
  CODE_IS(cuDevicePrimaryCtxRelease_v2(0), 201);
  OK(cuDevicePrimaryCtxRetain(&first, 0));
  OK(cuCtxSetCurrent(first));
  size_t free, total;
  OK(cuMemGetInfo_v2(&free, &total));
  EQUAL(free, total);
}

TEST(StackOfContexts, "SOFTGPU_DEVICES=2") {
  OK(cuInit(0));
  CUcontext a, b, current;
  OK(cuCtxCreate_v2(&a, 0, 0));
  OK(cuCtxCreate_v2(&b, 0, 1));
  CUdevice device;
  OK(cuCtxGetDevice(&device));
  EQUAL(device, 1);
  OK(cuCtxPopCurrent_v2(&current));
  EQUAL(current, b);
  OK(cuCtxGetCurrent(&current));
  EQUAL(current, a);
  OK(cuCtxPushCurrent_v2(b));
  OK(cuCtxSetCurrent(nullptr));
  OK(cuCtxGetCurrent(&current));
  EQUAL(current, a);
  OK(cuCtxDestroy_v2(a));
  OK(cuCtxGetCurrent(&current));
  EQUAL(current, static_cast<CUcontext>(nullptr));
  CODE_IS(cuCtxSetCurrent(a), 201);
  CODE_IS(cuCtxSynchronize(), 201);
  OK(cuCtxSetCurrent(b));
  OK(cuCtxSynchronize());
}

TEST(AContextIsOfAThread) {
  context();
  int other = 0;
  std::thread([&] {
    CUdeviceptr address;
    other = cuMemAlloc_v2(&address, 16);
  }).join();
  EQUAL(other, 201);
}

TEST(Limits) {
  context();
  size_t value = 0;
  OK(cuCtxSetLimit(CU_LIMIT_MALLOC_HEAP_SIZE, 1 << 20));
  OK(cuCtxGetLimit(&value, CU_LIMIT_MALLOC_HEAP_SIZE));
  EQUAL(value, size_t{1} << 20);
  CODE_IS(cuCtxGetLimit(&value, static_cast<CUlimit>(7)), 215);
  CODE_IS(cuCtxGetLimit(&value, static_cast<CUlimit>(99)), 1);
}

TEST(NoHandleIsTakenForAnother) {
  context();
  CUstream stream;
  CUevent event;
  OK(cuStreamCreate(&stream, 0));
  OK(cuEventCreate(&event, 0));
  CODE_IS(cuStreamSynchronize(reinterpret_cast<CUstream>(event)), 400);
  CODE_IS(cuEventQuery(reinterpret_cast<CUevent>(stream)), 400);
  CODE_IS(cuEventQuery(nullptr), 400);
  OK(cuStreamDestroy_v2(stream));
  CODE_IS(cuStreamDestroy_v2(stream), 400);
  OK(cuEventDestroy_v2(event));
  CODE_IS(cuEventDestroy_v2(event), 400);
  CODE_IS(cuModuleUnload(reinterpret_cast<CUmodule>(stream)), 400);
}

TEST(WordsForErrors) {
  const char* text = nullptr;
  OK(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &text));
  EQUAL(std::string(text), "CUDA_ERROR_ILLEGAL_ADDRESS");
  OK(cuGetErrorString(CUDA_ERROR_OUT_OF_MEMORY, &text));
  EQUAL(std::string(text), "out of memory");
  CODE_IS(cuGetErrorName(static_cast<CUresult>(12345), &text), 1);
}

TEST(LookingFunctionsUp) {
  const void* table = nullptr;
  CUuuid id{};
  CODE_IS(cuGetExportTable(&table, &id), 500);
  void* function = nullptr;
  CUdriverProcAddressQueryResult status;
  OK(cuGetProcAddress_v2("cuMemAlloc", &function, 12000, 0, &status));
  EQUAL(function, reinterpret_cast<void*>(&cuMemAlloc_v2));
  CODE_IS(cuGetProcAddress_v2("cuNothing", &function, 12000, 0, &status), 500);
  EQUAL(static_cast<int>(status), 1);
}

TESTS_MAIN
