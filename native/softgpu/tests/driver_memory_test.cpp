// Allocation, its limit and its pools; copies and fills of every kind.
#include <cmath>
#include <cstring>

#include "driver_check.h"

using namespace test;

namespace {

size_t freeBytes() {
  size_t free = 0, total = 0;
  cuMemGetInfo_v2(&free, &total);
  return free;
}

uint64_t pool(CUmemPool_attribute attribute) {
  CUmemoryPool pool;
  cuuint64_t value = 0;
  cuDeviceGetDefaultMemPool(&pool, 0);
  OK(cuMemPoolGetAttribute(pool, attribute, &value));
  return value;
}

}  // namespace

TEST(TheLimitOfMemory, "SOFTGPU_MEMORY=1M") {
  context();
  CUdeviceptr a, b;
  OK(cuMemAlloc_v2(&a, 700 << 10));
  CODE_IS(cuMemAlloc_v2(&b, 400 << 10), 2);
  EQUAL(freeBytes(), size_t{324} << 10);
  OK(cuMemFree_v2(a));
  OK(cuMemAlloc_v2(&b, 1 << 20));
  CODE_IS(cuMemAlloc_v2(&a, 1), 2);
  OK(cuSoftgpuSetMemory(0, 2 << 20));
  OK(cuMemAlloc_v2(&a, 1 << 20));
}

TEST(WrongAllocations) {
  context();
  CUdeviceptr address;
  CODE_IS(cuMemAlloc_v2(&address, 0), 1);
  CODE_IS(cuMemAlloc_v2(nullptr, 8), 1);
  OK(cuMemAlloc_v2(&address, 64));
  EQUAL(address % 256, 0u);
  CODE_IS(cuMemFree_v2(address + 8), 1);
  OK(cuMemFree_v2(address));
  CODE_IS(cuMemFree_v2(address), 1);
  OK(cuMemFree_v2(0));
}

TEST(MemoryIsNoNumberAtFirst) {
  context();
  CUdeviceptr address;
  OK(cuMemAlloc_v2(&address, 64));
  EQUAL(std::isnan(host(address, 16)[7]), true);
}

TEST(AddressRanges) {
  context();
  CUdeviceptr address, base;
  size_t bytes;
  OK(cuMemAlloc_v2(&address, 1000));
  OK(cuMemGetAddressRange_v2(&base, &bytes, address + 500));
  EQUAL(base, address);
  EQUAL(bytes, 1000u);
  CODE_IS(cuMemGetAddressRange_v2(&base, &bytes, address + 1000), 500);
  unsigned type = 0;
  OK(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, address));
  EQUAL(type, 2u);
}

TEST(CopiesKeepWithinAllocations) {
  context();
  std::vector<float> values(8, 3);
  CUdeviceptr a = device(values), b = device(values);
  CODE_IS(cuMemcpyHtoD_v2(a, values.data(), 36), 1);
  CODE_IS(cuMemcpyDtoH_v2(values.data(), a + 4, 32), 1);
  CODE_IS(cuMemcpyDtoD_v2(b, a, 33), 1);
  CODE_IS(cuMemcpyHtoD_v2(12345, values.data(), 4), 1);
  CODE_IS(cuMemcpyHtoD_v2(a, nullptr, 4), 1);
  CODE_IS(cuMemsetD32_v2(a, 0, 9), 1);
  CODE_IS(cuMemsetD32_v2(a + 2, 0, 1), 1);
  OK(cuMemcpyHtoD_v2(a, values.data(), 0));
}

TEST(CopiesAndFills) {
  context();
  CUdeviceptr a = device({1, 2, 3, 4}), b = device({0, 0, 0, 0});
  OK(cuMemcpyDtoD_v2(b + 4, a, 8));
  EQUAL(host(b, 4)[2], 2.0f);
  OK(cuMemsetD32_v2(a + 4, 0x40a00000, 2));
  EQUAL(host(a, 4)[2], 5.0f);
  EQUAL(host(a, 4)[3], 4.0f);
  OK(cuMemsetD16_v2(a, 0x3f80, 2));
  OK(cuMemsetD8_v2(b, 0, 16));
  EQUAL(host(b, 4)[2], 0.0f);
  uint32_t bits;
  OK(cuMemcpyDtoH_v2(&bits, a, 4));
  EQUAL(bits, 0x3f803f80u);
  float there = 7, back = 0;
  OK(cuMemcpy(a, reinterpret_cast<CUdeviceptr>(&there), 4));
  OK(cuMemcpy(reinterpret_cast<CUdeviceptr>(&back), a, 4));
  EQUAL(back, 7.0f);
}

