#include "engine/port_security.h"

#include <algorithm>
#include <cstring>

namespace overtap {
namespace {

template <size_t N>
bool any_is(const std::vector<std::array<uint8_t, N>>& addresses, const uint8_t* address) {
  return std::any_of(addresses.begin(), addresses.end(), [address](const auto& own) {
    return std::memcmp(own.data(), address, N) == 0;
  });
}

bool all_zero(const uint8_t* bytes, size_t length) {
  return std::all_of(bytes, bytes + length, [](uint8_t byte) { return byte == 0; });
}

// fe80::/64 with the modified EUI-64 of the MAC.
bool is_own_link_local(uint64_t mac, const uint8_t* address) {
  const uint8_t own[16] = {0xfe,
                           0x80,
                           0,
                           0,
                           0,
                           0,
                           0,
                           0,
                           static_cast<uint8_t>((mac >> 40) ^ 2),
                           static_cast<uint8_t>(mac >> 32),
                           static_cast<uint8_t>(mac >> 24),
                           0xff,
                           0xfe,
                           static_cast<uint8_t>(mac >> 16),
                           static_cast<uint8_t>(mac >> 8),
                           static_cast<uint8_t>(mac)};
  return std::memcmp(own, address, sizeof own) == 0;
}

bool owns_ipv6(const PortIdentity& port, const uint8_t* address) {
  return any_is(port.ipv6, address) || is_own_link_local(port.mac, address);
}

bool arp_allowed(const PortIdentity& port, const Frame& frame) {
  if (frame.length < eth::kHeader + arp::kLength) return false;
  const uint8_t* packet = frame.l3();
  const uint8_t* sender = packet + arp::kSenderIp;
  return eth::load_mac(packet + arp::kSenderMac) == port.mac &&
         (any_is(port.ipv4, sender) || all_zero(sender, 4));
}

bool ipv6_allowed(const PortIdentity& port, const Frame& frame) {
  const uint8_t* source = frame.l3() + ipv6::kSource;
  if (!owns_ipv6(port, source) && !all_zero(source, 16)) return false;
  if (frame.protocol != protocol::kIcmpv6 || frame.l4 == 0) return true;
  const uint8_t* icmp = frame.data + frame.l4;
  if (icmp[0] != icmpv6::kNeighborAdvertisement) return true;
  return frame.l4 + icmpv6::kTarget + 16 <= frame.end && owns_ipv6(port, icmp + icmpv6::kTarget);
}

}  // namespace

std::optional<DropReason> check_port_security(const PortIdentity& port, const Frame& frame) {
  if (frame.source() != port.mac) return DropReason::spoofed_mac;
  bool allowed = true;
  if (frame.ip_version == 4) {
    allowed = any_is(port.ipv4, frame.l3() + ipv4::kSource);
  } else if (frame.ip_version == 6) {
    allowed = ipv6_allowed(port, frame);
  } else if (frame.ether_type == eth::kArp) {
    allowed = arp_allowed(port, frame);
  }
  if (allowed) return std::nullopt;
  return DropReason::spoofed_address;
}

}  // namespace overtap
