#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "wire/limits.h"

namespace overtap {

// Lets kUpcallsPerSecond through on average and kUpcallBurst at once.
class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;

  bool take(Clock::time_point now = Clock::now()) {
    const std::chrono::duration<double> passed = now - refilled_;
    refilled_ = now;
    tokens_ = std::min<double>(limits::kUpcallBurst,
                               tokens_ + passed.count() * limits::kUpcallsPerSecond);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  double tokens_ = limits::kUpcallBurst;
  Clock::time_point refilled_ = Clock::now();
};

}  // namespace overtap
