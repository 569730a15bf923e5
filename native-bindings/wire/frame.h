// One pass over an Ethernet frame that finds where its headers are.
#pragma once

#include <cstdint>

#include "wire/headers.h"

namespace overtap {

enum class FrameFault { kNone, kRunt, kVlan, kMalformedIp };

// Offsets are from the start of the frame; 0 means absent.
struct Frame {
  uint8_t* data = nullptr;
  uint32_t length = 0;
  uint16_t ether_type = 0;
  uint8_t ip_version = 0;  // 4, 6, or 0 for anything else
  uint8_t protocol = 0;    // L4 protocol; 0 when not IP
  bool fragment = false;   // any part of a fragmented datagram
  uint16_t l4 = 0;         // L4 header; 0 when absent, in a fragment, or cut short
  uint16_t payload = 0;    // L4 payload, TCP and UDP only
  uint32_t end = 0;        // end of the IP datagram; what follows is padding
  uint16_t segment = 0;    // of a UDP superpacket, bytes of L4 payload per datagram; see Inbound

  const uint8_t* l3() const { return data + eth::kHeader; }
  uint8_t* l3() { return data + eth::kHeader; }
  uint64_t destination() const { return eth::load_mac(data + eth::kDestination); }
  uint64_t source() const { return eth::load_mac(data + eth::kSource); }
  bool is_tcp() const { return payload != 0 && protocol == protocol::kTcp; }
  bool is_udp() const { return payload != 0 && protocol == protocol::kUdp; }
  uint32_t payload_length() const { return end - payload; }
  // Where the L4 checksum field is; only for is_tcp() or is_udp().
  uint16_t checksum_field() const {
    return l4 + (protocol == protocol::kTcp ? tcp::kChecksum : udp::kChecksum);
  }
};

// Fills `frame` from `length` bytes at `data`. After kNone every offset in it
// lies within the frame, so accessors need no further checks. L4 headers that
// are cut short leave l4 and payload 0: such frames are carried, not inspected.
FrameFault parse_frame(uint8_t* data, uint32_t length, Frame& frame);

// A hash of the flow the frame belongs to, equal for all its fragments:
// addresses, protocol and ports, or the MAC addresses when it is not IP.
uint32_t flow_hash(const Frame& frame);

// Sum of the pseudo-header for an L4 checksum over `l4_length` bytes
// (RFC 9293 section 3.1, RFC 8200 section 8.1). The frame must be IP.
uint64_t pseudo_header_sum(const Frame& frame, uint32_t l4_length);

// Computes the L4 checksum of a frame whose field holds the pseudo-header sum
// only (CHECKSUM_PARTIAL, as vnet headers announce). False when the two offsets do not
// lie within the frame.
bool complete_checksum(uint8_t* data, uint32_t length, uint32_t start, uint32_t offset);

// True when the L4 checksum field holds just the folded pseudo-header sum: a
// sender with checksum offload left the rest to hardware that the frame never
// met. One valid packet in 65,536 looks the same, and computing it again is harmless.
bool has_partial_checksum(const Frame& frame);

// True when the L4 checksum is there and right; only for is_tcp() or is_udp().
bool has_valid_checksum(const Frame& frame);

}  // namespace overtap
