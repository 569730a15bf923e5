// How large a packet may be on the way to another VTEP. The kernel knows: from
// the device, the route, and what hops have told it by ICMP. It keeps what they
// tell for 10 minutes (net.ipv4.route.mtu_expires, net.ipv6.route.mtu_expires).
//
// Hops tell only who sends with DF, which VXLAN is not. So a probe is sent now
// and then: a datagram of full size with DF, to the VXLAN port, whose VXLAN header
// is zero. Without the I flag every VTEP drops it before it looks for a network
// (vxlan_rcv in linux/drivers/net/vxlan/vxlan_core.c); overtap counts it.
#pragma once

#include <cstdint>
#include <memory>
#include <variant>

#include "io/file_descriptor.h"
#include "io/io_error.h"
#include "io/underlay.h"

namespace overtap {

// Bytes of the largest IP packet that the kernel would send from one address to
// the other as it is. 0 without a route.
uint32_t path_mtu(const SocketAddress& from, const SocketAddress& to);

// IP and UDP headers in front of a datagram.
uint32_t datagram_headers(const SocketAddress& to);

class PathProbe {
 public:
  // Probes come from this address, and from a port of their own.
  static std::variant<std::unique_ptr<PathProbe>, IoError> open(const SocketAddress& local);

  // Sends one that is an IP packet of `size` bytes. False when the kernel refuses,
  // because it is larger than the device takes or there is no way at all.
  bool send(const SocketAddress& to, uint32_t size) const;

 private:
  // Open as long as ICMP may come: the kernel heeds it only for a socket that is there.
  explicit PathProbe(FileDescriptor fd) : fd_(std::move(fd)) {}

  FileDescriptor fd_;
};

}  // namespace overtap