TEST(Rows) {
  context();
  CUdeviceptr address;
  size_t pitch;
  OK(cuMemAllocPitch_v2(&address, &pitch, 12, 3, 4));
  EQUAL(pitch, 512u);
  float from[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, to[4] = {};
  CUDA_MEMCPY2D plan{};
  plan.srcMemoryType = CU_MEMORYTYPE_HOST;
  plan.srcHost = from;
  plan.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  plan.dstDevice = address;
  plan.dstPitch = pitch;
  plan.WidthInBytes = 12;
  plan.Height = 3;
  OK(cuMemcpy2D_v2(&plan));
  CUDA_MEMCPY2D back{};
  back.srcMemoryType = CU_MEMORYTYPE_DEVICE;
  back.srcDevice = address;
  back.srcPitch = pitch;
  back.srcXInBytes = 4;
  back.srcY = 1;
  back.dstMemoryType = CU_MEMORYTYPE_HOST;
  back.dstHost = to;
  back.WidthInBytes = 8;
  back.Height = 2;
  OK(cuMemcpy2D_v2(&back));
  EQUAL(to[0], 5.0f);
  EQUAL(to[3], 9.0f);
  back.Height = 3;
  CODE_IS(cuMemcpy2D_v2(&back), 1);
  OK(cuMemsetD2D32_v2(address, pitch, 0, 2, 3));
  EQUAL(host(address, 3)[1], 0.0f);
  EQUAL(host(address, 3)[2], 3.0f);
}

TEST(BetweenDevices, "SOFTGPU_DEVICES=2") {
  CUcontext first = context(), second;
  CUdeviceptr a = device({1, 2, 3});
  OK(cuCtxCreate_v2(&second, 0, 1));
  CUdeviceptr b = device({0, 0, 0});
  OK(cuMemcpyPeer(b, second, a, first, 12));
  EQUAL(host(b, 3)[2], 3.0f);
  CODE_IS(cuMemcpyPeer(b, first, a, second, 12), 1);
  CODE_IS(cuCtxEnablePeerAccess(first, 0), 217);
}

TEST(PageLockedMemory) {
  context();
  void* pinned = nullptr;
  OK(cuMemHostAlloc(&pinned, 64, 0));
  std::memset(pinned, 1, 64);
  CODE_IS(cuMemHostRegister_v2(pinned, 16, 0), 712);
  CODE_IS(cuMemHostUnregister(pinned), 713);
  CODE_IS(cuMemFreeHost(static_cast<char*>(pinned) + 8), 1);
  OK(cuMemFreeHost(pinned));
  CODE_IS(cuMemFreeHost(pinned), 1);
  std::vector<float> own(16);
  OK(cuMemHostRegister_v2(own.data(), 64, 0));
  CODE_IS(cuMemHostRegister_v2(own.data() + 4, 8, 0), 712);
  OK(cuMemHostUnregister(own.data()));
}

TEST(StreamOrderedMemory, "SOFTGPU_MEMORY=1M") {
  context();
  CUstream stream;
  OK(cuStreamCreate(&stream, 0));
  CUdeviceptr a, b;
  OK(cuMemAllocAsync(&a, 700 << 10, stream));
  EQUAL(pool(CU_MEMPOOL_ATTR_USED_MEM_CURRENT), uint64_t{700} << 10);
  OK(cuMemFreeAsync(a, stream));
  CODE_IS(cuMemFreeAsync(a, stream), 1);
  OK(cuMemAllocAsync(&b, 700 << 10, stream));
  CODE_IS(cuMemAllocAsync(&a, 700 << 10, stream), 2);
  OK(cuMemFreeAsync(b, stream));
  OK(cuMemAlloc_v2(&a, 900 << 10));
  OK(cuMemFree_v2(a));
  EQUAL(freeBytes(), size_t{1} << 20);
}

TEST(PoolsKeepWhatIsFreed) {
  context();
  CUmemoryPool pools;
  OK(cuDeviceGetDefaultMemPool(&pools, 0));
  CUdeviceptr a;
  size_t before = freeBytes();
  cuuint64_t keep = 4 << 20;
  OK(cuMemPoolSetAttribute(pools, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, &keep));
  OK(cuMemAllocAsync(&a, 6 << 20, nullptr));
  OK(cuMemFreeAsync(a, nullptr));
  EQUAL(pool(CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT), uint64_t{6} << 20);
  OK(cuStreamSynchronize(nullptr));
  EQUAL(pool(CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT), uint64_t{4} << 20);
  EQUAL(pool(CU_MEMPOOL_ATTR_USED_MEM_CURRENT), uint64_t{0});
  EQUAL(pool(CU_MEMPOOL_ATTR_USED_MEM_HIGH), uint64_t{6} << 20);
  EQUAL(before - freeBytes(), size_t{4} << 20);
  OK(cuMemPoolTrimTo(pools, 0));
  EQUAL(freeBytes(), before);
  CODE_IS(cuMemPoolDestroy(pools), 1);
}

TEST(MemoryStaysFlat, "SOFTGPU_MEMORY=1M") {
  context();
  CUstream stream;
  OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  for (int i = 0; i < 20000; i++) {
    CUdeviceptr a;
    OK(cuMemAllocAsync(&a, 300 << 10, stream));
    OK(cuMemsetD32Async(a, i, 4, stream));
    OK(cuMemFreeAsync(a, stream));
  }
  OK(cuStreamSynchronize(stream));
  EQUAL(freeBytes(), size_t{1} << 20);
}

TESTS_MAIN
