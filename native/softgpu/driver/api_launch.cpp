// Launches: what a device of the model would refuse is refused, the rest waits in its stream; and what fits on the
// device.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "softgpu.h"
#include "state.h"

using namespace softgpu::driver;

namespace softgpu::driver {

int Kernel::registers() const {
  // An estimate, which the compiler would have kept within what the kernel's own bound on threads asks for.
  int most = code.maxThreads < Model::THREADS_PER_BLOCK ? Model::REGISTERS / code.maxThreads / 8 * 8 : 255;
  return std::clamp(code.registers, 1, std::min(255, most));
}

int Kernel::maxThreads() const {
  int warps = Model::REGISTERS / Model::registersPerWarp(registers());
  return std::min({code.maxThreads, Model::THREADS_PER_BLOCK, warps * Model::WARP});
}

}  // namespace softgpu::driver

namespace {

struct Size {
  unsigned x, y, z;

  uint64_t product() const { return static_cast<uint64_t>(x) * y * z; }
  bool within(const int (&most)[3]) const {
    auto one = [](unsigned value, int limit) { return value >= 1 && value <= static_cast<unsigned>(limit); };
    return one(x, most[0]) && one(y, most[1]) && one(z, most[2]);
  }
};

/** The arguments of a launch, packed as the kernel's parameters lie. */
std::vector<char> pack(const softgpu::Function& code, void** parameters, void** extra) {
  std::vector<char> packed(code.parameterBytes);
  if (parameters != nullptr || extra == nullptr) {
    require(extra == nullptr && (parameters != nullptr || code.parameters.empty()));
    for (size_t i = 0; i < code.parameters.size(); i++) {
      require(parameters[i] != nullptr);
      std::memcpy(packed.data() + code.parameters[i].offset, parameters[i], code.parameters[i].bytes);
    }
    return packed;
  }
  const void* buffer = nullptr;
  const size_t* bytes = nullptr;
  for (void** entry = extra; *entry != CU_LAUNCH_PARAM_END; entry += 2) {
    if (*entry == CU_LAUNCH_PARAM_BUFFER_POINTER) {
      buffer = entry[1];
    } else {
      require(*entry == CU_LAUNCH_PARAM_BUFFER_SIZE);
      bytes = static_cast<const size_t*>(entry[1]);
    }
  }
  require(buffer != nullptr && bytes != nullptr && *bytes >= packed.size());
  std::memcpy(packed.data(), buffer, packed.size());
  return packed;
}

CUresult codeOf(softgpu::Status status) {
  switch (status) {
    case softgpu::Status::Ok: return CUDA_SUCCESS;
    case softgpu::Status::IllegalAddress: return CUDA_ERROR_ILLEGAL_ADDRESS;
    case softgpu::Status::Misaligned: return CUDA_ERROR_MISALIGNED_ADDRESS;
    case softgpu::Status::Assert: return CUDA_ERROR_ASSERT;
    case softgpu::Status::Deadlock:
    case softgpu::Status::Timeout: return CUDA_ERROR_LAUNCH_TIMEOUT;
    default: return CUDA_ERROR_LAUNCH_FAILED;
  }
}

void run(const Kernel& kernel, Size grid, Size block, size_t shared, const std::vector<char>& arguments,
    bool cooperative) {
  softgpu::Launch launch;
  launch.function = &kernel.code;
  unsigned blocks[3] = {grid.x, grid.y, grid.z}, threads[3] = {block.x, block.y, block.z};
  std::copy_n(blocks, 3, launch.grid);
  std::copy_n(threads, 3, launch.block);
  launch.dynamicSharedBytes = shared;
  launch.parameters = arguments.data();
  launch.cooperative = cooperative;
  auto result = softgpu::run(launch, kernel.module->context->device.memory, softgpu::Options::fromEnvironment());
  if (result.status != softgpu::Status::Ok) {
    Driver::instance().faultText = result.text;
    if (!softgpu::Options::fromEnvironment().check) {  // checking mode has reported it
      std::fprintf(stderr, "softgpu: %s\n", result.text.c_str());
    }
    fail(codeOf(result.status));
  }
}

CUresult launch(const char* name, CUfunction function, Size grid, Size block, unsigned shared, CUstream streamHandle,
                void** parameters, void** extra, bool cooperative) {
  return inContext(name, [&](Context& context) {
    auto kernel = Driver::instance().kernels.get(function);
    auto stream = context.stream(streamHandle);
    require(kernel->module->context.get() == &stream->context, CUDA_ERROR_INVALID_HANDLE);
    const Model& model = stream->context.device.model;
    require(grid.within(Model::GRID) && block.within(Model::BLOCK));
    require(block.product() <= static_cast<uint64_t>(Model::THREADS_PER_BLOCK));
    require(shared <= static_cast<unsigned>(kernel->maxDynamicShared));
    int threads = static_cast<int>(block.product());
    require(threads <= kernel->maxThreads(), CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
    if (cooperative) {
      uint64_t resident = model.residentBlocks(threads, kernel->registers(), kernel->code.staticSharedBytes + shared);
      require(grid.product() <= resident * model.multiprocessors, CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
    }
    auto arguments = pack(kernel->code, parameters, extra);
    stream->issue([kernel, grid, block, shared, arguments = std::move(arguments), cooperative] {
      run(*kernel, grid, block, shared, arguments, cooperative);
    });
  });
}

CUresult resident(const char* name, int* blocks, CUfunction function, int threads, size_t shared) {
  return inContext(name, [&](Context& context) {
    require(blocks != nullptr && threads > 0);
    auto kernel = Driver::instance().kernels.get(function);
    bool possible = threads <= kernel->maxThreads() && shared <= static_cast<size_t>(kernel->maxDynamicShared);
    size_t all = kernel->code.staticSharedBytes + shared;
    *blocks = possible ? context.device.model.residentBlocks(threads, kernel->registers(), all) : 0;
  });
}

CUresult bestBlock(const char* name, int* grid, int* block, CUfunction function, CUoccupancyB2DSize sharedOf,
    size_t shared, int limit) {
  return inContext(name, [&](Context& context) {
    require(grid != nullptr && block != nullptr && limit >= 0);
    auto kernel = Driver::instance().kernels.get(function);
    const Model& model = context.device.model;
    int most = limit == 0 ? kernel->maxThreads() : std::min(limit, kernel->maxThreads());
    int best = 0;
    for (int threads = most / Model::WARP * Model::WARP; threads > 0; threads -= Model::WARP) {
      size_t all = kernel->code.staticSharedBytes + (sharedOf == nullptr ? shared : sharedOf(threads));
      int blocks = model.residentBlocks(threads, kernel->registers(), all);
      if (blocks * threads > best) {
        best = blocks * threads;
        *block = threads;
        *grid = blocks * model.multiprocessors;
      }
    }
    require(best > 0);
  });
}

}  // namespace

extern "C" {

CUresult cuLaunchKernel(CUfunction function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
    unsigned blockY, unsigned blockZ, unsigned shared, CUstream stream, void** parameters, void** extra) {
  return launch("cuLaunchKernel", function, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, shared, stream, parameters,
                extra, false);
}

CUresult cuLaunchCooperativeKernel(CUfunction function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
    unsigned blockY, unsigned blockZ, unsigned shared, CUstream stream, void** parameters) {
  return launch("cuLaunchCooperativeKernel", function, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, shared, stream,
                parameters, nullptr, true);
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction function, int threads, size_t shared) {
  return resident("cuOccupancyMaxActiveBlocksPerMultiprocessor", blocks, function, threads, shared);
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, CUfunction function, int threads,
    size_t shared, unsigned) {
  return resident("cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags", blocks, function, threads, shared);
}

CUresult cuOccupancyMaxPotentialBlockSize(int* grid, int* block, CUfunction function, CUoccupancyB2DSize sharedOf,
                                          size_t shared, int limit) {
  return bestBlock("cuOccupancyMaxPotentialBlockSize", grid, block, function, sharedOf, shared, limit);
}

CUresult cuOccupancyMaxPotentialBlockSizeWithFlags(int* grid, int* block, CUfunction function,
    CUoccupancyB2DSize sharedOf, size_t shared, int limit, unsigned) {
  return bestBlock("cuOccupancyMaxPotentialBlockSizeWithFlags", grid, block, function, sharedOf, shared, limit);
}

}  // extern "C"
