// Streams, events and host functions in streams.
#include <algorithm>

#include "state.h"

using namespace softgpu::driver;

namespace {

constexpr int GREATEST_PRIORITY = -5;

CUresult createStream(const char* name, CUstream* handle, unsigned flags, int priority) {
  return inContext(name, [&](Context& context) {
    require(handle != nullptr && flags <= CU_STREAM_NON_BLOCKING);
    auto stream = context.newStream(flags, std::clamp(priority, GREATEST_PRIORITY, 0));
    *handle = Driver::instance().streams.add(stream);
  });
}

CUresult record(const char* name, CUevent handle, CUstream streamHandle) {
  return inContext(name, [&](Context& context) {
    auto event = Driver::instance().events.get(handle);
    auto stream = context.stream(streamHandle);
    require(&event->context == &stream->context, CUDA_ERROR_INVALID_HANDLE);
    auto when = std::make_shared<std::chrono::steady_clock::time_point>();
    event->when = when;
    event->point = stream->issue([when] { *when = std::chrono::steady_clock::now(); });
  });
}

void checkFault(const Context& context) { require(context.fault == CUDA_SUCCESS, context.fault); }

}  // namespace

extern "C" {

CUresult cuStreamCreate(CUstream* stream, unsigned flags) { return createStream("cuStreamCreate", stream, flags, 0); }

CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned flags, int priority) {
  return createStream("cuStreamCreateWithPriority", stream, flags, priority);
}

CUresult cuStreamDestroy_v2(CUstream handle) {
  return inContext("cuStreamDestroy_v2", [&](Context&) {
    auto stream = Driver::instance().streams.remove(handle);
    stream->destroyed = true;
    if (stream->idle()) {
      std::erase(stream->context.streams, stream);
    }
  });
}

CUresult cuStreamSynchronize(CUstream handle) {
  return inContext("cuStreamSynchronize", [&](Context& context) { context.stream(handle)->synchronize(); });
}

CUresult cuStreamQuery(CUstream handle) {
  return inContext("cuStreamQuery", [&](Context& context) {
    require(context.stream(handle)->query(), CUDA_ERROR_NOT_READY);
  });
}

CUresult cuStreamWaitEvent(CUstream handle, CUevent eventHandle, unsigned flags) {
  return inContext("cuStreamWaitEvent", [&](Context& context) {
    require(flags <= 1);
    auto stream = context.stream(handle);
    auto event = Driver::instance().events.get(eventHandle);
    if (!event->point.reached()) {
      stream->issue([] {}, {event->point});
    }
  });
}

CUresult cuStreamGetPriority(CUstream handle, int* priority) {
  return inContext("cuStreamGetPriority", [&](Context& context) {
    require(priority != nullptr);
    *priority = context.stream(handle)->priority;
  });
}

CUresult cuStreamGetFlags(CUstream handle, unsigned* flags) {
  return inContext("cuStreamGetFlags", [&](Context& context) {
    require(flags != nullptr);
    *flags = context.stream(handle)->flags;
  });
}

CUresult cuStreamGetId(CUstream handle, unsigned long long* id) {
  return inContext("cuStreamGetId", [&](Context& context) {
    require(id != nullptr);
    *id = context.stream(handle)->id;
  });
}

CUresult cuStreamGetCtx(CUstream handle, CUcontext* owner) {
  return inContext("cuStreamGetCtx", [&](Context& context) {
    require(owner != nullptr);
    *owner = context.stream(handle)->context.handle;
  });
}

CUresult cuStreamIsCapturing(CUstream handle, CUstreamCaptureStatus* status) {
  return inContext("cuStreamIsCapturing", [&](Context& context) {
    require(status != nullptr);
    context.stream(handle);
    *status = CU_STREAM_CAPTURE_STATUS_NONE;
  });
}

CUresult cuLaunchHostFunc(CUstream handle, CUhostFn function, void* data) {
  return inContext("cuLaunchHostFunc", [&](Context& context) {
    require(function != nullptr);
    context.stream(handle)->issue([=] { function(data); });
  });
}

CUresult cuStreamAddCallback(CUstream handle, CUstreamCallback callback, void* data, unsigned flags) {
  return inContext("cuStreamAddCallback", [&](Context& context) {
    require(callback != nullptr && flags == 0);
    auto stream = context.stream(handle);
    Context* owner = &stream->context;
    stream->issue([=] { callback(handle, owner->fault, data); });
  });
}

CUresult cuEventCreate(CUevent* handle, unsigned flags) {
  return inContext("cuEventCreate", [&](Context& context) {
    bool timed = (flags & CU_EVENT_DISABLE_TIMING) == 0;
    require(handle != nullptr && flags <= 7 && !(timed && (flags & CU_EVENT_INTERPROCESS) != 0));
    *handle = Driver::instance().events.add(std::make_shared<Event>(Event{context, flags, {}, nullptr}));
  });
}

CUresult cuEventDestroy_v2(CUevent handle) {
  return inContext("cuEventDestroy_v2", [&](Context&) { Driver::instance().events.remove(handle); });
}

CUresult cuEventRecord(CUevent event, CUstream stream) { return record("cuEventRecord", event, stream); }

CUresult cuEventRecordWithFlags(CUevent event, CUstream stream, unsigned flags) {
  if (flags > 1) {
    return call("cuEventRecordWithFlags", [] { fail(CUDA_ERROR_INVALID_VALUE); });
  }
  return record("cuEventRecordWithFlags", event, stream);
}

CUresult cuEventQuery(CUevent handle) {
  return inContext("cuEventQuery", [&](Context&) {
    auto event = Driver::instance().events.get(handle);
    if (!event->point.reached()) {
      complete({event->point});
      checkFault(event->context);
      fail(CUDA_ERROR_NOT_READY);
    }
  });
}

CUresult cuEventSynchronize(CUevent handle) {
  return inContext("cuEventSynchronize", [&](Context&) {
    auto event = Driver::instance().events.get(handle);
    complete({event->point});
    checkFault(event->context);
  });
}

CUresult cuEventElapsedTime(float* milliseconds, CUevent startHandle, CUevent endHandle) {
  return inContext("cuEventElapsedTime", [&](Context&) {
    require(milliseconds != nullptr);
    auto start = Driver::instance().events.get(startHandle);
    auto end = Driver::instance().events.get(endHandle);
    bool timed = ((start->flags | end->flags) & CU_EVENT_DISABLE_TIMING) == 0;
    require(timed && start->when != nullptr && end->when != nullptr, CUDA_ERROR_INVALID_HANDLE);
    require(start->point.reached() && end->point.reached(), CUDA_ERROR_NOT_READY);
    *milliseconds = std::chrono::duration<float, std::milli>(*end->when - *start->when).count();
  });
}

}  // extern "C"
