// Modules: loading PTX as a driver of a given CUDA version does, with its logs; kernels and their attributes; globals.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "state.h"

using namespace softgpu::driver;

namespace {

constexpr uint32_t FATBIN = 0xba55ed50;
constexpr uint32_t FATBIN_WRAPPER = 0x466243b1;
constexpr uint32_t ELF = 0x464c457f;

/** The newest PTX that a driver takes, 85 for 8.5, by its CUDA version, 12060 for 12.6. */
int newestPtx(int cudaVersion) {
  int major = cudaVersion / 1000, minor = cudaVersion % 1000 / 10;
  if (major == 11) {
    return 70 + minor;
  }
  if (major == 12) {
    return minor <= 5 ? 80 + minor : 79 + minor;  // CUDA 12.5 and 12.6 both have 8.5
  }
  return major < 11 ? 65 : (major - 4) * 10 + minor;
}

CUresult codeOf(softgpu::LoadError::Kind kind) {
  switch (kind) {
    case softgpu::LoadError::UnsupportedVersion: return CUDA_ERROR_UNSUPPORTED_PTX_VERSION;
    case softgpu::LoadError::UnsupportedTarget: return CUDA_ERROR_NO_BINARY_FOR_GPU;
    case softgpu::LoadError::OutOfMemory: return CUDA_ERROR_OUT_OF_MEMORY;
    default: return CUDA_ERROR_INVALID_PTX;
  }
}

/** The options of a load that this driver answers: where the logs go. Sizes are told back in the option's own value. */
struct Logs {
  struct Log {
    char* buffer = nullptr;
    size_t bytes = 0;
    void** told = nullptr;

    void write(const std::string& text) const {
      size_t length = buffer == nullptr || bytes == 0 ? 0 : std::min(bytes - 1, text.size());
      if (buffer != nullptr && bytes > 0) {
        std::memcpy(buffer, text.data(), length);
        buffer[length] = 0;
      }
      if (told != nullptr) {
        *told = reinterpret_cast<void*>(length);
      }
    }
  };

  Log info, error;

  Logs(unsigned count, const CUjit_option* options, void** values) {
    require(count == 0 || (options != nullptr && values != nullptr));
    for (unsigned i = 0; i < count; i++) {
      // An option may come as the size that a log has; its value is a number in a pointer's place, 32 bits of it.
      auto number = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(values[i]));
      switch (options[i]) {
        case CU_JIT_INFO_LOG_BUFFER: info.buffer = static_cast<char*>(values[i]); break;
        case CU_JIT_ERROR_LOG_BUFFER: error.buffer = static_cast<char*>(values[i]); break;
        case CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES:
          info.bytes = number;
          info.told = &values[i];
          break;
        case CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES:
          error.bytes = number;
          error.told = &values[i];
          break;
        default: require(options[i] >= 0 && options[i] < CU_JIT_NUM_OPTIONS);
      }
    }
  }
};

std::string described(const softgpu::Module& code) {
  std::string text;
  for (const std::string& name : code.functionNames()) {
    const softgpu::Function& function = *code.function(name);
    char line[256];
    std::snprintf(line, sizeof line, "info: %s: %d registers, %zu bytes of shared memory, %zu bytes of local memory\n",
                  name.c_str(), function.registers, function.staticSharedBytes, function.localBytes);
    text += line;
  }
  return text;
}

CUmodule loadText(Context& context, const std::string& text, const Logs& logs) {
  softgpu::LoadError error;
  const Model& model = context.device.model;
  auto code = softgpu::Module::load(text, newestPtx(Driver::instance().version), model.capability,
      context.device.memory, error);
  if (code != nullptr) {
    for (const std::string& name : code->functionNames()) {
      if (code->function(name)->staticSharedBytes > static_cast<size_t>(Model::SHARED_PER_BLOCK)) {
        error = {softgpu::LoadError::InvalidPtx, 0, "error: " + name + " uses too much shared data (0xc000 max)"};
      }
    }
  }
  if (error.kind != softgpu::LoadError::None) {
    logs.error.write(error.text);
    logs.info.write("");
    fail(codeOf(error.kind));
  }
  logs.info.write(described(*code));
  logs.error.write("");
  return Driver::instance().modules.add(std::make_shared<LoadedModule>(
      LoadedModule{context.shared_from_this(), std::move(code), {}}));
}

CUmodule loadImage(Context& context, const void* image, const Logs& logs) {
  require(image != nullptr);
  const char* text = static_cast<const char*>(image);
  uint32_t magic = 0;
  std::memcpy(&magic, text, strnlen(text, sizeof magic));
  if (magic == ELF || magic == FATBIN || magic == FATBIN_WRAPPER) {
    logs.error.write("error: the software GPU loads PTX text only");
    fail(CUDA_ERROR_NO_BINARY_FOR_GPU);
  }
  return loadText(context, text, logs);
}

}  // namespace

