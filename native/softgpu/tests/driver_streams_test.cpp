// Work is done late: what forces it, in which order, and what a missing synchronisation shows.
#include <algorithm>
#include <thread>

#include "driver_check.h"

using namespace test;

namespace {

float* pinned(size_t count, float value) {
  void* memory = nullptr;
  OK(cuMemHostAlloc(&memory, count * sizeof(float), 0));
  std::fill_n(static_cast<float*>(memory), count, value);
  return static_cast<float*>(memory);
}

CUstream stream(unsigned flags = CU_STREAM_NON_BLOCKING) {
  CUstream made = nullptr;
  OK(cuStreamCreate(&made, flags));
  return made;
}

}  // namespace

TEST(CopiesToPageLockedMemoryAreLate) {
  context();
  CUdeviceptr a = device({5});
  float* target = pinned(1, -77);
  CUstream in = stream();
  OK(cuMemcpyDtoHAsync_v2(target, a, 4, in));
  EQUAL(*target, -77.0f);
  OK(cuStreamSynchronize(in));
  EQUAL(*target, 5.0f);
}

TEST(CopiesFromPageLockedMemoryAreLate) {
  context();
  CUdeviceptr a = device({0});
  float* source = pinned(1, 1);
  CUstream in = stream();
  OK(cuMemcpyHtoDAsync_v2(a, source, 4, in));
  *source = 2;
  OK(cuStreamSynchronize(in));
  EQUAL(host(a, 1)[0], 2.0f);
}

TEST(PageableMemoryIsTakenAtOnce) {
  context();
  CUdeviceptr a = device({0});
  float source = 1, target = -77;
  CUstream in = stream();
  OK(cuMemcpyHtoDAsync_v2(a, &source, 4, in));
  source = 2;
  OK(cuMemcpyDtoHAsync_v2(&target, a, 4, in));
  EQUAL(target, 1.0f);
}

TEST(KernelsAndFillsAreLate) {
  context();
  CUfunction function = kernel("saxpy");
  CUdeviceptr x = device({1, 2, 3}), y = device({1, 1, 1});
  CUstream in = stream();
  OK(saxpy(function, 3, 10, x, y, in));
  EQUAL(host(y, 3)[2], 1.0f);
  OK(cuStreamSynchronize(in));
  EQUAL(host(y, 3)[2], 31.0f);
}

TEST(TheNullStreamWaitsForBlockingStreamsAndTheyForIt) {
  context();
  CUdeviceptr a = device({0});
  CUstream blocking = stream(CU_STREAM_DEFAULT), free = stream();
  OK(cuMemsetD32Async(a, 0x3f800000, 1, blocking));
  EQUAL(host(a, 1)[0], 1.0f);
  OK(cuMemsetD32Async(a, 0x40000000, 1, free));
  EQUAL(host(a, 1)[0], 1.0f);
  OK(cuMemsetD32_v2(a, 0x40400000, 1));
  OK(cuMemsetD32Async(a, 0x40800000, 1, blocking));
  OK(cuStreamSynchronize(blocking));
  float* target = pinned(1, 0);
  OK(cuMemcpyDtoHAsync_v2(target, a, 4, blocking));
  OK(cuStreamSynchronize(blocking));
  EQUAL(*target, 4.0f);
  OK(cuStreamSynchronize(free));
  EQUAL(host(a, 1)[0], 2.0f);
}

TEST(NewerStreamsRunFirst) {
  context();
  CUdeviceptr a = device({0});
  float* target = pinned(1, -77);
  CUstream first = stream(), second = stream();
  OK(cuMemsetD32Async(a, 0x3f800000, 1, first));
  OK(cuMemcpyDtoHAsync_v2(target, a, 4, second));
  OK(cuCtxSynchronize());
  EQUAL(*target, 0.0f);
}

TEST(AnEventOrdersStreams) {
  context();
  CUdeviceptr a = device({0});
  float* target = pinned(1, -77);
  CUstream first = stream(), second = stream();
  CUevent event;
  OK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
  OK(cuMemsetD32Async(a, 0x3f800000, 1, first));
  OK(cuEventRecord(event, first));
  OK(cuMemsetD32Async(a, 0x40000000, 1, first));
  OK(cuStreamWaitEvent(second, event, 0));
  OK(cuMemcpyDtoHAsync_v2(target, a, 4, second));
  EQUAL(*target, -77.0f);
  OK(cuStreamSynchronize(second));
  EQUAL(*target, 1.0f);
  EQUAL(host(a, 1)[0], 1.0f);
  OK(cuCtxSynchronize());
  EQUAL(host(a, 1)[0], 2.0f);
}

TEST(ManyEventsBackAndForth) {
  context();
  CUfunction function = kernel("saxpy");
  CUdeviceptr one = device({1}), sum = device({0});
  CUstream both[] = {stream(), stream()};
  CUevent event;
  OK(cuEventCreate(&event, 0));
  for (int i = 0; i < 5000; i++) {
    OK(saxpy(function, 1, 1, one, sum, both[i % 2]));
    OK(cuEventRecord(event, both[i % 2]));
    OK(cuStreamWaitEvent(both[1 - i % 2], event, 0));
  }
  OK(cuStreamSynchronize(both[0]));
  EQUAL(host(sum, 1)[0], 5000.0f);
}

