// Builds frames for the tests, and checks them with code that shares nothing
// with the engine's: byte by byte, slow and obvious.
#pragma once

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "io/underlay.h"

namespace frames {

using Bytes = std::vector<uint8_t>;

inline constexpr uint64_t kMacA = 0x02420a000002;
inline constexpr uint64_t kMacB = 0x02420a000003;

inline void put16(Bytes& to, uint32_t v) {
  to.push_back(static_cast<uint8_t>(v >> 8));
  to.push_back(static_cast<uint8_t>(v));
}

inline void put32(Bytes& to, uint32_t v) {
  put16(to, v >> 16);
  put16(to, v & 0xffff);
}

inline void put_mac(Bytes& to, uint64_t mac) {
  put16(to, static_cast<uint32_t>(mac >> 32) & 0xffff);
  put32(to, static_cast<uint32_t>(mac));
}

inline void append(Bytes& to, const Bytes& more) {
  to.insert(to.end(), more.begin(), more.end());
}

inline uint16_t get16(const Bytes& from, size_t at) {
  return static_cast<uint16_t>(from.at(at) << 8 | from.at(at + 1));
}

inline uint32_t get32(const Bytes& from, size_t at) {
  return static_cast<uint32_t>(get16(from, at)) << 16 | get16(from, at + 2);
}

inline void set16(Bytes& in, size_t at, uint16_t v) {
  in.at(at) = static_cast<uint8_t>(v >> 8);
  in.at(at + 1) = static_cast<uint8_t>(v);
}

// RFC 1071, folded, not complemented.
inline uint16_t naive_sum(const Bytes& bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); i++) {
    sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<uint16_t>(sum);
}

inline Bytes slice(const Bytes& from, size_t at, size_t length) {
  return Bytes(from.begin() + static_cast<long>(at), from.begin() + static_cast<long>(at + length));
}

inline Bytes pattern(size_t length, uint8_t seed = 1) {
  Bytes bytes(length);
  for (size_t i = 0; i < length; i++) bytes[i] = static_cast<uint8_t>(seed + i * 7 + i / 251);
  return bytes;
}

struct Spec {
  uint64_t destination = kMacB;
  uint64_t source = kMacA;
  int version = 4;
  uint8_t tos = 0;
  uint16_t id = 100;
  uint16_t fragment = 0x4000;  // don't fragment
  std::string ip_source = "10.0.0.2";
  std::string ip_destination = "10.0.0.3";
  uint8_t protocol = 6;
  uint16_t source_port = 40000;
  uint16_t destination_port = 80;
  uint32_t sequence = 1000;
  uint32_t ack = 5000;
  uint8_t flags = 0x10;
  uint16_t window = 501;
  Bytes ip_options;
  Bytes tcp_options;
  Bytes payload;
  bool partial_checksum = false;  // leave the pseudo-header sum only
};

inline Bytes ip_bytes(int version, const std::string& text) {
  Bytes bytes(version == 4 ? 4 : 16);
  inet_pton(version == 4 ? AF_INET : AF_INET6, text.c_str(), bytes.data());
  return bytes;
}

inline Bytes l4_header(const Spec& spec) {
  Bytes l4;
  put16(l4, spec.source_port);
  put16(l4, spec.destination_port);
  if (spec.protocol == 17) {
    put16(l4, static_cast<uint32_t>(8 + spec.payload.size()));
    put16(l4, 0);
    return l4;
  }
  put32(l4, spec.sequence);
  put32(l4, spec.ack);
  l4.push_back(static_cast<uint8_t>((20 + spec.tcp_options.size()) / 4 << 4));
  l4.push_back(spec.flags);
  put16(l4, spec.window);
  put16(l4, 0);
  put16(l4, 0);
  append(l4, spec.tcp_options);
  return l4;
}

inline Bytes pseudo(int version, const Bytes& source, const Bytes& destination, uint8_t protocol,
                    size_t length) {
  Bytes bytes = source;
  append(bytes, destination);
  if (version == 6) put16(bytes, 0);
  put16(bytes, static_cast<uint32_t>(length));
  put16(bytes, protocol);
  return bytes;
}

