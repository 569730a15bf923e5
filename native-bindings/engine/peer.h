#pragma once

#include <cstdint>
#include <cstring>
#include <memory>

#include "engine/counters.h"
#include "io/path.h"
#include "io/underlay.h"

namespace overtap {

// A remote VTEP.
struct Peer {
  Peer(uint32_t peer_id, const SocketAddress& peer_address, uint32_t lanes,
       std::shared_ptr<const Path> peer_path)
      : id(peer_id),
        address(peer_address),
        traffic(new TrafficPair[lanes]),
        path(std::move(peer_path)) {}

  const uint32_t id;
  const SocketAddress address;
  const std::unique_ptr<TrafficPair[]> traffic;  // by lane; rx: what came from it
  const std::shared_ptr<const Path> path;        // null without a transport that needs it

  // Peers are known by address alone: what they send comes from any source port.
  bool has_address(const SocketAddress& other) const {
    if (other.any.sa_family != address.any.sa_family) return false;
    if (other.any.sa_family == AF_INET) {
      return other.v4.sin_addr.s_addr == address.v4.sin_addr.s_addr;
    }
    return std::memcmp(&other.v6.sin6_addr, &address.v6.sin6_addr, sizeof(in6_addr)) == 0;
  }
};

}  // namespace overtap
