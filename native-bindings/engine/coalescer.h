// Joins consecutive TCP segments of one flow into a superpacket that is written
// to the container in one call: the receiving half of segmentation offload.
//
// A segment joins when the kernel's own GRO would let it (tcp_gro_receive,
// inet_gro_receive): all headers equal but IP length, id and checksum and TCP
// sequence number, checksum and PSH; the next sequence number; ACK or ACK|PSH
// only; not larger than the first. A shorter segment or PSH ends the run.
//
// Only segments whose bytes were verified on the way in may come here, because
// the joined packet is marked "checksum to be filled in", which the receiving
// kernel trusts.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstdint>

#include "engine/counters.h"
#include "engine/port.h"
#include "wire/frame.h"
#include "wire/virtio_net.h"

namespace overtap {

class Coalescer {
 public:
  Coalescer(uint32_t lane, WorkerCounters& counters) : lane_(lane), counters_(counters) {}

  // True when the frame has joined or begun a run; its bytes must stay in place
  // until flush(). False when it cannot be joined to anything and the caller
  // must deliver it as it is; the run is flushed then, so order is kept.
  bool add(Port& port, const Frame& frame);

  // Delivers what has been gathered.
  void flush();

 private:
  bool can_join(const Port& port, const Frame& frame) const;
  bool same_ip_header(const Frame& frame) const;
  bool same_tcp_header(const Frame& frame) const;
  void begin(Port& port, const Frame& frame);
  void append(const Frame& frame);
  void write_joined_headers(VirtioNetHeader& vnet);

  static constexpr uint32_t kMaxSegments = 64;

  const uint32_t lane_;
  WorkerCounters& counters_;
  Port* port_ = nullptr;  // null when no run is open
  Frame first_;
  uint32_t segments_ = 0;
  uint32_t segment_payload_ = 0;
  uint32_t payload_ = 0;  // bytes of all segments
  uint32_t next_sequence_ = 0;
  uint16_t next_id_ = 0;
  bool closed_ = false;
  bool push_ = false;
  std::array<iovec, kMaxSegments + 2> parts_;
};

}  // namespace overtap
