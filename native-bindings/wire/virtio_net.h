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

namespace virtio {
constexpr uint8_t kNeedsChecksum = 1;
constexpr uint8_t kGsoNone = 0;
constexpr uint8_t kGsoTcp4 = 1;
constexpr uint8_t kGsoTcp6 = 4;
constexpr uint8_t kGsoUdpL4 = 5;
constexpr uint8_t kGsoEcn = 0x80;
}  // namespace virtio

}  // namespace overtap
