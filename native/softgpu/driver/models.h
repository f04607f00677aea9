// What the emulated devices are: a table of models by compute capability, and their attributes as the driver API
// numbers them.
#pragma once

#include <cstddef>
#include <string>

namespace softgpu::driver {

/** The figures of one GPU that differ between models; sizes in bytes, clocks in kHz. */
struct Model {
  int capability;  // 80 for sm_80
  const char* name;
  int multiprocessors;
  int clock;
  int memoryClock;
  int busBits;
  int l2;
  int threadsPerMultiprocessor;
  int blocksPerMultiprocessor;
  int sharedPerMultiprocessor;
  int sharedPerBlockOptIn;
  int sharedReservedPerBlock;

  static constexpr int SHARED_PER_BLOCK = 48 * 1024;
  static constexpr int REGISTERS = 64 * 1024;  // per block and per multiprocessor
  static constexpr int THREADS_PER_BLOCK = 1024;
  static constexpr int WARP = 32;
  static constexpr int BLOCK[3] = {1024, 1024, 64};
  static constexpr int GRID[3] = {2147483647, 65535, 65535};

  /** The model of a name like sm_80; null where there is none. */
  static const Model* find(const std::string& name);

  /** The value of an attribute of the device with an ordinal; false for numbers that no attribute has. */
  bool attribute(int number, int ordinal, int* value) const;

  /** Registers that a warp takes from its multiprocessor when each thread has the given number. */
  static int registersPerWarp(int registersPerThread);

  /** How many blocks are resident on one multiprocessor at once. */
  int residentBlocks(int threadsPerBlock, int registersPerThread, size_t sharedPerBlock) const;
};

}  // namespace softgpu::driver
