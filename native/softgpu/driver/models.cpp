// The models and their attributes. Figures of one card of each architecture: V100, which the PTX is too new for, T4, A100, A10, L40S, H100.
#include "models.h"

#include <algorithm>
#include <climits>

namespace softgpu::driver {

namespace {

constexpr int KIB = 1024;
constexpr int MIB = 1024 * 1024;

constexpr Model MODELS[] = {
    {70, "Software GPU sm_70", 80, 1530000, 877000, 4096, 6 * MIB, 2048, 32, 96 * KIB, 96 * KIB, 0},
    {75, "Software GPU sm_75", 40, 1590000, 5001000, 256, 4 * MIB, 1024, 16, 64 * KIB, 64 * KIB, 0},
    {80, "Software GPU sm_80", 108, 1410000, 1215000, 5120, 40 * MIB, 2048, 32, 164 * KIB, 163 * KIB, KIB},
    {86, "Software GPU sm_86", 72, 1695000, 6251000, 384, 6 * MIB, 1536, 16, 100 * KIB, 99 * KIB, KIB},
    {89, "Software GPU sm_89", 142, 2520000, 9001000, 384, 96 * MIB, 1536, 24, 100 * KIB, 99 * KIB, KIB},
    {90, "Software GPU sm_90", 132, 1980000, 2619000, 5120, 50 * MIB, 2048, 32, 228 * KIB, 227 * KIB, KIB},
};

constexpr int LAST_ATTRIBUTE = 135;  // of CUDA 12.6

int roundUp(int value, int unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

const Model* Model::find(const std::string& name) {
  for (const Model& model : MODELS) {
    if (name == "sm_" + std::to_string(model.capability)) {
      return &model;
    }
  }
  return nullptr;
}

bool Model::attribute(int number, int ordinal, int* value) const {
  if (number < 1 || number > LAST_ATTRIBUTE) {
    return false;
  }
  switch (number) {
    case 1: *value = THREADS_PER_BLOCK; break;
    case 2: case 3: case 4: *value = BLOCK[number - 2]; break;
    case 5: case 6: case 7: *value = GRID[number - 5]; break;
    case 8: *value = SHARED_PER_BLOCK; break;
    case 9: *value = 64 * KIB; break;          // constant memory
    case 10: *value = WARP; break;
    case 11: *value = INT_MAX; break;          // pitch
    case 12: *value = REGISTERS; break;        // per block
    case 13: *value = clock; break;
    case 14: *value = 512; break;              // texture alignment
    case 15: *value = 1; break;                // copies overlap kernels
    case 16: *value = multiprocessors; break;
    case 31: *value = 1; break;                // concurrent kernels
    case 33: *value = ordinal + 1; break;      // PCI bus
    case 36: *value = memoryClock; break;
    case 37: *value = busBits; break;
    case 38: *value = l2; break;
    case 39: *value = threadsPerMultiprocessor; break;
    case 40: *value = 2; break;                // copy engines
    case 41: *value = 1; break;                // unified addressing
    case 75: *value = capability / 10; break;
    case 76: *value = capability % 10; break;
    case 78: *value = 1; break;                // stream priorities
    case 79: case 80: *value = 1; break;       // L1 holds globals and locals
    case 81: *value = sharedPerMultiprocessor; break;
    case 82: *value = REGISTERS; break;        // per multiprocessor
    case 87: *value = capability == 80 || capability == 90 ? 2 : capability == 75 ? 32 : 64; break;
    case 90: *value = 1; break;                // preemption
    case 95: *value = 1; break;                // cooperative launch
    case 97: *value = sharedPerBlockOptIn; break;
    case 99: *value = 1; break;                // host memory may be registered
    case 106: *value = blocksPerMultiprocessor; break;
    case 111: *value = sharedReservedPerBlock; break;
    case 115: *value = 1; break;               // memory pools
    case 134: *value = -1; break;              // host NUMA node
    default: *value = 0;
  }
  return true;
}

int Model::registersPerWarp(int registersPerThread) { return roundUp(registersPerThread * WARP, 256); }

int Model::residentBlocks(int threadsPerBlock, int registersPerThread, size_t sharedPerBlock) const {
  int warps = (threadsPerBlock + WARP - 1) / WARP;
  int blocks = std::min(blocksPerMultiprocessor, threadsPerMultiprocessor / (warps * WARP));
  if (registersPerThread > 0) {
    int perQuarter = REGISTERS / 4 / registersPerWarp(registersPerThread);  // each of the four schedulers has its own
    blocks = std::min(blocks, perQuarter * 4 / warps);
  }
  size_t shared = (sharedPerBlock + sharedReservedPerBlock + 127) / 128 * 128;
  if (shared > 0) {
    blocks = static_cast<int>(std::min<size_t>(blocks, sharedPerMultiprocessor / shared));
  }
  return blocks;
}

}  // namespace softgpu::driver
