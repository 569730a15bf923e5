// Turns a superpacket (one TCP or UDP datagram of up to 64 KB that a container
// handed over for segmentation) into the VXLAN packets that go on the wire,
// without copying payload: each packet is a pair of parts, freshly written
// headers and a slice of the superpacket.
//
// What changes from segment to segment (linux/net/ipv4/tcp_offload.c,
// udp_offload.c): IP length, IPv4 id and header checksum; TCP sequence number,
// flags (CWR on the first only, FIN and PSH on the last only) and checksum; UDP
// length and checksum. The sums over all that stays equal are computed once.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstdint>

#include "wire/frame.h"
#include "wire/limits.h"
#include "wire/virtio_net.h"

namespace overtap {

class Segmenter {
 public:
  // Whether the offload request fits the frame; those of the kernel do.
  static bool valid(const Frame& frame, const VirtioNetHeader& vnet);

  // Prepares for `frame`, which must stay in place until the last run is sent.
  // False when the offload request contradicts the frame.
  bool start(const Frame& frame, const VirtioNetHeader& vnet, uint32_t vni);

  struct Run {
    const iovec* parts;
    uint32_t part_count;
    uint32_t bytes;
    uint16_t segment_size;  // 0 for a run of one
    uint32_t segments;
  };

  // Writes the next run, of at most `limit` segments and no more than one send
  // takes; false when the superpacket is used up. A run's parts are valid until
  // the next call.
  bool next(Run& run, uint32_t limit = limits::kMaxSegmentsPerSend);

 private:
  void write_headers(uint8_t* headers, uint32_t payload_length, bool last);
  void write_ip(uint8_t* ip, uint32_t ip_length);
  void write_tcp(uint8_t* tcp, const uint8_t* payload, uint32_t payload_length, bool last);
  void write_udp(uint8_t* udp, const uint8_t* payload, uint32_t payload_length);

  static constexpr uint32_t kSlot = (limits::kMaxHeaders + 63) & ~63u;

  Frame frame_;
  uint32_t header_length_ = 0;  // VXLAN to the end of L4
  uint32_t segment_payload_ = 0;
  uint32_t offset_ = 0;  // payload bytes already segmented
  uint32_t payload_length_ = 0;
  uint32_t index_ = 0;  // segments already made
  uint64_t ip_sum_ = 0;
  uint64_t l4_sum_ = 0;
  std::array<uint8_t, limits::kMaxHeaders> template_;
  std::array<std::array<uint8_t, kSlot>, limits::kMaxSegmentsPerSend> headers_;
  std::array<iovec, 2 * limits::kMaxSegmentsPerSend> parts_;
};

}  // namespace overtap
