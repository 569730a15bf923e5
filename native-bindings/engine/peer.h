#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>

#include "engine/counters.h"
#include "io/remote.h"
#include "wire/limits.h"

namespace overtap {

// A remote VTEP.
struct Peer {
  Peer(uint32_t peer_id, const SocketAddress& address, std::shared_ptr<const Path> path,
       uint32_t lanes)
      : id(peer_id), remote{address, std::move(path), {}, {}}, traffic(new TrafficPair[lanes]) {}

  const uint32_t id;
  const Remote remote;
  const std::unique_ptr<TrafficPair[]> traffic;  // by lane; rx: what came from it
  // The largest inner IP packet that reaches it in one piece, as far as is known.
  std::atomic<uint32_t> mtu{limits::kMaxFrame};
  // The transport found that less passes, and nobody has looked yet.
  std::atomic<bool> path_doubted{false};

  // Peers are known by address alone: what they send comes from any source port.
  bool has_address(const SocketAddress& other) const {
    const SocketAddress& address = remote.address;
    if (other.any.sa_family != address.any.sa_family) return false;
    if (other.any.sa_family == AF_INET) {
      return other.v4.sin_addr.s_addr == address.v4.sin_addr.s_addr;
    }
    return std::memcmp(&other.v6.sin6_addr, &address.v6.sin6_addr, sizeof(in6_addr)) == 0;
  }
};

}  // namespace overtap
