#include "wire/outer.h"

#include <cstring>

#include "wire/checksum.h"

namespace overtap {
namespace {

constexpr uint8_t kHopLimit = 64;  // IPDEFTTL, as the kernel's vxlan device by default

uint64_t address_sum(const OuterFlow& flow) {
  const uint32_t size = flow.ip_version == 4 ? 4 : 16;
  return checksum_add(checksum_add(0, flow.source, size), flow.destination, size);
}

void write_ipv4(uint8_t* ip, uint32_t udp_length, const OuterFlow& flow) {
  std::memset(ip, 0, ipv4::kMinHeader);
  ip[0] = 0x45;
  ip[ipv4::kTos] = flow.tos;
  store_be16(ip + ipv4::kTotalLength, static_cast<uint16_t>(ipv4::kMinHeader + udp_length));
  store_be16(ip + ipv4::kId, flow.id);
  ip[ipv4::kTtl] = kHopLimit;
  ip[ipv4::kProtocol] = protocol::kUdp;
  std::memcpy(ip + ipv4::kSource, flow.source, 4);
  std::memcpy(ip + ipv4::kDestination, flow.destination, 4);
  store_raw16(ip + ipv4::kChecksum, checksum_finish(checksum_add(0, ip, ipv4::kMinHeader)));
}

void write_ipv6(uint8_t* ip, uint32_t udp_length, const OuterFlow& flow) {
  store_be32(ip, 0x60000000u | static_cast<uint32_t>(flow.tos) << 20);
  store_be16(ip + ipv6::kPayloadLength, static_cast<uint16_t>(udp_length));
  ip[ipv6::kNextHeader] = protocol::kUdp;
  ip[ipv6::kHopLimit] = kHopLimit;
  std::memcpy(ip + ipv6::kSource, flow.source, 16);
  std::memcpy(ip + ipv6::kDestination, flow.destination, 16);
}

}  // namespace

void write_outer(uint8_t* vxlan, uint32_t length, const OuterFlow& flow) {
  const uint32_t udp_length = udp::kHeader + length;
  uint8_t* udp = vxlan - udp::kHeader;
  store_be16(udp, flow.source_port);
  store_be16(udp + 2, flow.destination_port);
  store_be16(udp + udp::kLength, static_cast<uint16_t>(udp_length));
  const uint64_t pseudo = address_sum(flow) + checksum_word(protocol::kUdp) +
                          checksum_word(static_cast<uint16_t>(udp_length));
  store_raw16(udp + udp::kChecksum, checksum_fold(pseudo));

  uint8_t* ethernet = vxlan - outer_length(flow.ip_version);
  uint8_t* ip = ethernet + eth::kHeader;
  std::memset(ethernet, 0, eth::kType);
  store_be16(ethernet + eth::kType, flow.ip_version == 4 ? eth::kIpv4 : eth::kIpv6);
  if (flow.ip_version == 4) {
    write_ipv4(ip, udp_length, flow);
  } else {
    write_ipv6(ip, udp_length, flow);
  }
}

}  // namespace overtap
