#include "wire/frame.h"

#include "wire/checksum.h"

namespace overtap {
namespace {

constexpr int kMaxExtensionHeaders = 8;

void locate_l4(Frame& frame, uint32_t offset, uint8_t proto) {
  frame.protocol = proto;
  if (frame.fragment || offset >= frame.end) return;
  const uint32_t room = frame.end - offset;
  uint32_t header = 1;
  if (proto == protocol::kTcp) {
    if (room < tcp::kMinHeader) return;
    header = (frame.data[offset + tcp::kDataOffset] >> 4) * 4u;
    if (header < tcp::kMinHeader || header > room) return;
  } else if (proto == protocol::kUdp) {
    header = udp::kHeader;
    if (room < header) return;
  }
  frame.l4 = static_cast<uint16_t>(offset);
  const bool has_payload = proto == protocol::kTcp || proto == protocol::kUdp;
  if (has_payload) frame.payload = static_cast<uint16_t>(offset + header);
}

FrameFault parse_ipv4(Frame& frame) {
  const uint32_t room = frame.length - eth::kHeader;
  if (room < ipv4::kMinHeader) return FrameFault::kMalformedIp;
  const uint8_t* ip = frame.l3();
  const uint32_t header = (ip[0] & 0x0f) * 4u;
  const uint32_t total = load_be16(ip + ipv4::kTotalLength);
  if ((ip[0] >> 4) != 4 || header < ipv4::kMinHeader || total < header || total > room) {
    return FrameFault::kMalformedIp;
  }
  frame.ip_version = 4;
  frame.end = eth::kHeader + total;
  frame.fragment = (load_be16(ip + ipv4::kFragment) & ipv4::kFragmentMask) != 0;
  locate_l4(frame, eth::kHeader + header, ip[ipv4::kProtocol]);
  return FrameFault::kNone;
}

FrameFault parse_ipv6(Frame& frame) {
  const uint32_t room = frame.length - eth::kHeader;
  if (room < ipv6::kHeader) return FrameFault::kMalformedIp;
  const uint8_t* ip = frame.l3();
  const uint32_t total = ipv6::kHeader + load_be16(ip + ipv6::kPayloadLength);
  if ((ip[0] >> 4) != 6 || total > room) return FrameFault::kMalformedIp;
  frame.ip_version = 6;
  frame.end = eth::kHeader + total;
  uint8_t next = ip[ipv6::kNextHeader];
  uint32_t offset = eth::kHeader + ipv6::kHeader;
  for (int i = 0; i < kMaxExtensionHeaders; i++) {
    const bool skippable = next == ipv6::kHopByHop || next == ipv6::kRouting ||
                           next == ipv6::kDestinationOptions || next == ipv6::kFragment;
    if (!skippable) break;
    if (offset + 8 > frame.end) return FrameFault::kMalformedIp;
    const uint8_t* extension = frame.data + offset;
    if (next == ipv6::kFragment) frame.fragment = true;
    offset += next == ipv6::kFragment ? 8 : 8 + extension[1] * 8u;
    next = extension[0];
  }
  if (offset > frame.end) return FrameFault::kMalformedIp;
  locate_l4(frame, offset, next);
  return FrameFault::kNone;
}

uint32_t mix(uint64_t value) {
  value *= 0x9e3779b97f4a7c15ull;
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93ull;
  return static_cast<uint32_t>(value >> 32);
}

uint64_t load_word(const uint8_t* p) {
  uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

}  // namespace

FrameFault parse_frame(uint8_t* data, uint32_t length, Frame& frame) {
  frame = Frame{};
  if (length < eth::kHeader) return FrameFault::kRunt;
  frame.data = data;
  frame.length = length;
  frame.end = length;
  frame.ether_type = load_be16(data + eth::kType);
  switch (frame.ether_type) {
    case eth::kVlan:
    case eth::kServiceVlan:
      return FrameFault::kVlan;
    case eth::kIpv4:
      return parse_ipv4(frame);
    case eth::kIpv6:
      return parse_ipv6(frame);
    default:
      return FrameFault::kNone;
  }
}

uint32_t flow_hash(const Frame& frame) {
  const uint8_t* ip = frame.l3();
  uint64_t key = frame.protocol;
  if (frame.ip_version == 4) {
    key ^= load_word(ip + ipv4::kSource);
  } else if (frame.ip_version == 6) {
    const uint8_t* source = ip + ipv6::kSource;
    for (int i = 0; i < 4; i++) key = (key << 13 | key >> 51) ^ load_word(source + 8 * i);
  } else {
    key = frame.destination() ^ (frame.source() << 16);
  }
  uint32_t ports = 0;
  if (frame.payload != 0) std::memcpy(&ports, frame.data + frame.l4, sizeof ports);
  return mix(key ^ (static_cast<uint64_t>(ports) << 17));
}

uint64_t pseudo_header_sum(const Frame& frame, uint32_t l4_length) {
  const uint8_t* ip = frame.l3();
  const uint64_t sum = checksum_word(frame.protocol) +
                       checksum_word(static_cast<uint16_t>(l4_length & 0xffff)) +
                       checksum_word(static_cast<uint16_t>(l4_length >> 16));
  return frame.ip_version == 4 ? checksum_add(sum, ip + ipv4::kSource, 8)
                               : checksum_add(sum, ip + ipv6::kSource, 32);
}

bool complete_checksum(uint8_t* data, uint32_t length, uint32_t start, uint32_t offset) {
  if (start >= length || start + offset + 2 > length) return false;
  uint16_t checksum = checksum_finish(checksum_add(0, data + start, length - start));
  // For UDP zero means "no checksum" (RFC 768); for TCP both forms are the same value.
  if (checksum == 0) checksum = 0xffff;
  store_raw16(data + start + offset, checksum);
  return true;
}

bool has_partial_checksum(const Frame& frame) {
  if (frame.payload == 0) return false;
  const uint64_t pseudo = pseudo_header_sum(frame, frame.end - frame.l4);
  return load_raw16(frame.data + frame.checksum_field()) == checksum_fold(pseudo);
}

bool has_valid_checksum(const Frame& frame) {
  const uint32_t length = frame.end - frame.l4;
  const uint64_t sum = pseudo_header_sum(frame, length);
  return checksum_fold(checksum_add(sum, frame.data + frame.l4, length)) == 0xffff;
}

}  // namespace overtap
