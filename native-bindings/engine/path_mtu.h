// Packets that are larger than the way to their receiver takes whole: who is
// told of it with an ICMP error, so that smaller ones come, and who is not. The
// error itself is made in TypeScript (src/slowpath/too-big-responder.ts).
#pragma once

#include <cstdint>

#include "wire/frame.h"
#include "wire/virtio_net.h"

namespace overtap {

// Bytes of the largest IP packet that becomes of the frame: the frame's own, or
// that of its segments.
inline uint32_t largest_packet(const Frame& frame, const VirtioNetHeader& vnet) {
  if (vnet.gso_type == virtio::kGsoNone) return frame.length - eth::kHeader;
  return frame.payload == 0 ? 0 : frame.payload - eth::kHeader + vnet.gso_size;
}

// The MTU to tell the sender of a packet of `size` bytes that meets `mtu`. 0 when
// it must not be told, or cannot send less: the packet then goes out as it is,
// for the underlay to fragment (iptunnel_pmtud_check_icmp in
// linux/net/ipv4/ip_tunnel_core.c decides alike).
uint32_t mtu_to_tell(const Frame& frame, uint32_t size, uint32_t mtu);

}  // namespace overtap
