// Counting calls, writing the counts at exit (SOFTGPU_TRACE), and failing the n-th call of a name (SOFTGPU_FAIL).
#include "calls.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace softgpu::driver {

std::recursive_mutex& lock() {
  static auto* mutex = new std::recursive_mutex;
  return *mutex;
}

Calls& Calls::instance() {
  static auto* calls = new Calls;
  return *calls;
}

Calls::Calls() {
  if (const char* text = std::getenv("SOFTGPU_FAIL")) {
    failOn(text);
  }
}

int Calls::count(const char* name) {
  ++counts[name];
  if (planned.empty()) {
    return 0;
  }
  auto entry = planned.find(name);
  if (entry == planned.end() || --entry->second.left > 0) {
    return 0;
  }
  int code = entry->second.code;
  planned.erase(entry);
  return code;
}

uint64_t Calls::counted(const std::string& name) const {
  auto entry = counts.find(name);
  return entry == counts.end() ? 0 : entry->second;
}

void Calls::failOn(const std::string& text) {
  std::unordered_map<std::string, Planned> plans;
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) {
    std::istringstream fields(item);
    std::string name, number, code;
    std::getline(fields, name, ':');
    std::getline(fields, number, ':');
    std::getline(fields, code, ':');
    uint64_t left = std::strtoull(number.c_str(), nullptr, 10);
    int value = code.empty() ? CUDA_ERROR_UNKNOWN : std::atoi(code.c_str());
    require(!name.empty() && left > 0 && value > 0);
    plans[name] = {left, value};
  }
  planned = std::move(plans);
}

void Calls::write(const std::string& file) const {
  std::ofstream out(file);
  for (const auto& [name, number] : std::map<std::string, uint64_t>(counts.begin(), counts.end())) {
    out << name << ' ' << number << '\n';
  }
}

namespace {

__attribute__((destructor)) void writeTrace() {
  if (const char* file = std::getenv("SOFTGPU_TRACE")) {
    std::lock_guard guard(lock());
    Calls::instance().write(file);
  }
}

}  // namespace

}  // namespace softgpu::driver
