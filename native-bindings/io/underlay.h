// The transport between VTEPs: how VXLAN packets leave and arrive.
#pragma once

#include <sys/uio.h>

#include <cstdint>

#include "io/remote.h"

namespace overtap {

// One VXLAN packet in one part, or a run of them with equal sizes to the same peer. A run
// consists of pairs of parts, {headers, payload}, one pair per packet, so that a transport
// without segmentation offload can send the pairs one by one.
struct OutboundPacket {
  const Remote* to;
  uint32_t flow_hash;     // picks the source port; same flow, same port
  uint16_t segment_size;  // bytes of each packet but the last; 0 for a single packet
  uint8_t tos;            // outer DSCP and ECN
  const iovec* parts;
  uint32_t part_count;
  uint32_t bytes;
  bool alone = false;  // larger than the path takes: to be fragmented, so part of no run
};

// kFragmented: sent, but in pieces, because the path takes less than was thought.
enum class SendResult : uint8_t { kOk, kFragmented, kOversize, kFull, kError };

// A received datagram, or several of equal size that arrived merged. Valid
// until the next receive().
struct InboundPacket {
  const SocketAddress* from;
  uint8_t* data;  // VXLAN header of the first; writable, with headroom before it
  uint32_t length;
  uint16_t segment_size;  // 0 when not merged (see Inbound); else the outer checksum was verified
  uint8_t tos;
  bool truncated;
};

class Underlay {
 public:
  virtual ~Underlay() = default;

  // Sends at most kSendSlots single packets, or one run: those of a flow in order; results[i] tells
  // what became of packets[i]. One that fails does not stop the others. Safe to call from several
  // threads.
  virtual void send(const OutboundPacket* packets, uint32_t count, SendResult* results) = 0;

  // The source port of what is sent with this hash.
  virtual uint16_t source_port(uint32_t flow_hash) const = 0;

  // Receives up to `capacity` packets without waiting; returns how many.
  virtual uint32_t receive(uint32_t worker, InboundPacket* packets, uint32_t capacity) = 0;

  // Datagrams the kernel dropped because the receive queue was full, in total.
  virtual uint64_t overruns(uint32_t worker) const = 0;

  // To wait on, or -1.
  virtual int fd(uint32_t worker) const = 0;
};

}  // namespace overtap
