#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>

namespace overtap {

// An IPv4 or IPv6 socket address.
union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;

  uint8_t ip_version() const { return any.sa_family == AF_INET ? 4 : 6; }
  socklen_t size() const { return any.sa_family == AF_INET ? sizeof v4 : sizeof v6; }
};

}  // namespace overtap
