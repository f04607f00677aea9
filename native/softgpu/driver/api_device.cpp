// Initialisation, devices, words for errors, and looking functions up.
#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "softgpu.h"
#include "state.h"

using namespace softgpu::driver;

namespace {

struct Code {
  CUresult code;
  const char* name;
  const char* words;
};

#define CODE(name, number, words) {name, #name, words},
constexpr Code CODES[] = {
#include "errors.inc"
};
#undef CODE

const Code* find(CUresult code) {
  auto entry = std::find_if(std::begin(CODES), std::end(CODES), [code](const Code& each) { return each.code == code; });
  return entry == std::end(CODES) ? nullptr : entry;
}

CUresult word(const char* call, CUresult code, const char** text, const char* Code::*field) {
  return softgpu::driver::call(call, [&] {
    require(text != nullptr);
    const Code* entry = find(code);
    *text = entry == nullptr ? nullptr : entry->*field;
    require(entry != nullptr);
  });
}

void copyText(char* target, int length, const std::string& text) {
  require(target != nullptr && length > 0);
  std::snprintf(target, length, "%s", text.c_str());
}

std::string busId(int ordinal) {
  char text[16];
  std::snprintf(text, sizeof text, "0000:%02X:00.0", ordinal + 1);
  return text;
}

CUresult uuid(const char* name, CUuuid* target, CUdevice device) {
  return initialised(name, [&](Driver& driver) {
    require(target != nullptr);
    const Device& found = driver.device(device);
    std::memcpy(target->bytes, "software GPU", 12);
    std::snprintf(target->bytes + 12, 4, "%02d", found.model.capability);
    target->bytes[15] = static_cast<char>(found.ordinal);
  });
}

void* lookUp(const char* symbol) {
  Dl_info own;
  require(dladdr(reinterpret_cast<void*>(&cuInit), &own) != 0, CUDA_ERROR_NOT_FOUND);
  void* library = dlopen(own.dli_fname, RTLD_NOW | RTLD_NOLOAD);
  for (const char* suffix : {"_v3", "_v2", ""}) {
    if (void* function = library == nullptr ? nullptr : dlsym(library, (std::string(symbol) + suffix).c_str())) {
      return function;
    }
  }
  return nullptr;
}

}  // namespace

extern "C" {

CUresult cuInit(unsigned flags) {
  return call("cuInit", [&] {
    require(flags == 0);
    require(!Driver::instance().devices.empty(), CUDA_ERROR_NO_DEVICE);
    Driver::instance().initialised = true;
  });
}

CUresult cuDriverGetVersion(int* version) {
  return call("cuDriverGetVersion", [&] {
    require(version != nullptr);
    *version = Driver::instance().version;
  });
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return initialised("cuDeviceGet", [&](Driver& driver) {
    require(device != nullptr);
    *device = driver.device(ordinal).ordinal;
  });
}

CUresult cuDeviceGetCount(int* count) {
  return initialised("cuDeviceGetCount", [&](Driver& driver) {
    require(count != nullptr);
    *count = static_cast<int>(driver.devices.size());
  });
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  return initialised("cuDeviceGetName", [&](Driver& driver) {
    copyText(name, length, driver.device(device).model.name);
  });
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
  return initialised("cuDeviceTotalMem_v2", [&](Driver& driver) {
    require(bytes != nullptr);
    *bytes = driver.device(device).memory.limit();
  });
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
  return initialised("cuDeviceGetAttribute", [&](Driver& driver) {
    require(value != nullptr);
    const Device& found = driver.device(device);
    require(found.model.attribute(attribute, found.ordinal, value));
  });
}

CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
  return initialised("cuDeviceComputeCapability", [&](Driver& driver) {
    require(major != nullptr && minor != nullptr);
    int capability = driver.device(device).model.capability;
    *major = capability / 10;
    *minor = capability % 10;
  });
}

CUresult cuDeviceGetProperties(CUdevprop* properties, CUdevice device) {
  return initialised("cuDeviceGetProperties", [&](Driver& driver) {
    require(properties != nullptr);
    const Device& found = driver.device(device);
    auto attribute = [&](int number) {
      int value = 0;
      found.model.attribute(number, found.ordinal, &value);
      return value;
    };
    *properties = {attribute(1), {attribute(2), attribute(3), attribute(4)}, {attribute(5), attribute(6), attribute(7)},
        attribute(8), attribute(9), attribute(10), attribute(11), attribute(12), attribute(13), attribute(14)};
  });
}

CUresult cuDeviceGetUuid(CUuuid* target, CUdevice device) { return uuid("cuDeviceGetUuid", target, device); }

CUresult cuDeviceGetUuid_v2(CUuuid* target, CUdevice device) { return uuid("cuDeviceGetUuid_v2", target, device); }

CUresult cuDeviceGetPCIBusId(char* text, int length, CUdevice device) {
  return initialised("cuDeviceGetPCIBusId", [&](Driver& driver) {
    copyText(text, length, busId(driver.device(device).ordinal));
  });
}

CUresult cuDeviceGetByPCIBusId(CUdevice* device, const char* text) {
  return initialised("cuDeviceGetByPCIBusId", [&](Driver& driver) {
    require(device != nullptr && text != nullptr);
    for (const auto& each : driver.devices) {
      if (busId(each->ordinal) == text) {
        *device = each->ordinal;
        return;
      }
    }
    fail(CUDA_ERROR_INVALID_DEVICE);
  });
}

CUresult cuDeviceCanAccessPeer(int* can, CUdevice device, CUdevice peer) {
  return initialised("cuDeviceCanAccessPeer", [&](Driver& driver) {
    require(can != nullptr);
    driver.device(device);
    driver.device(peer);
    *can = 0;
  });
}

CUresult cuDeviceGetP2PAttribute(int* value, CUdevice_P2PAttribute attribute, CUdevice source, CUdevice target) {
  return initialised("cuDeviceGetP2PAttribute", [&](Driver& driver) {
    require(value != nullptr && attribute >= 1 && attribute <= 4 && source != target);
    driver.device(source);
    driver.device(target);
    *value = 0;
  });
}

CUresult cuGetErrorName(CUresult code, const char** text) { return word("cuGetErrorName", code, text, &Code::name); }

CUresult cuGetErrorString(CUresult code, const char** text) {
  return word("cuGetErrorString", code, text, &Code::words);
}

CUresult cuGetExportTable(const void** table, const CUuuid*) {
  return call("cuGetExportTable", [&] {
    require(table != nullptr);
    *table = nullptr;
    fail(CUDA_ERROR_NOT_FOUND);
  });
}

CUresult cuGetProcAddress_v2(const char* symbol, void** function, int, cuuint64_t,
    CUdriverProcAddressQueryResult* status) {
  return call("cuGetProcAddress_v2", [&] {
    require(symbol != nullptr && function != nullptr);
    *function = lookUp(symbol);
    if (status != nullptr) {
      *status = *function == nullptr ? CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND : CU_GET_PROC_ADDRESS_SUCCESS;
    }
    require(*function != nullptr, CUDA_ERROR_NOT_FOUND);
  });
}

CUresult cuGetProcAddress(const char* symbol, void** function, int version, cuuint64_t flags) {
  return cuGetProcAddress_v2(symbol, function, version, flags, nullptr);
}

CUresult cuProfilerStart() { return inContext("cuProfilerStart", [](Context&) {}); }

CUresult cuProfilerStop() { return inContext("cuProfilerStop", [](Context&) {}); }

}  // extern "C"
