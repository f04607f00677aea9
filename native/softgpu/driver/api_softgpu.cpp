// Control for tests, and the door through which libcublas puts its kernels into streams.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "softgpu.h"
#include "state.h"

using namespace softgpu::driver;

namespace {

void giveText(const std::string& text, char* target, size_t bytes) {
  require(target != nullptr && bytes > 0);
  std::snprintf(target, bytes, "%s", text.c_str());
}

template <typename Visit>
void eachColumn(const SoftgpuOperand& operand, Visit visit) {
  for (size_t i = 0; i < operand.count; i++) {
    for (size_t column = 0; column < operand.columns; column++) {
      visit(operand.address + i * operand.stride + column * operand.pitch);
    }
  }
}

void checkOperands(softgpu::DeviceMemory& memory, const std::string& kernel,
    const std::vector<SoftgpuOperand>& operands) {
  const softgpu::Options& options = softgpu::Options::fromEnvironment();
  for (const SoftgpuOperand& operand : operands) {
    bool written = true;
    eachColumn(operand, [&](CUdeviceptr column) {
      if (!memory.holds(column, operand.bytes)) {
        Driver::instance().faultText = kernel + ": an operand lies outside of allocated memory";
        fail(CUDA_ERROR_ILLEGAL_ADDRESS);
      }
      written = written && (!operand.read || memory.initialised(column, operand.bytes));
    });
    if (!written) {
      softgpu::Report report;
      report.kind = "uninitialised";
      report.kernel = kernel;
      report.text = "operand " + std::to_string(&operand - operands.data()) + " was not written";
      softgpu::addReport(report, options);
    }
  }
}

/** A library's work and its data, which end together. */
struct Work {
  void (*run)(void*);
  void (*drop)(void*);
  void* data;

  Work(void (*run)(void*), void (*drop)(void*), void* data) : run(run), drop(drop), data(data) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  ~Work() { drop(data); }
};

}  // namespace

extern "C" {

CUresult cuSoftgpuFail(const char* plan) {
  return call("cuSoftgpuFail", [&] {
    require(plan != nullptr);
    Calls::instance().failOn(plan);
  });
}

CUresult cuSoftgpuCalls(const char* name, unsigned long long* count) {
  return call("cuSoftgpuCalls", [&] {
    require(name != nullptr && count != nullptr);
    *count = Calls::instance().counted(name);
  });
}

CUresult cuSoftgpuSetMemory(CUdevice device, size_t bytes) {
  return initialised("cuSoftgpuSetMemory", [&](Driver& driver) { driver.device(device).memory.setLimit(bytes); });
}

CUresult cuSoftgpuFaultText(char* text, size_t bytes) {
  return call("cuSoftgpuFaultText", [&] { giveText(Driver::instance().faultText, text, bytes); });
}

CUresult cuSoftgpuReportCount(size_t* count) {
  return call("cuSoftgpuReportCount", [&] {
    require(count != nullptr);
    *count = softgpu::reports().size();
  });
}

CUresult cuSoftgpuReport(size_t index, char* text, size_t bytes) {
  return call("cuSoftgpuReport", [&] {
    auto reports = softgpu::reports();
    require(index < reports.size());
    giveText(reports[index].format(), text, bytes);
  });
}

CUresult cuSoftgpuReportsClear() {
  return call("cuSoftgpuReportsClear", [] { softgpu::clearReports(); });
}

CUresult cuSoftgpuCounters(char* text, size_t bytes, size_t* needed) {
  return call("cuSoftgpuCounters", [&] {
    std::string json = softgpu::countersJson();
    giveText(json, text, bytes);
    if (needed != nullptr) {
      *needed = json.size() + 1;
    }
  });
}

int cuSoftgpuCount(const char* name) {
  std::lock_guard guard(lock());
  return Calls::instance().count(name);
}

CUresult cuSoftgpuIssue(const char* kernel, CUcontext owner, CUstream streamHandle, const SoftgpuOperand* operands,
    int count, void (*run)(void*), void (*drop)(void*), void* data) {
  auto work = std::make_shared<Work>(run, drop, data);
  return inContext("cuSoftgpuIssue", [&](Context& context) {
    require(context.handle == owner, CUDA_ERROR_INVALID_CONTEXT);
    auto stream = context.stream(streamHandle);
    Device* device = &stream->context.device;
    std::vector<SoftgpuOperand> touched(operands, operands + count);
    stream->issue([device, name = std::string(kernel), touched = std::move(touched), work] {
      checkOperands(device->memory, name, touched);
      work->run(work->data);
      for (const SoftgpuOperand& operand : touched) {
        if (operand.written) {
          eachColumn(operand, [&](CUdeviceptr column) { device->memory.hostWrote(column, operand.bytes); });
        }
      }
    });
  });
}

}  // extern "C"
