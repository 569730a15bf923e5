// Explicit congestion notification across the tunnel (RFC 6040), as the
// kernel's vxlan device does it (include/net/inet_ecn.h).
#pragma once

#include "wire/checksum.h"
#include "wire/frame.h"

namespace overtap {

namespace ecn {
constexpr uint8_t kMask = 3;
constexpr uint8_t kEct1 = 1;
constexpr uint8_t kEct0 = 2;
constexpr uint8_t kCe = 3;
}  // namespace ecn

// The ECN bits of the inner packet; 0 when it is not IP.
inline uint8_t inner_ecn(const Frame& frame) {
  const uint8_t* ip = frame.l3();
  if (frame.ip_version == 4) return ip[ipv4::kTos] & ecn::kMask;
  if (frame.ip_version == 6) return (ip[1] >> 4) & ecn::kMask;
  return 0;
}

// TOS byte of the outer packet: ECN from the inner one, where a mark already
// made is not shown twice (INET_ECN_encapsulate: CE becomes ECT(0)); DSCP 0.
inline uint8_t outer_tos(const Frame& frame) {
  const uint8_t inner = inner_ecn(frame);
  return inner == ecn::kCe ? ecn::kEct0 : inner;
}

inline void set_inner_ecn(Frame& frame, uint8_t value) {
  uint8_t* ip = frame.l3();
  if (frame.ip_version == 6) {
    ip[1] = static_cast<uint8_t>((ip[1] & ~(ecn::kMask << 4)) | (value << 4));
    return;
  }
  const uint64_t before = load_raw16(ip);
  ip[ipv4::kTos] = static_cast<uint8_t>((ip[ipv4::kTos] & ~ecn::kMask) | value);
  // RFC 1624 equation 3.
  const uint64_t sum = static_cast<uint16_t>(~load_raw16(ip + ipv4::kChecksum)) +
                       static_cast<uint64_t>(static_cast<uint16_t>(~before)) + load_raw16(ip);
  store_raw16(ip + ipv4::kChecksum, checksum_finish(sum));
}

// Carries the outer mark into the inner packet (RFC 6040 section 4.2). False
// when it must be dropped: congestion was experienced, and the inner transport
// cannot be told.
inline bool decapsulate_ecn(Frame& frame, uint8_t outer) {
  outer &= ecn::kMask;
  if (frame.ip_version == 0 || (outer != ecn::kCe && outer != ecn::kEct1)) return true;
  const uint8_t inner = inner_ecn(frame);
  if (inner == 0) return outer != ecn::kCe;
  if (outer == ecn::kCe && inner != ecn::kCe) set_inner_ecn(frame, ecn::kCe);
  if (outer == ecn::kEct1 && inner == ecn::kEct0) set_inner_ecn(frame, ecn::kEct1);
  return true;
}

}  // namespace overtap