inline Bytes ip_header(const Spec& spec, size_t l4_length) {
  Bytes ip;
  if (spec.version == 6) {
    put32(ip, 0x60000000u | static_cast<uint32_t>(spec.tos) << 20);
    put16(ip, static_cast<uint32_t>(l4_length));
    ip.push_back(spec.protocol);
    ip.push_back(64);
    append(ip, ip_bytes(6, spec.ip_source));
    append(ip, ip_bytes(6, spec.ip_destination));
    return ip;
  }
  const size_t header = 20 + spec.ip_options.size();
  ip.push_back(static_cast<uint8_t>(0x40 | header / 4));
  ip.push_back(spec.tos);
  put16(ip, static_cast<uint32_t>(header + l4_length));
  put16(ip, spec.id);
  put16(ip, spec.fragment);
  ip.push_back(64);
  ip.push_back(spec.protocol);
  put16(ip, 0);
  append(ip, ip_bytes(4, spec.ip_source));
  append(ip, ip_bytes(4, spec.ip_destination));
  append(ip, spec.ip_options);
  set16(ip, 10, static_cast<uint16_t>(~naive_sum(ip)));
  return ip;
}

inline Bytes build(const Spec& spec) {
  Bytes l4 = l4_header(spec);
  append(l4, spec.payload);
  Bytes summed = pseudo(spec.version, ip_bytes(spec.version, spec.ip_source),
                        ip_bytes(spec.version, spec.ip_destination), spec.protocol, l4.size());
  uint16_t checksum = naive_sum(summed);
  if (!spec.partial_checksum) {
    append(summed, l4);
    checksum = static_cast<uint16_t>(~naive_sum(summed));
    if (checksum == 0 && spec.protocol == 17) checksum = 0xffff;
  }
  set16(l4, spec.protocol == 17 ? 6 : 16, checksum);

  Bytes frame;
  put_mac(frame, spec.destination);
  put_mac(frame, spec.source);
  put16(frame, spec.version == 4 ? 0x0800 : 0x86dd);
  append(frame, ip_header(spec, l4.size()));
  append(frame, l4);
  return frame;
}

// What a receiver would check: empty when the frame is right, else what is wrong with it.
inline std::string verify(const Bytes& frame) {
  const int version = frame.at(14) >> 4;
  const size_t header = version == 4 ? (frame.at(14) & 15) * 4u : 40;
  const size_t total = version == 4 ? get16(frame, 16) : 40u + get16(frame, 18);
  if (14 + total != frame.size()) return "IP length";
  if (version == 4 && naive_sum(slice(frame, 14, header)) != 0xffff) return "IP checksum";
  const uint8_t protocol = version == 4 ? frame.at(23) : frame.at(20);
  const size_t addresses = version == 4 ? 26 : 22;
  const size_t size = version == 4 ? 4 : 16;
  const Bytes l4 = slice(frame, 14 + header, total - header);
  Bytes summed = pseudo(version, slice(frame, addresses, size),
                        slice(frame, addresses + size, size), protocol, l4.size());
  append(summed, l4);
  if (naive_sum(summed) != 0xffff) return "L4 checksum";
  if (protocol == 17 && get16(l4, 4) != l4.size()) return "UDP length";
  return "";
}

inline Bytes vxlan(uint32_t vni, const Bytes& frame, uint32_t flags = 0x08000000) {
  Bytes packet;
  put32(packet, flags);
  put32(packet, vni << 8);
  append(packet, frame);
  return packet;
}

inline overtap::SocketAddress address(const char* ip, uint16_t port = 4789) {
  overtap::SocketAddress result;
  std::memset(&result, 0, sizeof result);
  result.v4.sin_family = AF_INET;
  result.v4.sin_port = htons(port);
  inet_pton(AF_INET, ip, &result.v4.sin_addr);
  return result;
}

}  // namespace frames
