// Counters that one worker writes and anybody reads. Relaxed atomics: each
// number is right by itself, a set of them is not a snapshot.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace overtap {

enum class DropReason : uint8_t {
#define DROP_REASON(name, text) name,
#include "engine/drop_reasons.def"
#undef DROP_REASON
  kCount
};

constexpr size_t kDropReasons = static_cast<size_t>(DropReason::kCount);

inline constexpr std::array<const char*, kDropReasons> kDropReasonNames = {
#define DROP_REASON(name, text) #name,
#include "engine/drop_reasons.def"
#undef DROP_REASON
};

// Written by one thread only, so an increment needs no locked instruction.
class Counter {
 public:
  void add(uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  uint64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

struct Traffic {
  Counter frames;
  Counter bytes;
  void add(uint64_t frame_count, uint64_t byte_count) {
    frames.add(frame_count);
    bytes.add(byte_count);
  }
};

// Traffic in one lane: each worker and the control side has a lane of its own,
// on a cache line of its own.
struct alignas(64) TrafficPair {
  Traffic rx;
  Traffic tx;
};

struct alignas(64) WorkerCounters {
  std::array<Counter, kDropReasons> drops;
  Counter upcalls;
  void drop(DropReason reason, uint64_t n = 1) { drops[static_cast<size_t>(reason)].add(n); }
};

}  // namespace overtap
