// What arrived, counted while it does and read over a window of time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace overtap::load {

using Clock = std::chrono::steady_clock;

struct Amount {
  uint64_t bytes = 0;
  uint64_t packets = 0;
};

// Several threads may count on one; each on a line of its own would be faster
// only for datagrams, and those have one thread.
class Meter {
 public:
  void add(uint64_t bytes, uint64_t packets) {
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    packets_.fetch_add(packets, std::memory_order_relaxed);
  }
  Amount read() const {
    return {bytes_.load(std::memory_order_relaxed), packets_.load(std::memory_order_relaxed)};
  }

 private:
  alignas(64) std::atomic<uint64_t> bytes_{0};
  std::atomic<uint64_t> packets_{0};
};

// Rates are of the window; the total is of the whole run.
struct Measured {
  Amount window;
  Amount total;
  double seconds = 0;
};

inline void sleep_for(uint32_t milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

// Waits, by `wait`, for the warm-up and the window that follows it. `edge` is
// called at both ends of the window.
template <typename Wait, typename Edge>
Measured measure_window(const Meter& meter, uint32_t warmup_ms, uint32_t window_ms, Wait wait,
                        Edge edge) {
  wait(warmup_ms);
  edge("begin");
  const Amount before = meter.read();
  const Clock::time_point start = Clock::now();
  wait(window_ms);
  const Amount after = meter.read();
  const std::chrono::duration<double> passed = Clock::now() - start;
  edge("end");
  return {{after.bytes - before.bytes, after.packets - before.packets}, after, passed.count()};
}

}  // namespace overtap::load
