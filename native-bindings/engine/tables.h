#pragma once

#include "engine/atomic_map.h"
#include "engine/network.h"
#include "engine/peer.h"

namespace overtap {

// What workers look things up in; filled by the control thread.
struct Tables {
  explicit Tables(Grace& grace) : networks(grace), peers(grace) {}

  AtomicMap networks;  // VNI -> Network*
  AtomicMap peers;     // address_key -> Peer*

  Network* network(uint32_t vni) const { return reinterpret_cast<Network*>(networks.find(vni)); }

  // The VTEP a datagram came from, or null.
  Peer* peer(const SocketAddress& from) const {
    auto* peer = reinterpret_cast<Peer*>(peers.find(address_key(from)));
    return peer != nullptr && peer->has_address(from) ? peer : nullptr;
  }

  // An IPv4 address itself; an IPv6 address folded, so a match is verified.
  static uint64_t address_key(const SocketAddress& address) {
    if (address.any.sa_family == AF_INET) return address.v4.sin_addr.s_addr;
    uint64_t high;
    uint64_t low;
    std::memcpy(&high, address.v6.sin6_addr.s6_addr, sizeof high);
    std::memcpy(&low, address.v6.sin6_addr.s6_addr + 8, sizeof low);
    return ((high * 0x9e3779b97f4a7c15ull) ^ low) >> 1;
  }
};

}  // namespace overtap
