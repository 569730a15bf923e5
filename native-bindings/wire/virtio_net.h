// The header in front of every frame on a TAP opened with IFF_VNET_HDR
// (virtio 1.2 section 5.1.6; linux/virtio_net.h). Ten bytes, little-endian as
// set by TUNSETVNETLE.
#pragma once

#include <cstdint>

namespace overtap {

struct VirtioNetHeader {
  uint8_t flags;
  uint8_t gso_type;
  // A hint only: on a forwarding path the kernel may put the whole linear part
  // here. Recomputed wherever it matters.
  uint16_t hdr_len;
  uint16_t gso_size;     // bytes of L4 payload per segment
  uint16_t csum_start;   // from the start of the frame
  uint16_t csum_offset;  // from csum_start
} __attribute__((packed));
static_assert(sizeof(VirtioNetHeader) == 10);

// The same with what a UDP tunnel needs, since Linux 6.17 (virtio_net_hdr_v1_hash_tunnel):
// the superpacket is the inner one, and the kernel makes its segments, outer headers and all
// checksums at the last moment.
struct TunnelVirtioNetHeader {
  VirtioNetHeader inner;  // offsets are from the start of the outer frame
  uint16_t num_buffers;
  uint16_t hash_low;
  uint16_t hash_high;
  uint16_t hash_report;
  uint16_t padding;
  uint16_t outer_udp;  // offset of the outer UDP header
  uint16_t inner_ip;   // offset of the inner IP header
} __attribute__((packed));
static_assert(sizeof(TunnelVirtioNetHeader) == 24);

namespace virtio {
constexpr uint8_t kNeedsChecksum = 1;
constexpr uint8_t kTunnelChecksum = 8;  // the outer UDP checksum is wanted, too
constexpr uint8_t kGsoNone = 0;
constexpr uint8_t kGsoTcp4 = 1;
constexpr uint8_t kGsoTcp6 = 4;
constexpr uint8_t kGsoUdpL4 = 5;
constexpr uint8_t kGsoTunnel4 = 0x20;
constexpr uint8_t kGsoTunnel6 = 0x40;
constexpr uint8_t kGsoEcn = 0x80;
}  // namespace virtio

}  // namespace overtap
