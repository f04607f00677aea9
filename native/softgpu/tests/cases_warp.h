// What instructions do that concern several threads, or the flow of control: whole kernels of one block.
#pragma once

#include "snippets.h"

#include <array>

namespace softgpu::test {

struct Ran {
  Result result;
  std::vector<std::uint32_t> values;
};

// A kernel whose every thread has %i = its number, %a = a value, and ends with %d stored. It runs in one block.
inline Ran runBlock(const std::string& code, unsigned threads, const std::string& declarations = "",
    const std::vector<std::uint32_t>& given = {}) {
  std::string text = ".version 8.0\n.target sm_90\n.address_size 64\n.extern .func __assertfail(.param .b64 m, "
      ".param .b64 f, .param .b32 l, .param .b64 n, .param .b64 c);\n"
      ".visible .entry block(.param .u64 out, .param .u64 in)\n{\n.reg .pred %p, %q, %r;\n"
      ".reg .b32 %i, %a, %d, %t, %u, %lane;\n.reg .b64 %at, %base, %w;\n" + declarations
      + "mov.u32 %i, %tid.x;\nmov.u32 %lane, %laneid;\nmul.wide.u32 %at, %i, 4;\nld.param.u64 %base, [in];\n"
        "add.s64 %base, %base, %at;\n"
        "ld.global.u32 %a, [%base];\nld.param.u64 %base, [out];\nadd.s64 %at, %at, %base;\nmov.u32 %d, 0;\n" + code
      + "\nst.global.u32 [%at], %d;\nret;\n}\n";
  std::vector<std::uint32_t> in = given;
  for (std::uint32_t i = static_cast<std::uint32_t>(in.size()); i < threads; ++i) in.push_back(i * 2654435761u + 99);
  Ran ran;
  for (bool checked : {false, true}) {
    Options options;
    options.check = checked;
    options.seed = checked ? 3 : 0;
    options.reportFile = "/dev/null";
    Device device(options, text);
    covered.insert(device.module().opcodes().begin(), device.module().opcodes().end());
    Address out = device.reserve<std::uint32_t>(threads);
    ran.result = device.launch("block", 1, threads, 0, false, out, device.upload(in));
    std::vector<std::uint32_t> values = device.download<std::uint32_t>(out, threads);
    if (checked && ran.result.status == Status::Ok) {
      check(values == ran.values, code + ": another result in checking mode");
      for (const Report& report : reports()) check(false, code + ": unwanted report: " + report.format());
    }
    clearReports();
    ran.values = values;
  }
  return ran;
}

// wanted(thread, values of all threads).
template <class F>
void expectBlock(const std::string& code, F wanted, unsigned threads = 64, const std::string& declarations = "",
    std::vector<std::uint32_t> given = {}) {
  for (std::uint32_t i = static_cast<std::uint32_t>(given.size()); i < threads; ++i)
    given.push_back(i * 2654435761u + 99);
  Ran ran = runBlock(code, threads, declarations, given);
  check(ran.result.status == Status::Ok, code + ": " + ran.result.text);
  int shown = 0;
  for (unsigned i = 0; i < threads; ++i) {
    auto value = static_cast<std::uint32_t>(wanted(i, given));
    if (ran.values[i] != value && ++shown <= 3) {
      check(false, code + ": thread " + std::to_string(i) + " has " + show(ran.values[i]) + ", wanted " + show(value));
    }
  }
}

using Values = std::vector<std::uint32_t>;

inline void shuffles() {
  for (unsigned width : {32u, 8u}) {
    unsigned segment = (32 - width) << 8;
    for (unsigned n : {1u, 3u, 7u}) {
      auto text = [&](const char* mode, unsigned clamp) {
        return std::string("shfl.sync.") + mode + ".b32 %d|%p, %a, " + std::to_string(n) + ", "
            + std::to_string(segment | clamp) + ", -1; @!%p add.u32 %d, %d, 1;";
      };
      auto pick = [=](bool inside, unsigned from, unsigned i, const Values& v) { return inside ? v[from] : v[i] + 1; };
      expectBlock(text("up", 0), [=](unsigned i, const Values& v) { return pick(i % width >= n, i - n, i, v); });
      expectBlock(
          text("down", 31), [=](unsigned i, const Values& v) { return pick(i % width + n < width, i + n, i, v); });
      expectBlock(text("bfly", 31),
          [=](unsigned i, const Values& v) { return pick((i ^ n) / width == i / width, i ^ n, i, v); });
      expectBlock(text("idx", 31),
          [=](unsigned i, const Values& v) { return pick(true, i / width * width + n % width, i, v); });
    }
  }
  // Two groups of a warp in two branches, each with its own members.
  expectBlock(
      "setp.lt.u32 %p, %lane, 20; @%p bra low; shfl.sync.idx.b32 %d, %a, 25, 31, 0xfff00000; bra.uni join; low: "
      "shfl.sync.idx.b32 %d, %a, 3, 31, 0x000fffff; join:",
      [](unsigned i, const Values& v) { return i % 32 < 20 ? v[i / 32 * 32 + 3] : v[i / 32 * 32 + 25]; });
  // Under a predicate, the others go on.
  expectBlock("setp.lt.u32 %p, %lane, 16; mov.u32 %d, 5; @%p shfl.sync.bfly.b32 %d, %a, 1, 31, 0xffff;",
      [](unsigned i, const Values& v) { return i % 32 < 16 ? v[i ^ 1] : 5; });
  // Lanes that come late are waited for.
  expectBlock(
      "setp.ge.u32 %p, %lane, 10; @%p bra meet; add.u32 %a, %a, 1; meet: shfl.sync.bfly.b32 %d, %a, 31, 31, -1;",
      [](unsigned i, const Values& v) { return v[i ^ 31] + ((i ^ 31) % 32 < 10 ? 1 : 0); });
  // Lanes that have exited are not waited for.
  expectBlock("setp.ge.u32 %p, %lane, 16; mov.u32 %d, 1; @%p bra out; shfl.sync.bfly.b32 %d, %a, 1, 31, -1; out:",
      [](unsigned i, const Values& v) { return i % 32 < 16 ? v[i ^ 1] : 1; });
}

inline void votes() {
  std::string odd = "and.b32 %t, %a, 1; setp.ne.u32 %p, %t, 0; ";
  auto ballot = [](unsigned i, const Values& v) {
    std::uint32_t mask = 0;
    for (unsigned k = 0; k < 32; ++k) mask |= (v[i / 32 * 32 + k] & 1) << k;
    return mask;
  };
  expectBlock(odd + "vote.sync.ballot.b32 %d, %p, -1;", ballot);
  expectBlock(odd + "vote.sync.ballot.b32 %d, !%p, -1;", [=](unsigned i, const Values& v) { return ~ballot(i, v); });
  Values mixed(64, 1);
  mixed[40] = 0;
  Values none(64, 2);
  for (const Values& values : {mixed, none}) {
    auto all = [&](const char* which, auto wanted) {
      expectBlock(
          odd + "vote.sync." + which + ".pred %q, %p, -1; selp.u32 %d, 1, 0, %q;",
          [=](unsigned i, const Values& v) { return wanted(ballot(i, v)); }, 64, "", values);
    };
    all("all", [](std::uint32_t b) { return b == 0xffffffffu; });
    all("any", [](std::uint32_t b) { return b != 0; });
    all("uni", [](std::uint32_t b) { return b == 0 || b == 0xffffffffu; });
  }
  expectBlock("setp.lt.u32 %p, %lane, 9; @%p activemask.b32 %d;",
      [](unsigned i, const Values&) { return i % 32 < 9 ? 0x1ff : 0; });
  Values few;
  for (unsigned i = 0; i < 64; ++i) few.push_back(i < 32 ? i * 7 % 5 : 6);
  auto equals = [](unsigned i, const Values& v) {
    std::uint32_t mask = 0;
    for (unsigned k = 0; k < 32; ++k) mask |= static_cast<std::uint32_t>(v[i / 32 * 32 + k] == v[i]) << k;
    return mask;
  };
  expectBlock("match.any.sync.b32 %d, %a, -1;", equals, 64, "", few);
  expectBlock("cvt.u64.u32 %w, %a; match.any.sync.b64 %d, %w, -1;", equals, 64, "", few);
  auto all = [=](unsigned i, const Values& v) { return equals(i, v) == 0xffffffffu ? 0xffffffffu : 7; };
  expectBlock("match.all.sync.b32 %d|%p, %a, -1; @!%p mov.u32 %d, 7;", all, 64, "", few);
  expectBlock("cvt.u64.u32 %w, %a; match.all.sync.b64 %d|%p, %w, -1; @!%p mov.u32 %d, 7;", all, 64, "", few);
}

inline void reductions() {
  auto fold = [](auto first, auto combine) {
    return [=](unsigned i, const Values& v) {
      auto result = first;
      for (unsigned k = 0; k < 32; ++k) result = combine(result, static_cast<decltype(first)>(v[i / 32 * 32 + k]));
      return result;
    };
  };
  using U = std::uint32_t;
  using S = std::int32_t;
  expectBlock("redux.sync.add.u32 %d, %a, -1;", fold(U{0}, [](U a, U b) { return a + b; }));
  expectBlock("redux.sync.add.s32 %d, %a, -1;", fold(U{0}, [](U a, U b) { return a + b; }));
  expectBlock("redux.sync.min.u32 %d, %a, -1;", fold(~U{0}, [](U a, U b) { return std::min(a, b); }));
  expectBlock("redux.sync.max.u32 %d, %a, -1;", fold(U{0}, [](U a, U b) { return std::max(a, b); }));
  expectBlock("redux.sync.min.s32 %d, %a, -1;", fold(S{INT32_MAX}, [](S a, S b) { return std::min(a, b); }));
  expectBlock("redux.sync.max.s32 %d, %a, -1;", fold(S{INT32_MIN}, [](S a, S b) { return std::max(a, b); }));
  expectBlock("redux.sync.and.b32 %d, %a, -1;", fold(~U{0}, [](U a, U b) { return a & b; }));
  expectBlock("redux.sync.or.b32 %d, %a, -1;", fold(U{0}, [](U a, U b) { return a | b; }));
  expectBlock("redux.sync.xor.b32 %d, %a, -1;", fold(U{0}, [](U a, U b) { return a ^ b; }));
}

inline void barriers() {
  std::string tile = ".shared .align 4 .b8 tile[4096];\n.reg .b32 %s;\n";
  std::string writes = "mov.u32 %s, tile; shl.b32 %t, %i, 2; add.u32 %s, %s, %t; st.shared.u32 [%s], %a; ";
  std::string reads =
      " xor.b32 %t, %i, 95; shl.b32 %t, %t, 2; mov.u32 %s, tile; add.u32 %s, %s, %t; ld.shared.u32 %d, [%s];";
  auto across = [](unsigned i, const Values& v) { return v[i ^ 95]; };
  for (const char* barrier :
      {"bar.sync 0;", "barrier.sync 0;", "barrier.sync.aligned 3;", "bar.sync 2, 128;", "barrier.cta.sync 0, 128;"}) {
    expectBlock(writes + barrier + reads, across, 128, tile);
  }
  // Named barriers: the first two warps produce for the last two.
  expectBlock(
      writes + "setp.lt.u32 %p, %i, 64; @%p bra produce; bar.sync 1, 128;" + reads
          + " bra.uni done; produce: bar.arrive 1, 128; mov.u32 %d, 9; done:",
      [](unsigned i, const Values& v) { return i < 64 ? 9 : v[i ^ 95]; }, 128, tile);
  std::string odd = "and.b32 %t, %a, 1; setp.ne.u32 %p, %t, 0; ";
  auto count = [](const Values& v) {
    return static_cast<unsigned>(std::count_if(v.begin(), v.end(), [](auto x) { return x & 1; }));
  };
  for (unsigned threads : {96u, 100u}) {
    expectBlock(odd + "bar.red.popc.u32 %d, 0, %p;", [=](unsigned, const Values& v) { return count(v); }, threads);
    expectBlock(odd + "barrier.red.and.pred %q, 0, %p; selp.u32 %d, 1, 0, %q;",
        [=](unsigned, const Values& v) { return count(v) == v.size(); }, threads);
    expectBlock(odd + "bar.red.or.pred %q, 0, !%p; selp.u32 %d, 1, 0, %q;",
        [=](unsigned, const Values& v) { return count(v) != v.size(); }, threads);
  }
  // __syncwarp at two places of the code.
  expectBlock(
      "mov.u32 %s, tile; shl.b32 %t, %i, 2; add.u32 %s, %s, %t; st.shared.u32 [%s], %a; setp.lt.u32 %p, %lane, 5; @%p "
      "bra low; "
      "bar.warp.sync -1; bra.uni join; low: bar.warp.sync -1; join: xor.b32 %t, %i, 31; shl.b32 %t, %t, 2; mov.u32 %s, "
      "tile; "
      "add.u32 %s, %s, %t; ld.shared.u32 %d, [%s];",
      [](unsigned i, const Values& v) { return v[i ^ 31]; }, 64, tile);
  for (const char* fence :
      {"membar.cta;", "membar.gl;", "membar.sys;", "fence.acq_rel.gpu;", "fence.sc.cta;", "nanosleep.u32 100;"}) {
    expectBlock(std::string("mov.u32 %d, 4; ") + fence, [](unsigned, const Values&) { return 4; });
  }
}

inline void flow() {
  expectBlock(
      "and.b32 %t, %a, 3; brx.idx %t, table; table: .branchtargets one, two, three, four; one: mov.u32 %d, 10; bra.uni "
      "end; "
      "two: mov.u32 %d, 20; bra.uni end; three: mov.u32 %d, 30; bra end; four: mov.u32 %d, 40; end:",
      [](unsigned i, const Values& v) { return (v[i] & 3) * 10 + 10; });
  expectBlock("setp.lt.u32 %p, %i, 5; st.global.u32 [%at], %a; @%p exit; mov.u32 %d, 8;",
      [](unsigned i, const Values& v) { return i < 5 ? v[i] : 8; });
  // A loop of as many rounds as the lane says.
  expectBlock(
      "and.b32 %t, %a, 15; again: setp.eq.u32 %p, %t, 0; @%p bra done; add.u32 %d, %d, %t; sub.u32 %t, %t, 1; bra "
      "again; done:",
      [](unsigned i, const Values& v) { return (v[i] & 15) * ((v[i] & 15) + 1) / 2; });
  Ran trapped = runBlock("setp.eq.u32 %p, %i, 7; @%p trap;", 32);
  check(trapped.result.status == Status::Trap && trapped.result.text.find("thread (7,0,0)") != std::string::npos,
      "trap: " + trapped.result.text);
  Ran asserted = runBlock(
      "setp.eq.u32 %p, %i, 33; @!%p bra fine; { .param .b64 p0; .param .b64 p1; .param .b32 p2; .param .b64 p3; "
      ".param .b64 p4; call.uni __assertfail, (p0, p1, p2, p3, p4); } fine:",
      64);
  check(asserted.result.status == Status::Assert, "__assertfail: " + asserted.result.text);
  std::string special;
  const std::pair<const char*, std::function<std::uint32_t(unsigned)>> registers[] = {
      {"%laneid", [](unsigned i) { return i % 32; }}, {"%warpid", [](unsigned i) { return i / 32; }},
      {"%nwarpid", [](unsigned) { return 2; }}, {"%ntid.x", [](unsigned) { return 64; }},
      {"%ntid.y", [](unsigned) { return 1; }}, {"%tid.y", [](unsigned) { return 0; }},
      {"%ctaid.x", [](unsigned) { return 0; }}, {"%nctaid.z", [](unsigned) { return 1; }},
      {"%lanemask_eq", [](unsigned i) { return 1u << i % 32; }},
      {"%lanemask_lt", [](unsigned i) { return (1u << i % 32) - 1; }},
      {"%lanemask_le", [](unsigned i) { return (2u << i % 32) - 1; }},
      {"%lanemask_gt", [](unsigned i) { return ~((2u << i % 32) - 1); }},
      {"%lanemask_ge", [](unsigned i) { return ~((1u << i % 32) - 1); }}};
  for (const auto& [name, wanted] : registers) {
    expectBlock(std::string("mov.u32 %d, ") + name + ";", [&](unsigned i, const Values&) { return wanted(i); });
  }
  Ran clocks = runBlock(
      "mov.u32 %t, %clock; mov.u64 %w, %clock64; mov.u32 %u, %clock; setp.lt.u32 %p, %t, %u; selp.u32 %d, 1, 0, %p;",
      32);
  check(clocks.values[3] == 1, "%clock goes on");
}

inline void warpCases() {
  shuffles();
  votes();
  reductions();
  barriers();
  flow();
}

} // namespace softgpu::test
