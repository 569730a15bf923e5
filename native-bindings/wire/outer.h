// The headers before the VXLAN header: Ethernet, IP, UDP. Sockets make their
// own; these are for frames that are handed to the kernel as they will leave.
#pragma once

#include <cstdint>

#include "wire/headers.h"

namespace overtap {

struct OuterFlow {
  uint8_t ip_version;
  const uint8_t* source;       // 4 or 16 bytes
  const uint8_t* destination;  // as many
  uint16_t source_port;
  uint16_t destination_port;
  uint8_t tos;
  uint16_t id;  // IPv4 only
};

// Bytes that write_outer puts before the VXLAN header.
inline uint32_t outer_length(uint8_t ip_version) {
  return eth::kHeader + (ip_version == 4 ? ipv4::kMinHeader : ipv6::kHeader) + udp::kHeader;
}

// Writes them before `vxlan`, where `length` bytes of UDP payload begin. The MAC
// addresses are left zero. The UDP checksum holds the sum of the pseudo-header
// only, as a sender leaves it to hardware. `length` must fit into IP.
void write_outer(uint8_t* vxlan, uint32_t length, const OuterFlow& flow);

}  // namespace overtap
