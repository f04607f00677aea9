// What libcuda.so.1 of the software GPU exports beside the CUDA driver API: control for tests, and the door for
// libcublas.
#pragma once

#include "cuda_api.h"

extern "C" {

/** Makes calls fail from now on, as SOFTGPU_FAIL does: `name:n` or `name:n:code`, several with commas; "" ends it. */
CUresult cuSoftgpuFail(const char* plan);

/** How often a function of the driver or of cuBLAS was called in this process. */
CUresult cuSoftgpuCalls(const char* name, unsigned long long* count);

/** Sets the memory of a device, as SOFTGPU_MEMORY does. What is allocated stays. */
CUresult cuSoftgpuSetMemory(CUdevice device, size_t bytes);

/** Words about the last launch that failed, cut at `bytes`. */
CUresult cuSoftgpuFaultText(char* text, size_t bytes);

/** Findings of checking mode so far; and the one at an index, as one line, cut at `bytes`. Clearing forgets them. */
CUresult cuSoftgpuReportCount(size_t* count);
CUresult cuSoftgpuReport(size_t index, char* text, size_t bytes);
CUresult cuSoftgpuReportsClear();

/** Counters of all kernels so far as JSON, cut at `bytes`; `needed` is what all of it takes with its zero. */
CUresult cuSoftgpuCounters(char* text, size_t bytes, size_t* needed);

/** What a library's kernel touches: `count` matrices of `columns` columns of `bytes` bytes each. */
struct SoftgpuOperand {
  CUdeviceptr address;
  size_t bytes;
  size_t pitch;
  size_t columns;
  size_t stride;
  size_t count;
  int read;
  int written;
};

/** Counts a call of another library; the code that it shall fail with, or 0. */
int cuSoftgpuCount(const char* name);

/**
 * Puts a library's kernel into a stream of a context, which must be current. As it runs, its operands must lie in
 * allocated memory, which is an illegal access otherwise, and in checking mode what it reads must have been written.
 * `drop` ends the data in any case.
 */
CUresult cuSoftgpuIssue(const char* kernel, CUcontext context, CUstream stream, const SoftgpuOperand* operands,
    int count, void (*run)(void*), void (*drop)(void*), void* data);

}  // extern "C"
