// Where packets to a peer leave this host, kept up to date by RouteWatch.
#pragma once

#include <atomic>
#include <cstdint>

namespace overtap {

class Path {
 public:
  struct Route {
    uint32_t interface;  // index; 0 while there is no route
    uint32_t mtu;        // largest IP packet
  };

  Route route() const {
    const uint64_t word = word_.load(std::memory_order_relaxed);
    return {static_cast<uint32_t>(word >> 32), static_cast<uint32_t>(word)};
  }

  void set(Route route) {
    word_.store(static_cast<uint64_t>(route.interface) << 32 | route.mtu,
                std::memory_order_relaxed);
  }

 private:
  // Both in one word, so that a reader never sees half of a change.
  std::atomic<uint64_t> word_{0};
};

}  // namespace overtap
