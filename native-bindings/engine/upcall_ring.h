// A bounded queue of frames from one worker to the control thread: one
// producer, one consumer, no locks. Full means a counted drop.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>

#include "wire/limits.h"

namespace overtap {

enum class UpcallReason : uint8_t {
  kArp,
  kNeighborDiscovery,
  kGateway,
  kNewSource,
  kTooBig,
  // Without a frame.
  kPortLost,
  kPathDoubted,
};

constexpr uint32_t kNobody = UINT32_MAX;

struct Upcall {
  UpcallReason reason;
  uint32_t vni;
  uint32_t port;  // kNobody when it came from a peer
  uint32_t peer;  // kNobody when it came from a port
  uint32_t mtu;   // kTooBig: what would have passed; else 0
  uint32_t length;
  uint8_t frame[limits::kUpcallFrame];
};

class UpcallRing {
 public:
  UpcallRing() : slots_(new Upcall[limits::kUpcallSlots]) {}

  // Producer. False when full.
  bool push(UpcallReason reason, uint32_t vni, uint32_t port, uint32_t peer, const uint8_t* frame,
            uint32_t length, uint32_t mtu = 0) {
    const uint32_t head = head_.load(std::memory_order_relaxed);
    if (head - tail_.load(std::memory_order_acquire) == limits::kUpcallSlots) return false;
    Upcall& slot = slots_[head % limits::kUpcallSlots];
    slot.reason = reason;
    slot.vni = vni;
    slot.port = port;
    slot.peer = peer;
    slot.mtu = mtu;
    slot.length = std::min(length, limits::kUpcallFrame);
    std::memcpy(slot.frame, frame, slot.length);
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  // Consumer. Calls visit(upcall) for what is waiting now.
  template <typename Visit>
  void drain(Visit visit) {
    uint32_t tail = tail_.load(std::memory_order_relaxed);
    const uint32_t head = head_.load(std::memory_order_acquire);
    for (; tail != head; tail++) {
      visit(slots_[tail % limits::kUpcallSlots]);
      tail_.store(tail + 1, std::memory_order_release);
    }
  }

 private:
  std::unique_ptr<Upcall[]> slots_;
  alignas(64) std::atomic<uint32_t> head_{0};
  alignas(64) std::atomic<uint32_t> tail_{0};
};

}  // namespace overtap
