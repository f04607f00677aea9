// Passes over a kernel's syntax tree before it is decoded.
#pragma once

#include "ptx.h"

namespace softgpu::ptx {

// The kernel with all calls replaced by the bodies they name. Recursion is a Fault, and so is a call of an unknown
// function other than __assertfail, which stays as a statement of that name.
Body inlineCalls(const Body& kernel, const Tree& tree);

// Orders basic blocks so that a block stands behind all blocks that lead to it but loops' ends, and loops stand
// together: the lowest program counter is then the right one to run first for lanes to meet again as early as they can.
void orderBlocks(Body& body);

enum class RegisterClass : std::uint8_t { Predicate, Narrow, Wide };

RegisterClass classOf(Type type);
int slotBytes(RegisterClass registerClass); // of all lanes

// Offsets of registers in a warp's register file; registers that are never live together share one.
struct Allocation {
  std::vector<int> offsets;                   // of each register; -1 where it is never used
  int bytes = 0;
  int liveWords = 0;                          // most 32-bit registers live at once
};

// The first `reserved` bytes stay free.
Allocation allocateRegisters(const Body& body, int reserved);

// Whether the first operand of an instruction is what it writes.
bool writesFirst(const Statement& statement);

} // namespace softgpu::ptx
