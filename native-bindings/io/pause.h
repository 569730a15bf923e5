// Something that failed is left alone for a while, and then tried again.
#pragma once

#include <time.h>

#include <atomic>
#include <cstdint>

#include "wire/limits.h"

namespace overtap {

class Pause {
 public:
  // HOT PATH. Without a failure, one load.
  bool active() const {
    const int64_t until = until_.load(std::memory_order_relaxed);
    return until != 0 && now() < until;
  }

  void begin(int error) {
    error_.store(error, std::memory_order_relaxed);
    until_.store(now() + limits::kPauseSeconds, std::memory_order_relaxed);
  }

  // The errno of the failure; 0 when not active.
  int error() const { return active() ? error_.load(std::memory_order_relaxed) : 0; }

 private:
  // Seconds of a clock that is never set.
  static int64_t now() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return time.tv_sec;
  }

  std::atomic<int64_t> until_{0};
  std::atomic<int> error_{0};
};

}  // namespace overtap
