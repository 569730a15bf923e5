// How long a worker polls before it sleeps: as long as it has paid lately. The
// guest side of KVM does the same (drivers/cpuidle/governors/haltpoll.c).
//
// Sleeping was wrong when work came soon after: the window grows. It was right
// when nothing came for long: the window shrinks, so that a host with little to
// do hardly polls at all.
#pragma once

#include <algorithm>
#include <chrono>

#include "wire/limits.h"

namespace overtap {

class PollWindow {
 public:
  using Clock = std::chrono::steady_clock;

  explicit PollWindow(Clock::time_point now) : last_work_(now) {}

  // Whether to go on polling.
  bool open(Clock::time_point now) const { return now - last_work_ < length_; }

  // After a turn with work in it.
  void worked(Clock::time_point now) { last_work_ = now; }

  // After a sleep.
  void woken(Clock::time_point now) {
    const auto waited = now - last_work_;
    length_ = waited < kMost ? std::min<Clock::duration>(2 * length_, kMost)
                             : std::max<Clock::duration>(length_ / 2, kLeast);
  }

 private:
  static constexpr auto kLeast = std::chrono::microseconds(limits::kMinPollMicroseconds);
  static constexpr auto kMost = std::chrono::microseconds(limits::kMaxPollMicroseconds);

  Clock::time_point last_work_;
  Clock::duration length_ = kLeast;
};

}  // namespace overtap
