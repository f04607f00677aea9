// Sums counters per kernel.
#pragma once

#include "machine.h"

namespace softgpu {

void addCounters(const std::string& kernel, const Counters& counters, const Options& options);

} // namespace softgpu
