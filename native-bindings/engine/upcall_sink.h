#pragma once

#include <atomic>
#include <functional>

#include "engine/counters.h"
#include "engine/upcall_ring.h"

namespace overtap {

// A worker's way up to the control thread: queues the frame and makes sure that
// somebody will come for it, with one notification per batch, not per frame.
class UpcallSink {
 public:
  explicit UpcallSink(std::function<void()> notify) : notify_(std::move(notify)) {}

  void push(UpcallReason reason, uint32_t vni, uint32_t port, uint32_t peer, const uint8_t* frame,
            uint32_t length, WorkerCounters& counters, uint32_t mtu = 0) {
    if (length > limits::kUpcallFrame) return counters.drop(DropReason::upcall_oversize);
    switch (ring_.push(reason, vni, port, peer, frame, length, mtu)) {
      case Pushed::kDone:
        break;
      case Pushed::kFull:
        return counters.drop(DropReason::upcall_full);
      case Pushed::kShareFull:
        return counters.drop(DropReason::upcall_rate);
    }
    counters.upcalls.add();
    if (!notified_.exchange(true)) notify_();
  }

  // Control thread. The flag is cleared first, so that a frame pushed during the
  // visit is announced again rather than forgotten.
  template <typename Visit>
  void drain(Visit visit) {
    notified_.store(false);
    ring_.drain(visit);
  }

 private:
  const std::function<void()> notify_;
  std::atomic<bool> notified_{false};
  UpcallRing ring_;
};

}  // namespace overtap
