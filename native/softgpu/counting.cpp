// Counters per kernel, and their JSON at the end of the process.
#include "counting.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace softgpu {
namespace {

struct Field {
  const char* name;
  std::uint64_t Counters::*value;
};

const Field FIELDS[] = {{"launches", &Counters::launches}, {"blocks", &Counters::blocks},
    {"warpInstructions", &Counters::warpInstructions}, {"laneInstructions", &Counters::laneInstructions},
    {"floatOperations", &Counters::floatOperations}, {"globalLoadRequests", &Counters::globalLoadRequests},
    {"globalLoadSectors", &Counters::globalLoadSectors}, {"globalLoadBytes", &Counters::globalLoadBytes},
    {"globalStoreRequests", &Counters::globalStoreRequests}, {"globalStoreSectors", &Counters::globalStoreSectors},
    {"globalStoreBytes", &Counters::globalStoreBytes}, {"sharedRequests", &Counters::sharedRequests},
    {"sharedWavefronts", &Counters::sharedWavefronts}, {"localRequests", &Counters::localRequests},
    {"atomicRequests", &Counters::atomicRequests}, {"barriers", &Counters::barriers}};

std::mutex mutex;
std::map<std::string, Counters>* totals = new std::map<std::string, Counters>; // still there when atexit handlers run
std::string* outputFile = new std::string;

void write() {
  if (std::FILE* file = std::fopen(outputFile->c_str(), "w")) {
    std::fputs(countersJson().c_str(), file);
    std::fclose(file);
  }
}

} // namespace

void addCounters(const std::string& kernel, const Counters& counters, const Options& options) {
  std::lock_guard lock(mutex);
  Counters& total = (*totals)[kernel];
  for (const Field& field : FIELDS) total.*field.value += counters.*field.value;
  if (!options.countersFile.empty() && outputFile->empty()) {
    *outputFile = options.countersFile;
    std::atexit(write);
  }
}

std::map<std::string, Counters> counters() {
  std::lock_guard lock(mutex);
  return *totals;
}

std::string countersJson() {
  std::lock_guard lock(mutex);
  std::string json = "{";
  const char* separator = "\n";
  for (const auto& [kernel, total] : *totals) {
    json.append(separator).append("  \"").append(kernel).append("\": {");
    const char* comma = "";
    for (const Field& field : FIELDS) {
      json.append(comma).append("\"").append(field.name).append("\": ").append(std::to_string(total.*field.value));
      comma = ", ";
    }
    json += "}";
    separator = ",\n";
  }
  return json + "\n}\n";
}

} // namespace softgpu
