// Every opcode of the table gives what the PTX manual says, on arguments where mistakes show.
#include "cases_compare.h"
#include "cases_memory.h"
#include "cases_warp.h"

using namespace softgpu;
using namespace softgpu::test;

int main() {
  integerCases();
  floatCases();
  compareCases();
  memoryCases();
  warpCases();
  for (const std::string& name : knownOpcodes()) check(covered.count(name) != 0, "no case for " + name);
  return finish("opcodes");
}
