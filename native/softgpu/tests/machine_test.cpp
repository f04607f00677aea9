// Device memory, the loading of modules and its faults, statuses of launches, and counters.
#include "harness.h"

using namespace softgpu;
using namespace softgpu::test;

namespace {

void memory() {
  for (bool checked : {false, true}) {
    DeviceMemory memory(1000, checked);
    Address a = memory.allocate(400), b = memory.allocate(600);
    check(a != 0 && b != 0 && a % DeviceMemory::ALIGNMENT == 0, "two ranges fill the limit");
    check(memory.allocate(1) == 0, "nothing fits behind the limit");
    check(memory.used() == 1000 && memory.liveRanges() == 2, "used bytes");
    check(b - a >= 400 + DeviceMemory::RED_ZONE || a - b >= 600 + DeviceMemory::RED_ZONE, "a red zone between ranges");
    auto range = memory.find(a + 399);
    check(range && range->base == a && range->bytes == 400, "the range of its last byte");
    check(!memory.find(a + 400) && !memory.find(a - 1), "no range beside it");
    check(memory.holds(a + 100, 300) && !memory.holds(a + 100, 301), "bytes of one range");
    check(memory.initialised(a, 400) == !checked, "nobody wrote yet");
    memory.hostWrote(a, 100);
    check(memory.initialised(a, 100) && memory.initialised(a + 50, 51) == !checked, "written bytes");
    check(!memory.free(a + 1) && memory.free(a) && !memory.free(a), "only a live range's base is freed, once");
    Address again = memory.allocate(400);
    check(again != 0 && (again == a) == !checked, "a freed range is used again, in checking mode late");
    check(memory.free(again) && memory.free(b) && memory.used() == 0 && memory.liveRanges() == 0, "all is freed");
    for (int i = 0; i < 100000; ++i) check(memory.free(memory.allocate(900)), "memory does not wear out");
  }
}

std::string kernel(const std::string& body, const std::string& head = ".version 8.0\n.target sm_75\n") {
  return head
      + ".address_size 64\n.visible .entry k(.param .u64 p)\n{\n.reg .b32 %r<4>;\n.reg .b64 %rd<4>;\n.reg .pred "
        "%p<2>;\n"
      + body + "\nret;\n}\n";
}

void refused(const std::string& text, LoadError::Kind kind, int line, const std::string& part) {
  DeviceMemory memory(1 << 20, false);
  LoadError error;
  auto module = Module::load(text, 80, 75, memory, error);
  check(!module, "must be refused: " + part);
  check(error.kind == kind && (line == 0 || error.line == line), "kind and line of: " + error.text);
  check(error.text.find(part) != std::string::npos, "'" + error.text + "' must name '" + part + "'");
  check(memory.used() == 0, "a refused module leaves nothing");
}

void faults() {
  using E = LoadError;
  refused(kernel("", ".version 8.5\n.target sm_75\n"), E::UnsupportedVersion, 1, "Unsupported .version 8.5");
  refused(kernel("", ".version 8.0\n.target sm_90\n"), E::UnsupportedTarget, 0, "sm_90");
  refused(kernel("frobnicate.u32 %r1, %r2;"), E::InvalidPtx, 9, "unknown opcode 'frobnicate.u32'");
  refused(kernel("add.odd.u32 %r1, %r2, %r3;"), E::InvalidPtx, 9, "unknown modifier '.odd'");
  refused(kernel("add.u32 %r1, %r2;"), E::InvalidPtx, 9, "operands");
  refused(kernel("add.u64 %r1, %rd1, %rd2;"), E::InvalidPtx, 9, "another size");
  refused(kernel("add.u32 %r1, %r2, %r9;"), E::InvalidPtx, 9, "%r9");
  refused(kernel("mov.u32 %r1, 1;\nbra nowhere;"), E::InvalidPtx, 10, "nowhere");
  refused(kernel("mov.u64 %rd1, nothing;"), E::InvalidPtx, 9, "nothing");
  refused(kernel("ld.param.u64 %rd1, [p+8];"), E::InvalidPtx, 9, "outside the parameters");
  refused(kernel("add.u32 %r1, %r2, %r3"), E::InvalidPtx, 0, "expected");
  refused("no PTX", E::InvalidPtx, 1, ".version");
  refused(
      ".version 8.0\n.target sm_75\n.address_size 64\n.global .align 4 .b8 big[2000000];\n", E::OutOfMemory, 4, "big");
  refused(
      ".version 8.0\n.target sm_75\n.address_size 64\n.func f()\n{\ncall.uni f, ();\nret;\n}\n.visible .entry k()\n{\n"
      "call.uni f, ();\nret;\n}\n",
      E::InvalidPtx, 0, "recursive");
}

void variables() {
  Options options;
  Device device(options,
      ".version 8.0\n.target sm_75\n.address_size 64\n.global .align 4 .u32 numbers[3] = {7, 8, 9};\n"
      ".const .align 8 .f64 half = 0.5;\n.global .align 8 .u64 where[2] = {0, generic(numbers)+4};\n"
      ".visible .entry k(.param .u64 out)\n{\n.reg .b64 %a, %b, %c;\nld.param.u64 %a, [out];\nld.global.u64 %b, "
      "[where+8];\n"
      "ld.u32 %c, [%b];\nst.global.u64 [%a], %c;\nld.const.b64 %c, [half];\nst.global.u64 [%a+8], %c;\nret;\n}\n");
  const Global* numbers = device.module().global("numbers");
  check(numbers && numbers->bytes == 12 && !device.module().global("other"), "a module's variables by name");
  Address out = device.reserve<std::uint64_t>(2);
  check(device.launch("k", 1, 1, 0, false, out).status == Status::Ok, "variables are read");
  std::vector<std::uint64_t> got = device.download<std::uint64_t>(out, 2);
  check(got[0] == 8 && got[1] == 0x3fe0000000000000u, "initial values");
}

void functions() {
  Device device(Options(), readFile("clean.ptx"));
  const Function* f = device.module().function("softmax");
  check(f && f->parameters.size() == 3 && f->parameters[2].offset == 16 && f->parameterBytes == 20,
      "a kernel's parameters");
  check(f->staticSharedBytes == 16 && f->ptxVersion == 80 && f->registers > 5 && f->localBytes == 0,
      "a kernel's attributes");
  check(device.module().functionNames().size() == 8, "kernels by name");
  check(device.module().function("reduceTree")->staticSharedBytes == 0, "dynamic shared memory is no static one");
}

void statuses() {
  Options options;
  Device device(options, kernel("again: bra again;"));
  Address p = device.reserve<float>(1);
  check(device.launch("k", 0, 1, 0, false, p).status == Status::InvalidLaunch, "an empty grid");
  check(device.launch("k", 1, 1025, 0, false, p).status == Status::InvalidLaunch, "a block too large");
  options.maxWarpInstructions = 5000000;
  Device limited(options, kernel("again: bra again;"));
  check(limited.launch("k", 1, 1, 0, false, p).status == Status::Timeout, "a launch without end");
  Device wild(Options(), kernel("mov.u64 %rd1, 64;\nst.global.u32 [%rd1], 1;"));
  Result result = wild.launch("k", 1, 1, 0, false, p);
  check(result.status == Status::IllegalAddress && result.text.find("PTX line 10") != std::string::npos,
      "a wild address: " + result.text);
  Device skewed(Options(), kernel("ld.param.u64 %rd1, [p];\nst.global.u32 [%rd1+2], 1;"));
  check(skewed.launch("k", 1, 1, 0, false, skewed.reserve<float>(4)).status == Status::Misaligned,
      "a misaligned address");
}

void counting() {
  Options options;
  options.countersFile = "/dev/null";
  Device device(options,
      kernel("mov.u32 %r1, %tid.x;\nmul.wide.u32 %rd2, %r1, 8;\nld.param.u64 %rd1, [p];\nadd.s64 %rd1, %rd1, %rd2;\n"
             "ld.global.u32 %r2, [%rd1];\nst.global.u32 [%rd1], %r2;\nbar.sync 0;"));
  std::string shared = kernel(
      ".shared .align 4 .b8 tile[4096];\nmov.u32 %r1, %tid.x;\nmov.u32 %r2, tile;\nmad.lo.u32 %r2, %r1, 8, %r2;\n"
      "st.shared.u32 [%r2], %r1;");
  shared.replace(shared.find(" k("), 2, " banks");
  Device banks(options, shared);
  Address p = device.upload(std::vector<float>(256, 1.0f));
  check(device.launch("k", 2, 64, 0, false, p).status == Status::Ok, "a counted launch");
  check(banks.launch("banks", 1, 32, 0, false, p).status == Status::Ok, "a counted launch");
  Counters k = counters().at("k");
  check(k.launches >= 1 && k.globalLoadRequests == 4 && k.globalLoadSectors == 32 && k.globalLoadBytes == 512,
      "loads with a stride of 8");
  check(k.globalStoreRequests == 4 && k.globalStoreSectors == 32 && k.barriers == 2, "stores and barriers");
  Counters b = counters().at("banks");
  check(b.sharedRequests == 1 && b.sharedWavefronts == 2, "two lanes a bank");
  check(b.warpInstructions == 5 && b.laneInstructions == 160, "instructions: " + std::to_string(b.warpInstructions));
  check(countersJson().find("\"banks\": {\"launches\": 1, \"blocks\": 1, \"warpInstructions\": 5") != std::string::npos,
      "JSON");
}

} // namespace

int main() {
  memory();
  faults();
  variables();
  functions();
  statuses();
  counting();
  return finish("machine");
}
