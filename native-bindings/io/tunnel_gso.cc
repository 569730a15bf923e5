#include "io/tunnel_gso.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

#include "wire/headers.h"
#include "wire/limits.h"
#include "wire/outer.h"

namespace overtap {
namespace {

// linux/if_tun.h of Linux 6.17.
constexpr unsigned kUso4 = 0x20;
constexpr unsigned kUso6 = 0x40;
constexpr unsigned kUdpTunnelGso = 0x080;
constexpr unsigned kUdpTunnelGsoChecksum = 0x100;
constexpr unsigned kOffloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN | kUso4 |
                               kUso6 | kUdpTunnelGso | kUdpTunnelGsoChecksum;
constexpr uint32_t kMaxIpPacket = 65535;

IoError failed(const std::string& what) {
  return {what, errno};
}

// Nothing but our frames should be on it, so the kernel must not look for routers there.
void disable_ipv6(const std::string& device) {
  const std::string path = "/proc/sys/net/ipv6/conf/" + device + "/disable_ipv6";
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.open()) (void)!::write(file.get(), "1", 1);
}

bool set_up(const std::string& device) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, device.c_str(), IFNAMSIZ - 1);
  if (ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) return false;
  request.ifr_flags |= IFF_UP;
  return ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
}

std::variant<FileDescriptor, IoError> open_tap(std::string& name) {
  FileDescriptor fd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd.open()) return failed("open /dev/net/tun");
  ifreq request{};
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  std::strncpy(request.ifr_name, "overtap-tx%d", IFNAMSIZ - 1);
  if (ioctl(fd.get(), TUNSETIFF, &request) != 0) return failed("create the sending TAP");
  name = request.ifr_name;
  int header = sizeof(TunnelVirtioNetHeader);
  int little_endian = 1;
  if (ioctl(fd.get(), TUNSETVNETHDRSZ, &header) != 0 ||
      ioctl(fd.get(), TUNSETVNETLE, &little_endian) != 0) {
    return failed("set the offload header of the sending TAP");
  }
  if (ioctl(fd.get(), TUNSETOFFLOAD, kOffloads) != 0) {
    return failed("UDP tunnel offload on a TAP (Linux 6.17)");
  }
  return fd;
}

OuterFlow outer_flow(const SocketAddress& from, const Superpacket& packet, uint16_t id) {
  const SocketAddress& to = packet.to->address;
  // sin_port and sin6_port are at the same place.
  const uint16_t port = __builtin_bswap16(to.v4.sin_port);
  return {from.ip_version(), from.ip(), to.ip(), packet.source_port, port, packet.tos, id};
}

TunnelVirtioNetHeader offload_header(const Superpacket& packet, uint8_t ip_version) {
  TunnelVirtioNetHeader header{};
  const auto inner = static_cast<uint16_t>(outer_length(ip_version) + vxlan::kHeader);
  header.inner = packet.inner;
  header.inner.flags = virtio::kNeedsChecksum | virtio::kTunnelChecksum;
  header.inner.gso_type |= ip_version == 4 ? virtio::kGsoTunnel4 : virtio::kGsoTunnel6;
  header.inner.hdr_len = static_cast<uint16_t>(header.inner.hdr_len + inner);
  header.inner.csum_start = static_cast<uint16_t>(header.inner.csum_start + inner);
  header.outer_udp = static_cast<uint16_t>(outer_length(ip_version) - udp::kHeader);
  header.inner_ip = static_cast<uint16_t>(inner + packet.inner_l3);
  return header;
}

}  // namespace

std::variant<std::unique_ptr<TunnelGso>, IoError> TunnelGso::open(const SocketAddress& local) {
  std::string name;
  auto tap = open_tap(name);
  if (auto* error = std::get_if<IoError>(&tap)) return *error;
  disable_ipv6(name);
  if (!set_up(name)) return failed("set the sending TAP up");
  const uint32_t interface = if_nametoindex(name.c_str());
  auto redirect = attach_tcx_redirect(interface);
  if (auto* error = std::get_if<IoError>(&redirect)) return *error;
  std::unique_ptr<TunnelGso> transport(
      new TunnelGso(local, std::move(std::get<FileDescriptor>(tap)),
                    std::move(std::get<FileDescriptor>(redirect))));
  if (const auto error = transport->probe(interface)) return *error;
  return transport;
}

// HOT PATH.
SendResult TunnelGso::send(const Superpacket& packet) {
  const uint32_t outer = outer_length(local_.ip_version()) - eth::kHeader;
  if (packet.length + outer > kMaxIpPacket) return SendResult::kOversize;
  if (write(packet, Redirect::kNextHop)) return SendResult::kOk;
  if (errno == EAGAIN || errno == ENOBUFS) return SendResult::kFull;
  packet.to->superpackets.begin(errno);
  return SendResult::kError;
}

bool TunnelGso::write(const Superpacket& packet, Redirect redirect) {
  const uint8_t ip_version = local_.ip_version();
  const uint16_t id = next_id_.fetch_add(limits::kMaxSegmentsPerSend, std::memory_order_relaxed);
  write_outer(packet.vxlan, packet.length, outer_flow(local_, packet, id));
  const TunnelVirtioNetHeader header = offload_header(packet, ip_version);
  uint8_t* frame = packet.vxlan - outer_length(ip_version);
  write_redirect(frame, packet.interface, redirect);
  uint8_t* start = frame - sizeof header;
  std::memcpy(start, &header, sizeof header);
  const uint8_t* end = packet.vxlan + packet.length;
  return ::write(tap_.get(), start, static_cast<size_t>(end - start)) >= 0;
}

}  // namespace overtap
