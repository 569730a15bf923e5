#include "io/path_probe.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "wire/headers.h"
#include "wire/limits.h"

namespace overtap {
namespace {

bool is_v4(const SocketAddress& address) {
  return address.any.sa_family == AF_INET;
}

// A socket at the address, on a port of the kernel's choice.
FileDescriptor open_at(const SocketAddress& local) {
  FileDescriptor fd(
      ::socket(local.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP));
  SocketAddress any_port = local;
  any_port.v4.sin_port = 0;  // sin6_port is at the same place
  if (!fd.open() || bind(fd.get(), &any_port.any, any_port.size()) != 0) return FileDescriptor();
  return fd;
}

// DF on everything it sends, whatever the kernel has heard of the path; what it
// hears is kept all the same.
bool never_fragment(int fd, bool v4) {
  const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
  const int option = v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER;
  const int value = v4 ? IP_PMTUDISC_PROBE : IPV6_PMTUDISC_PROBE;
  return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

}  // namespace

uint32_t datagram_headers(const SocketAddress& to) {
  return (is_v4(to) ? ipv4::kMinHeader : ipv6::kHeader) + udp::kHeader;
}

// A new socket each time: the route that one has found stays with it.
uint32_t path_mtu(const SocketAddress& from, const SocketAddress& to) {
  const FileDescriptor fd = open_at(from);
  if (!fd.open() || connect(fd.get(), &to.any, to.size()) != 0) return 0;
  int mtu = 0;
  socklen_t size = sizeof mtu;
  const int level = is_v4(to) ? IPPROTO_IP : IPPROTO_IPV6;
  const int option = is_v4(to) ? IP_MTU : IPV6_MTU;
  return getsockopt(fd.get(), level, option, &mtu, &size) == 0 ? static_cast<uint32_t>(mtu) : 0;
}

std::variant<std::unique_ptr<PathProbe>, IoError> PathProbe::open(const SocketAddress& local) {
  FileDescriptor fd = open_at(local);
  if (!fd.open() || !never_fragment(fd.get(), is_v4(local))) {
    return IoError{"open the socket for path MTU probes", errno};
  }
  return std::unique_ptr<PathProbe>(new PathProbe(std::move(fd)));
}

bool PathProbe::send(const SocketAddress& to, uint32_t size) const {
  const uint32_t headers = datagram_headers(to);
  if (size < headers + vxlan::kHeader) return false;
  const std::vector<uint8_t> zeros(std::min(size - headers, limits::kMaxUdpPayload));
  const ssize_t sent = sendto(fd_.get(), zeros.data(), zeros.size(), 0, &to.any, to.size());
  return sent >= 0;
}

}  // namespace overtap
