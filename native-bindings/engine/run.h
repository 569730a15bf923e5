// A run: consecutive packets of one flow that become one superpacket, to be
// written to the container in one call.
//
// A packet joins when the kernel's own GRO would let it (inet_gro_receive,
// tcp_gro_receive, udp_gro_receive_segment): all headers equal but IP length,
// id and checksum, L4 checksum, TCP sequence number and PSH, UDP length; the
// next sequence number; not larger than the first. A shorter packet or PSH ends
// the run.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstdint>

#include "engine/counters.h"
#include "engine/port.h"
#include "wire/frame.h"
#include "wire/virtio_net.h"

namespace overtap {

class Run {
 public:
  bool open() const { return port_ != nullptr; }

  // Whether a TCP or UDP packet is of the flow that the run is of.
  bool same_flow(const Port& port, const Frame& frame) const;
  // Whether a packet of the same flow may join.
  bool accepts(const Frame& frame) const;

  // The frame's bytes must stay in place until deliver().
  void begin(Port& port, const Frame& frame);
  void append(const Frame& frame);

  // Writes what has been gathered to the container and closes the run.
  void deliver(uint32_t lane, WorkerCounters& counters);

 private:
  bool same_ip_header(const Frame& frame) const;
  bool same_l4_header(const Frame& frame) const;
  void write_joined_headers(VirtioNetHeader& vnet);

  static constexpr uint32_t kMaxSegments = 64;

  Port* port_ = nullptr;
  Frame first_;
  uint32_t segments_ = 0;
  uint32_t segment_payload_ = 0;
  uint32_t payload_ = 0;  // bytes of all segments
  uint32_t next_sequence_ = 0;
  uint16_t next_id_ = 0;
  bool closed_ = false;
  bool push_ = false;
  std::array<iovec, kMaxSegments + 1> parts_;
};

}  // namespace overtap