TEST(QueriesSayNotReadyOnce) {
  context();
  CUdeviceptr a = device({0});
  CUstream in = stream();
  CUevent event;
  OK(cuEventCreate(&event, 0));
  OK(cuEventQuery(event));
  OK(cuStreamQuery(in));
  OK(cuMemsetD32Async(a, 0, 1, in));
  OK(cuEventRecord(event, in));
  CODE_IS(cuEventQuery(event), 600);
  OK(cuEventQuery(event));
  OK(cuMemsetD32Async(a, 0, 1, in));
  CODE_IS(cuStreamQuery(in), 600);
  OK(cuStreamQuery(in));
}

TEST(TimeBetweenEvents) {
  context();
  CUstream in = stream();
  CUevent start, end, untimed;
  OK(cuEventCreate(&start, 0));
  OK(cuEventCreate(&end, 0));
  OK(cuEventCreate(&untimed, CU_EVENT_DISABLE_TIMING));
  float milliseconds = -1;
  CODE_IS(cuEventElapsedTime(&milliseconds, start, end), 400);
  OK(cuEventRecord(start, in));
  OK(cuEventRecord(untimed, in));
  OK(cuEventRecord(end, in));
  CODE_IS(cuEventElapsedTime(&milliseconds, start, end), 600);
  OK(cuEventSynchronize(end));
  OK(cuEventElapsedTime(&milliseconds, start, end));
  EQUAL(milliseconds >= 0, true);
  CODE_IS(cuEventElapsedTime(&milliseconds, untimed, end), 400);
}

TEST(FreeingMemoryForcesItsWork) {
  context();
  CUdeviceptr a = device({0}), b = device({4});
  float* target = pinned(1, -77);
  CUstream in = stream();
  OK(cuMemcpyDtoHAsync_v2(target, b, 4, in));
  OK(cuMemFree_v2(a));
  EQUAL(*target, 4.0f);
}

TEST(MemoryFreedTooEarlyIsAnIllegalAccess) {
  context();
  CUstream in = stream(), other = stream();
  CUdeviceptr a;
  OK(cuMemAllocAsync(&a, 64, in));
  OK(cuMemsetD32Async(a, 0, 16, in));
  OK(cuMemFreeAsync(a, other));
  CODE_IS(cuCtxSynchronize(), 700);
  CODE_IS(cuStreamSynchronize(in), 700);
}

TEST(StreamsEndWithTheirWork) {
  context();
  CUdeviceptr a = device({0});
  CUstream in = stream();
  OK(cuMemsetD32Async(a, 0x3f800000, 1, in));
  OK(cuStreamDestroy_v2(in));
  OK(cuCtxSynchronize());
  EQUAL(host(a, 1)[0], 1.0f);
}

TEST(HostFunctionsRunInTheirStream) {
  context();
  CUstream in = stream();
  int calls = 0;
  OK(cuLaunchHostFunc(in, [](void* data) { ++*static_cast<int*>(data); }, &calls));
  OK(cuStreamAddCallback(in, [](CUstream, CUresult, void* data) { ++*static_cast<int*>(data); }, &calls, 0));
  EQUAL(calls, 0);
  OK(cuStreamSynchronize(in));
  EQUAL(calls, 2);
}

TEST(AStreamDoesNotGrowWithoutEnd) {
  context();
  CUdeviceptr a = device({5});
  float* target = pinned(1, -77);
  CUstream in = stream();
  OK(cuMemcpyDtoHAsync_v2(target, a, 4, in));
  for (int i = 0; i < 1000; i++) {
    OK(cuMemsetD32Async(a, 0, 1, in));
  }
  EQUAL(*target, -77.0f);
  for (int i = 0; i < 1000; i++) {
    OK(cuMemsetD32Async(a, 0, 1, in));
  }
  EQUAL(*target, 5.0f);
}

TEST(ThreadsShareAContext) {
  CUcontext shared = context();
  CUfunction function = kernel("saxpy");
  CUdeviceptr one = device({1});
  std::vector<float> sums(8);
  std::vector<std::thread> threads;
  for (float& sum : sums) {
    threads.emplace_back([&] {
      OK(cuCtxSetCurrent(shared));
      CUdeviceptr own = device({0});
      for (int i = 0; i < 500; i++) {
        OK(saxpy(function, 1, 1, one, own, i % 2 == 0 ? CU_STREAM_PER_THREAD : nullptr));
      }
      sum = host(own, 1)[0];
      OK(cuMemFree_v2(own));
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (float sum : sums) {
    EQUAL(sum, 500.0f);
  }
}

TEST(NothingIsCaptured) {
  context();
  CUstreamCaptureStatus status = static_cast<CUstreamCaptureStatus>(9);
  OK(cuStreamIsCapturing(stream(), &status));
  EQUAL(static_cast<int>(status), 0);
}

TEST(PrioritiesAndFlags) {
  context();
  CUstream made;
  int priority = 1;
  unsigned flags = 9;
  OK(cuStreamCreateWithPriority(&made, CU_STREAM_NON_BLOCKING, -99));
  OK(cuStreamGetPriority(made, &priority));
  OK(cuStreamGetFlags(made, &flags));
  EQUAL(priority, -5);
  EQUAL(flags, 1u);
  CODE_IS(cuStreamCreate(&made, 2), 1);
}

TESTS_MAIN
