// Each kernel of bugs.cu is reported, at the lines that its marks name and nowhere else, under several orders.
#include "harness.h"

#include <map>
#include <set>

using namespace softgpu;
using namespace softgpu::test;

namespace {

// Kinds that may come at a line, by kernel.
using Marks = std::map<std::string, std::map<int, std::set<std::string>>>;

Marks readMarks(const std::string& text) {
  Marks marks;
  std::istringstream lines(text);
  std::string line, kernel;
  const std::string start = "__global__ void ", mark = "// finds: ";
  for (int number = 1; std::getline(lines, line); ++number) {
    std::size_t at = line.find(start);
    if (at != std::string::npos) {
      at += start.size();
      kernel = line.substr(at, line.find('(') - at);
      marks[kernel];
    }
    at = line.find(mark);
    if (at == std::string::npos || kernel.empty()) continue;
    std::istringstream kinds(line.substr(at + mark.size()));
    for (std::string kind; kinds >> kind;) marks[kernel][number].insert(kind);
  }
  return marks;
}

class Bugs {
 public:
  Bugs(const Options& options, const std::string& ptx, const Marks& marks)
      : options_(options), ptx_(ptx), marks_(marks) {}

  // run: from a device to the launch's result.
  template <class F>
  void expect(const std::string& kernel, F run) {
    clearReports();
    Device device(options_, ptx_);
    run(device);
    std::set<std::string> found;
    const auto& lines = marks_.at(kernel);
    for (const Report& report : reports()) {
      auto line = lines.find(report.line);
      bool marked = report.file == "bugs.cu" && line != lines.end() && line->second.count(report.kind);
      check(marked, "seed " + std::to_string(options_.seed) + ": unwanted report: " + report.format());
      found.insert(report.kind);
    }
    // The first kind of the first mark is what the kernel is for.
    std::set<std::string> wanted;
    for (const auto& [line, kinds] : lines) wanted.insert(kinds.begin(), kinds.end());
    check(!found.empty(), "seed " + std::to_string(options_.seed) + ": nothing found in " + kernel);
    for (const std::string& kind : found) everFound[kernel].insert(kind);
    everWanted[kernel] = wanted;
  }

  static inline std::map<std::string, std::set<std::string>> everFound, everWanted;

 private:
  const Options& options_;
  const std::string& ptx_;
  const Marks& marks_;
};

void all(const Options& options, const std::string& ptx, const Marks& marks) {
  Bugs bugs(options, ptx, marks);
  std::vector<float> x = numbers(256, 1);
  auto simple = [&](unsigned threads) {
    return [&x, threads](Device& d, const char* kernel) {
      return d.launch(kernel, 1, threads, 0, false, d.upload(x), d.reserve<float>(256));
    };
  };
  for (const char* kernel : {"missingBarrierAfterWrite", "missingBarrierBeforeReuse", "warpSkipsBarrier"}) {
    bugs.expect(kernel, [&](Device& d) { simple(128)(d, kernel); });
  }
  bugs.expect("differentBarriers", [&](Device& d) { simple(64)(d, "differentBarriers"); });
  bugs.expect("missingSyncwarp", [&](Device& d) { simple(32)(d, "missingSyncwarp"); });
  bugs.expect("neverMeets", [&](Device& d) {
    Result result = d.launch("neverMeets", 1, 64, 0, false, d.reserve<float>(64));
    check(result.status == Status::Deadlock, "neverMeets is a deadlock");
  });
  for (const char* kernel : {"readsOneTooFar", "writesOneTooFar"}) {
    bugs.expect(kernel, [&](Device& d) {
      std::vector<float> few(100, 1);
      Result result = d.launch(kernel, 4, 32, 0, false, d.upload(few), d.reserve<float>(100), 100);
      check(result.status == Status::IllegalAddress, std::string(kernel) + " is an illegal address");
    });
  }
  bugs.expect("uninitialisedShared",
      [&](Device& d) { d.launch("uninitialisedShared", 1, 64, 0, false, d.reserve<float>(64)); });
  bugs.expect("uninitialisedGlobal", [&](Device& d) {
    d.launch("uninitialisedGlobal", 1, 32, 0, false, d.reserve<float>(32), d.reserve<float>(32));
  });
  bugs.expect("uninitialisedLocal",
      [&](Device& d) { d.launch("uninitialisedLocal", 1, 32, 0, false, d.reserve<float>(32), 1); });
  bugs.expect("racingBlocks", [&](Device& d) { d.launch("racingBlocks", 3, 32, 0, false, d.reserve<float>(32)); });
  bugs.expect("neighbourOfAnotherBlock", [&](Device& d) {
    d.launch("neighbourOfAnotherBlock", 3, 32, 0, false, d.reserve<float>(96), d.reserve<float>(96));
  });
  bugs.expect("racingThreads", [&](Device& d) {
    d.launch("racingThreads", 1, 64, 0, false, d.reserve<float>(64), d.reserve<float>(64));
  });
  bugs.expect("missingFence", [&](Device& d) {
    d.launch("missingFence", 2, 1, 0, true, d.reserve<float>(1), d.reserve<float>(1));
  });
  bugs.expect("readOnlyLoadOfWritten", [&](Device& d) {
    d.launch("readOnlyLoadOfWritten", 1, 32, 0, false, d.reserve<float>(32), d.reserve<float>(32));
  });
  bugs.expect("writesWhatWasReadOnly", [&](Device& d) {
    Address both = d.upload(x);
    d.launch("writesWhatWasReadOnly", 1, 32, 0, false, both, both);
  });
  bugs.expect("afterFree", [&](Device& d) {
    Address freed = d.upload(x);
    d.memory().free(freed);
    d.launch("afterFree", 1, 32, 0, false, freed, d.reserve<float>(32));
  });
  bugs.expect("misalignedLoad", [&](Device& d) {
    Result result = d.launch("misalignedLoad", 1, 32, 0, false, d.upload(x), d.reserve<float>(32));
    check(result.status == Status::Misaligned, "misalignedLoad is misaligned");
  });
  bugs.expect("sharedOutOfBounds",
      [&](Device& d) { d.launch("sharedOutOfBounds", 1, 32, 128, false, d.reserve<float>(32), 1); });
  bugs.expect(
      "missingAtomic", [&](Device& d) { d.launch("missingAtomic", 4, 1, 0, false, d.upload(std::vector<int>{0})); });
  bugs.expect("shuffleWithoutSource",
      [&](Device& d) { d.launch("shuffleWithoutSource", 1, 32, 0, false, d.reserve<float>(32)); });
}

} // namespace

int main() {
  std::string ptx = readFile("bugs.ptx");
  Marks marks = readMarks(readFile("bugs.cu"));
  Options options;
  options.check = true;
  options.reportFile = "/dev/null";
  for (unsigned seed = 0; seed < 4; ++seed) {
    options.seed = seed;
    all(options, ptx, marks);
  }
  for (const auto& [kernel, kinds] : marks) {
    check(Bugs::everWanted.count(kernel), kernel + " of bugs.cu was not run");
    for (const std::string& kind : Bugs::everWanted[kernel]) {
      check(Bugs::everFound[kernel].count(kind), kernel + ": " + kind + " was never found");
    }
  }
  return finish("seeded bugs");
}
