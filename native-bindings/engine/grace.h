// Quiescent-state reclamation: how the control thread frees what workers may
// still be reading, without the workers ever taking a lock.
//
// A worker announces at the top of each turn that it holds no pointer from
// earlier turns, and that it is offline while it sleeps. The control thread
// unpublishes a thing, retires it, and it is freed once every worker has begun
// a turn (or slept) after that.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

namespace overtap {

class Grace {
 public:
  explicit Grace(uint32_t workers) : workers_(workers), seen_(new Slot[workers]) {}
  ~Grace() { drain(); }

  // -- Called by workers -----------------------------------------------------

  // Sequentially consistent, so that no pointer of the coming turn is loaded
  // before the announcement is visible.
  void online(uint32_t worker) { seen_[worker].epoch.exchange(epoch_.load()); }
  void offline(uint32_t worker) { seen_[worker].epoch.store(kOffline); }

  // -- Called by the control thread, under its lock ---------------------------

  // Frees `what` when no worker can still see it. It must be unpublished already.
  void retire(std::function<void()> release) {
    retired_.emplace_back(epoch_.fetch_add(1) + 1, std::move(release));
    collect();
  }

  // Frees what is due; never waits.
  void collect() {
    const uint64_t oldest = oldest_seen();
    while (!retired_.empty() && retired_.front().first <= oldest) {
      auto release = std::move(retired_.front().second);
      retired_.pop_front();
      release();
    }
  }

  // Waits until all workers have passed a quiescent point: at most one turn.
  void wait() {
    const uint64_t target = epoch_.fetch_add(1) + 1;
    while (oldest_seen() < target) std::this_thread::yield();
    collect();
  }

 private:
  static constexpr uint64_t kOffline = UINT64_MAX;

  // The workers have stopped: everything can go.
  void drain() {
    for (auto& [epoch, release] : retired_) release();
    retired_.clear();
  }

  uint64_t oldest_seen() const {
    uint64_t oldest = kOffline;
    for (uint32_t i = 0; i < workers_; i++) {
      const uint64_t seen = seen_[i].epoch.load();
      if (seen < oldest) oldest = seen;
    }
    return oldest;
  }

  struct alignas(64) Slot {
    std::atomic<uint64_t> epoch{kOffline};
  };

  const uint32_t workers_;
  std::unique_ptr<Slot[]> seen_;
  std::atomic<uint64_t> epoch_{0};
  std::deque<std::pair<uint64_t, std::function<void()>>> retired_;
};

}  // namespace overtap
