// Device memory: one reserved region, a next-fit allocator with red zones, and in checking mode a state for each byte.
#include "machine.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <sys/mman.h>

namespace softgpu {
namespace {

constexpr std::size_t REGION_BYTES = std::size_t{64} << 30; // of address space; pages are taken as they are used
constexpr std::size_t REUSE_DISTANCE = std::size_t{1}
    << 30; // in checking mode a freed range is not used again before so much was

void* reserve(std::size_t bytes) {
  void* region = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (region == MAP_FAILED) throw std::runtime_error("no address space for device memory");
  madvise(region, bytes, MADV_NOHUGEPAGE);
  return region;
}

std::size_t roundedUp(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

} // namespace

DeviceMemory::DeviceMemory(std::size_t limit, bool check) : limit_(limit), regionBytes_(REGION_BYTES) {
  base_ = reinterpret_cast<Address>(reserve(regionBytes_));
  if (check) {
    states_ = static_cast<std::uint8_t*>(reserve(regionBytes_));
    shadow_ = reserve(regionBytes_ / 4 * SHADOW_BYTES);
  }
  free_[base_ + ALIGNMENT] = regionBytes_ - ALIGNMENT;
  next_ = base_;
}

DeviceMemory::~DeviceMemory() {
  munmap(reinterpret_cast<void*>(base_), regionBytes_);
  if (states_) munmap(states_, regionBytes_);
  if (shadow_) munmap(shadow_, regionBytes_ / 4 * SHADOW_BYTES);
}

Address DeviceMemory::allocate(std::size_t bytes) {
  std::lock_guard lock(mutex_);
  if (bytes == 0 || bytes > limit_ || used_ > limit_ - bytes) return 0;
  std::size_t whole = roundedUp(bytes, ALIGNMENT) + roundedUp(RED_ZONE, ALIGNMENT);
  // In checking mode from where the last search ended on, even within a gap.
  auto start = [&](const auto& gap) { return std::max(gap.first, std::min(next_, gap.first + gap.second)); };
  auto fits = [&](const auto& gap) { return gap.first + gap.second - start(gap) >= whole; };
  auto gap = std::find_if(free_.begin(), free_.end(), fits);
  if (gap == free_.end()) {
    next_ = base_;
    gap = std::find_if(free_.begin(), free_.end(), fits);
  }
  if (gap == free_.end()) return 0;
  Address address = start(*gap), end = gap->first + gap->second;
  if (address == gap->first) {
    free_.erase(gap);
  } else {
    gap->second = address - gap->first;
  }
  if (end != address + whole) free_[address + whole] = end - address - whole;
  if (states_) next_ = address + whole - base_ > REUSE_DISTANCE + 2 * used_ ? base_ : address + whole;
  live_[address] = bytes;
  used_ += bytes;
  if (states_) {
    std::memset(states_ + (address - base_), Uninitialised, bytes);
    std::memset(states_ + (address - base_) + bytes, Unaddressable, whole - bytes);
    std::memset(reinterpret_cast<void*>(address), 0xff, bytes); // floats that nobody wrote are NaN
  }
  return address;
}

bool DeviceMemory::free(Address base) {
  std::lock_guard lock(mutex_);
  auto found = live_.find(base);
  if (found == live_.end()) return false;
  std::size_t bytes = found->second;
  std::size_t whole = roundedUp(bytes, ALIGNMENT) + roundedUp(RED_ZONE, ALIGNMENT);
  if (states_) std::memset(states_ + (base - base_), Freed, bytes);
  if (bytes >= std::size_t{1} << 20) {
    Address first = roundedUp(base, 4096);
    Address last = (base + bytes) / 4096 * 4096;
    if (last > first) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
  }
  used_ -= bytes;
  live_.erase(found);
  auto gap = free_.emplace(base, whole).first;
  auto after = std::next(gap);
  if (after != free_.end() && gap->first + gap->second == after->first) {
    gap->second += after->second;
    free_.erase(after);
  }
  if (gap != free_.begin()) {
    auto before = std::prev(gap);
    if (before->first + before->second == gap->first) {
      before->second += gap->second;
      free_.erase(gap);
    }
  }
  return true;
}

std::optional<DeviceMemory::Range> DeviceMemory::find(Address address) const {
  std::lock_guard lock(mutex_);
  auto after = live_.upper_bound(address);
  if (after == live_.begin()) return std::nullopt;
  auto range = std::prev(after);
  if (address - range->first >= range->second) return std::nullopt;
  return Range{range->first, range->second};
}

bool DeviceMemory::holds(Address address, std::size_t bytes) const {
  auto range = find(address);
  return range && bytes <= range->bytes - (address - range->base);
}

void DeviceMemory::hostWrote(Address address, std::size_t bytes) {
  if (states_) std::memset(states_ + (address - base_), Initialised, bytes);
}

bool DeviceMemory::initialised(Address address, std::size_t bytes) const {
  if (!states_) return true;
  const std::uint8_t* first = states_ + (address - base_);
  return std::all_of(first, first + bytes, [](std::uint8_t state) { return state == Initialised; });
}

std::uint16_t DeviceMemory::nextLaunch() {
  if (++launch_ == 0) {
    launch_ = 1;
    madvise(shadow_, regionBytes_ / 4 * SHADOW_BYTES, MADV_DONTNEED);
  }
  return launch_;
}

std::size_t DeviceMemory::used() const {
  std::lock_guard lock(mutex_);
  return used_;
}

std::size_t DeviceMemory::liveRanges() const {
  std::lock_guard lock(mutex_);
  return live_.size();
}

} // namespace softgpu
