// A bounded queue of frames from one worker to the control thread: one
// producer, one consumer, no locks. Full means a counted drop. What containers
// send to gateways, DNS questions for instance, waits within limits of its own,
// so that a flood leaves room for the questions of others and for neighbours.
#pragma once

#include <algorithm>
#include <array>
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

enum class Pushed : uint8_t { kDone, kFull, kShareFull };

class UpcallRing {
 public:
  UpcallRing() : slots_(new Upcall[limits::kUpcallSlots]) {}

  // Producer.
  Pushed push(UpcallReason reason, uint32_t vni, uint32_t port, uint32_t peer, const uint8_t* frame,
              uint32_t length, uint32_t mtu = 0) {
    const uint32_t head = head_.load(std::memory_order_relaxed);
    const uint32_t tail = tail_.load(std::memory_order_acquire);
    if (head - tail == limits::kUpcallSlots) return Pushed::kFull;
    if (reason == UpcallReason::kGateway) {
      if (head - tail >= limits::kUpcallSlots - limits::kUpcallReserve) return Pushed::kFull;
      if (gateway_frames_of(port, tail, head) >= limits::kGatewayShare) return Pushed::kShareFull;
    }
    gateway_senders_[head % limits::kUpcallSlots] =
        reason == UpcallReason::kGateway ? port : kNobody;
    Upcall& slot = slots_[head % limits::kUpcallSlots];
    slot.reason = reason;
    slot.vni = vni;
    slot.port = port;
    slot.peer = peer;
    slot.mtu = mtu;
    slot.length = std::min(length, limits::kUpcallFrame);
    std::memcpy(slot.frame, frame, slot.length);
    head_.store(head + 1, std::memory_order_release);
    return Pushed::kDone;
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
  // Those at the front may have been taken meanwhile. Not counted while all that
  // waits is less than a share.
  uint32_t gateway_frames_of(uint32_t port, uint32_t tail, uint32_t head) const {
    if (head - tail < limits::kGatewayShare) return 0;
    uint32_t count = 0;
    for (; tail != head; tail++) count += gateway_senders_[tail % limits::kUpcallSlots] == port;
    return count;
  }

  std::unique_ptr<Upcall[]> slots_;
  // The producer's own: slots are too far apart to look through.
  std::array<uint32_t, limits::kUpcallSlots> gateway_senders_{};
  alignas(64) std::atomic<uint32_t> head_{0};
  alignas(64) std::atomic<uint32_t> tail_{0};
};

}  // namespace overtap
