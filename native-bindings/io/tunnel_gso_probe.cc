#include "io/tunnel_gso.h"

#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "wire/checksum.h"
#include "wire/headers.h"
#include "wire/limits.h"
#include "wire/outer.h"

namespace overtap {
namespace {

constexpr int kWaitMilliseconds = 100;
constexpr uint32_t kSegment = 1000;
constexpr uint32_t kPayload = 2 * kSegment;
constexpr uint32_t kHeaders = eth::kHeader + ipv4::kMinHeader + tcp::kMinHeader;
constexpr uint8_t kFill = 0x5a;
constexpr uint16_t kSourcePort = 49152;

// An inner TCP packet between two addresses for documentation (RFC 5737).
void write_frame(uint8_t* frame) {
  std::memset(frame, 0, kHeaders);
  std::memset(frame + kHeaders, kFill, kPayload);
  frame[eth::kDestination] = frame[eth::kSource] = 0x02;
  store_be16(frame + eth::kType, eth::kIpv4);
  uint8_t* ip = frame + eth::kHeader;
  ip[0] = 0x45;
  store_be16(ip + ipv4::kTotalLength, kHeaders - eth::kHeader + kPayload);
  ip[ipv4::kTtl] = 1;
  ip[ipv4::kProtocol] = protocol::kTcp;
  store_be32(ip + ipv4::kSource, 0xc0000201);
  store_be32(ip + ipv4::kDestination, 0xc0000202);
  store_raw16(ip + ipv4::kChecksum, checksum_finish(checksum_add(0, ip, ipv4::kMinHeader)));
  uint8_t* l4 = ip + ipv4::kMinHeader;
  l4[tcp::kDataOffset] = 5 << 4;
  l4[tcp::kFlags] = tcp::kAckFlag;
  const uint64_t pseudo = checksum_add(0, ip + ipv4::kSource, 8) + checksum_word(protocol::kTcp) +
                          checksum_word(tcp::kMinHeader + kPayload);
  store_raw16(l4 + tcp::kChecksum, checksum_fold(pseudo));
}

}  // namespace

std::optional<IoError> TunnelGso::probe(uint32_t own_interface) {
  constexpr uint32_t kLength = vxlan::kHeader + kHeaders + kPayload;
  std::array<uint8_t, limits::kHeadroom + kLength> buffer;
  uint8_t* start = buffer.data() + limits::kHeadroom;
  vxlan::write(start, 1);
  write_frame(start + vxlan::kHeader);
  const VirtioNetHeader inner{virtio::kNeedsChecksum,     virtio::kGsoTcp4, kHeaders, kSegment,
                              kHeaders - tcp::kMinHeader, tcp::kChecksum};
  const Remote ourselves{local_, nullptr, {}, {}};
  const Superpacket packet{start,      kLength,       inner,       eth::kHeader,
                           &ourselves, own_interface, kSourcePort, 0};
  if (!write(packet, Redirect::kAsIs)) return IoError{"write a superpacket", errno};

  pollfd waiting{tap_.get(), POLLIN, 0};
  if (poll(&waiting, 1, kWaitMilliseconds) <= 0) return IoError{"read a superpacket", ETIMEDOUT};
  std::array<uint8_t, 2 * buffer.size()> back;
  const ssize_t length = read(tap_.get(), back.data(), back.size());
  const uint32_t whole =
      sizeof(TunnelVirtioNetHeader) + outer_length(local_.ip_version()) + kLength;
  if (length != whole || std::memcmp(back.data() + whole - kLength, start, kLength) != 0) {
    return IoError{"read back the superpacket that was written", EBADMSG};
  }
  return std::nullopt;
}

}  // namespace overtap
