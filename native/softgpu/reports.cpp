// Options from the environment, and the reports of checking mode.
#include "program.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <tuple>

namespace softgpu {
namespace {

std::string text(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::uint64_t number(const char* name) {
  std::string value = text(name);
  return value.empty() ? 0 : std::strtoull(value.c_str(), nullptr, 10);
}

std::mutex mutex;
std::vector<Report> kept;
std::map<std::tuple<std::string, std::string, std::string, int>, std::size_t> seen;

} // namespace

const Options& Options::fromEnvironment() {
  static const Options options = [] {
    Options result;
    result.check = number("SOFTGPU_CHECK") != 0;
    result.seed = number("SOFTGPU_SEED");
    result.threads = static_cast<unsigned>(number("SOFTGPU_THREADS"));
    result.reportFile = text("SOFTGPU_REPORT");
    result.countersFile = text("SOFTGPU_COUNTERS");
    result.maxWarpInstructions = number("SOFTGPU_LIMIT");
    return result;
  }();
  return options;
}

std::string triple(std::uint32_t x, std::uint32_t y, std::uint32_t z) {
  char text[40];
  std::snprintf(text, sizeof text, "(%u,%u,%u)", x, y, z);
  return text;
}

std::string Report::format() const {
  std::string place = file.empty() ? "" : " " + file + ":" + std::to_string(line);
  return kind + " " + kernel + place + " block " + triple(block[0], block[1], block[2]) + " thread "
      + triple(thread[0], thread[1], thread[2]) + ": " + text;
}

void addReport(const Report& report, const Options& options) {
  std::lock_guard lock(mutex);
  if (++seen[{report.kind, report.kernel, report.file, report.line}] > 1) return;
  kept.push_back(report);
  std::string line = report.format() + "\n";
  std::FILE* file = options.reportFile.empty() ? nullptr : std::fopen(options.reportFile.c_str(), "a");
  std::fputs(("softgpu: " + line).c_str(), file ? file : stderr);
  if (file) std::fclose(file);
}

std::size_t reportCount() {
  std::lock_guard lock(mutex);
  return kept.size();
}

std::vector<Report> reports() {
  std::lock_guard lock(mutex);
  return kept;
}

void clearReports() {
  std::lock_guard lock(mutex);
  kept.clear();
  seen.clear();
}

} // namespace softgpu
