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
  // In network byte order.
  const uint8_t* ip() const {
    const void* bytes = ip_version() == 4 ? static_cast<const void*>(&v4.sin_addr) : &v6.sin6_addr;
    return static_cast<const uint8_t*>(bytes);
  }
  uint16_t ip_size() const { return ip_version() == 4 ? 4 : 16; }
  socklen_t size() const { return any.sa_family == AF_INET ? sizeof v4 : sizeof v6; }
};

}  // namespace overtap
