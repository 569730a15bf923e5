// Sizes, offsets and numbers of the headers the data path reads and writes.
#pragma once

#include <cstdint>

#include "wire/bytes.h"

namespace overtap {

// Ethernet II: destination 6, source 6, EtherType 2.
namespace eth {
constexpr uint32_t kHeader = 14;
constexpr uint32_t kDestination = 0;
constexpr uint32_t kSource = 6;
constexpr uint32_t kType = 12;
constexpr uint16_t kIpv4 = 0x0800;
constexpr uint16_t kArp = 0x0806;
constexpr uint16_t kVlan = 0x8100;         // 802.1Q
constexpr uint16_t kServiceVlan = 0x88a8;  // 802.1ad
constexpr uint16_t kIpv6 = 0x86dd;

// A MAC address as the low 48 bits of a number, first byte highest.
inline uint64_t load_mac(const uint8_t* p) {
  return (static_cast<uint64_t>(load_be16(p)) << 32) | load_be32(p + 2);
}

inline bool is_group(uint64_t mac) {
  return (mac >> 40) & 1;
}
}  // namespace eth

// RFC 826, for IPv4 over Ethernet.
namespace arp {
constexpr uint32_t kLength = 28;
constexpr uint32_t kOperation = 6;
constexpr uint32_t kSenderMac = 8;
constexpr uint32_t kSenderIp = 14;
constexpr uint16_t kRequest = 1;
}  // namespace arp

// RFC 791.
namespace ipv4 {
constexpr uint32_t kMinHeader = 20;
constexpr uint32_t kTos = 1;
constexpr uint32_t kTotalLength = 2;
constexpr uint32_t kId = 4;
constexpr uint32_t kFragment = 6;
constexpr uint16_t kFragmentMask = 0x3fff;  // more-fragments flag and offset
constexpr uint16_t kDontFragment = 0x4000;
constexpr uint32_t kTtl = 8;
constexpr uint32_t kProtocol = 9;
constexpr uint32_t kChecksum = 10;
constexpr uint32_t kSource = 12;
constexpr uint32_t kDestination = 16;
}  // namespace ipv4

// RFC 8200.
namespace ipv6 {
constexpr uint32_t kHeader = 40;
constexpr uint32_t kPayloadLength = 4;
constexpr uint32_t kNextHeader = 6;
constexpr uint32_t kHopLimit = 7;
constexpr uint32_t kSource = 8;
constexpr uint32_t kDestination = 24;
constexpr uint8_t kHopByHop = 0;
constexpr uint8_t kRouting = 43;
constexpr uint8_t kFragment = 44;
constexpr uint8_t kDestinationOptions = 60;
constexpr uint16_t kFragmentOffset = 0xfff8;  // in the third and fourth byte of that header
}  // namespace ipv6

namespace protocol {
constexpr uint8_t kIcmp = 1;
constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kIcmpv6 = 58;
}  // namespace protocol

// RFC 9293.
namespace tcp {
constexpr uint32_t kMinHeader = 20;
constexpr uint32_t kSequence = 4;
constexpr uint32_t kAck = 8;
constexpr uint32_t kDataOffset = 12;
constexpr uint32_t kFlags = 13;
constexpr uint32_t kChecksum = 16;
constexpr uint8_t kFin = 0x01;
constexpr uint8_t kPsh = 0x08;
constexpr uint8_t kAckFlag = 0x10;
constexpr uint8_t kCwr = 0x80;
}  // namespace tcp

// RFC 768.
namespace udp {
constexpr uint32_t kHeader = 8;
constexpr uint32_t kLength = 4;
constexpr uint32_t kChecksum = 6;
}  // namespace udp

// RFC 792: the errors.
namespace icmp {
constexpr uint8_t kUnreachable = 3;
constexpr uint8_t kSourceQuench = 4;
constexpr uint8_t kRedirect = 5;
constexpr uint8_t kTimeExceeded = 11;
constexpr uint8_t kParameterProblem = 12;
}  // namespace icmp

// RFC 4443, RFC 4861.
namespace icmpv6 {
constexpr uint8_t kFirstInformational = 128;  // types below are errors
constexpr uint8_t kRouterSolicitation = 133;
constexpr uint8_t kNeighborSolicitation = 135;
constexpr uint8_t kNeighborAdvertisement = 136;
constexpr uint32_t kTarget = 8;
}  // namespace icmpv6

// RFC 7348 section 5: flags 1, reserved 3, VNI 3, reserved 1.
namespace vxlan {
constexpr uint32_t kHeader = 8;
constexpr uint32_t kFlagsWord = 0x08000000;  // the I flag, everything else zero

inline void write(uint8_t* p, uint32_t vni) {
  store_be32(p, kFlagsWord);
  store_be32(p + 4, vni << 8);
}

// Reserved bits must be zero: the RFC lets a receiver ignore them, but the kernel
// (vxlan_rcv) and OVS drop, because GBP and GPE put meaning there that a plain
// VTEP would lose. We do as they do.
inline bool valid(const uint8_t* p) {
  return load_be32(p) == kFlagsWord && p[7] == 0;
}

// Eight zeros: too little to be VXLAN, so that every VTEP drops it before it looks
// for a network (io/path_probe.h).
inline bool is_probe(const uint8_t* p) {
  return load_be32(p) == 0 && load_be32(p + 4) == 0;
}

inline uint32_t vni(const uint8_t* p) {
  return load_be32(p + 4) >> 8;
}
}  // namespace vxlan

}  // namespace overtap