extern "C" {

CUresult cuModuleLoad(CUmodule* module, const char* file) {
  return inContext("cuModuleLoad", [&](Context& context) {
    require(module != nullptr && file != nullptr);
    std::ifstream in(file, std::ios::binary);
    require(in.good(), CUDA_ERROR_FILE_NOT_FOUND);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    *module = loadImage(context, text.c_str(), Logs(0, nullptr, nullptr));
  });
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  return inContext("cuModuleLoadData", [&](Context& context) {
    require(module != nullptr);
    *module = loadImage(context, image, Logs(0, nullptr, nullptr));
  });
}

CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned count, CUjit_option* options, void** values) {
  return inContext("cuModuleLoadDataEx", [&](Context& context) {
    require(module != nullptr);
    *module = loadImage(context, image, Logs(count, options, values));
  });
}

CUresult cuModuleUnload(CUmodule handle) {
  return inContext("cuModuleUnload", [&](Context&) {
    Driver& driver = Driver::instance();
    auto module = driver.modules.get(handle);
    module->context->synchronize();
    driver.kernels.removeIf([&](const Kernel& kernel) { return kernel.module == module; });
    driver.modules.remove(handle);
  });
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule handle, const char* name) {
  return inContext("cuModuleGetFunction", [&](Context&) {
    require(function != nullptr && name != nullptr);
    Driver& driver = Driver::instance();
    auto module = driver.modules.get(handle);
    const softgpu::Function* code = module->code->function(name);
    require(code != nullptr, CUDA_ERROR_NOT_FOUND);
    CUfunction& known = module->functions[name];
    if (known == nullptr) {
      int dynamic = Model::SHARED_PER_BLOCK - static_cast<int>(code->staticSharedBytes);
      known = driver.kernels.add(std::make_shared<Kernel>(Kernel{module, handle, *code, dynamic}));
    }
    *function = known;
  });
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr* address, size_t* bytes, CUmodule handle, const char* name) {
  return inContext("cuModuleGetGlobal_v2", [&](Context&) {
    require((address != nullptr || bytes != nullptr) && name != nullptr);
    const softgpu::Global* global = Driver::instance().modules.get(handle)->code->global(name);
    require(global != nullptr, CUDA_ERROR_NOT_FOUND);
    if (address != nullptr) {
      *address = global->address;
    }
    if (bytes != nullptr) {
      *bytes = global->bytes;
    }
  });
}

CUresult cuModuleGetLoadingMode(CUmoduleLoadingMode* mode) {
  return initialised("cuModuleGetLoadingMode", [&](Driver&) {
    require(mode != nullptr);
    *mode = CU_MODULE_EAGER_LOADING;
  });
}

CUresult cuFuncGetModule(CUmodule* module, CUfunction function) {
  return inContext("cuFuncGetModule", [&](Context&) {
    require(module != nullptr);
    *module = Driver::instance().kernels.get(function)->moduleHandle;
  });
}

CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction function) {
  return inContext("cuFuncGetAttribute", [&](Context& context) {
    require(value != nullptr && attribute >= 0 && attribute < CU_FUNC_ATTRIBUTE_MAX);
    auto kernel = Driver::instance().kernels.get(function);
    switch (attribute) {
      case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = kernel->maxThreads(); break;
      case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: *value = static_cast<int>(kernel->code.staticSharedBytes); break;
      case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES: *value = static_cast<int>(kernel->code.constantBytes); break;
      case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: *value = static_cast<int>(kernel->code.localBytes); break;
      case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = kernel->registers(); break;
      case CU_FUNC_ATTRIBUTE_PTX_VERSION: *value = kernel->code.ptxVersion; break;
      case CU_FUNC_ATTRIBUTE_BINARY_VERSION: *value = context.device.model.capability; break;
      case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = kernel->maxDynamicShared; break;
      case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: *value = kernel->carveout; break;
      default: *value = 0;
    }
  });
}

CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  return inContext("cuFuncSetAttribute", [&](Context& context) {
    auto kernel = Driver::instance().kernels.get(function);
    int most = context.device.model.sharedPerBlockOptIn - static_cast<int>(kernel->code.staticSharedBytes);
    switch (attribute) {
      case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
        require(value >= 0 && value <= most);
        kernel->maxDynamicShared = value;
        break;
      case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
        require(value >= -1 && value <= 100);
        kernel->carveout = value;
        break;
      default: fail(CUDA_ERROR_INVALID_VALUE);
    }
  });
}

CUresult cuFuncSetCacheConfig(CUfunction function, CUfunc_cache config) {
  return inContext("cuFuncSetCacheConfig", [&](Context&) {
    require(config >= 0 && config <= CU_FUNC_CACHE_PREFER_EQUAL);
    Driver::instance().kernels.get(function);
  });
}

}  // extern "C"
