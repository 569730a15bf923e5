#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace overtap {

// Lets `per_second` through on average and `burst` at once.
class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;

  TokenBucket(uint32_t per_second, uint32_t burst)
      : per_second_(per_second), burst_(burst), tokens_(burst) {}

  bool take(Clock::time_point now = Clock::now()) {
    const std::chrono::duration<double> passed = now - refilled_;
    refilled_ = now;
    tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  double per_second_;
  double burst_;
  double tokens_;
  Clock::time_point refilled_ = Clock::now();
};

}  // namespace overtap
