#include "load/socket.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace overtap::load {
namespace {

constexpr int kUdpBuffer = 4 << 20;
constexpr size_t kMaxLine = 256;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void check(int result, const char* what) {
  if (result < 0) fail(what);
}

socklen_t size_of(const Address& address) {
  return address.any.sa_family == AF_INET ? sizeof address.v4 : sizeof address.v6;
}

void set(const FileDescriptor& socket, int level, int option, int value) {
  check(setsockopt(socket.get(), level, option, &value, sizeof value), "setsockopt");
}

FileDescriptor open_socket(const Address& address, int type) {
  FileDescriptor socket(::socket(address.any.sa_family, type | SOCK_CLOEXEC, 0));
  check(socket.get(), "socket");
  return socket;
}

// Beyond the limit of the machine where that is allowed.
void grow(const FileDescriptor& socket, int forced, int option) {
  if (setsockopt(socket.get(), SOL_SOCKET, forced, &kUdpBuffer, sizeof kUdpBuffer) == 0) return;
  set(socket, SOL_SOCKET, option, kUdpBuffer);
}

}  // namespace

Address parse_address(const std::string& text, uint16_t port) {
  Address address{};
  if (inet_pton(AF_INET, text.c_str(), &address.v4.sin_addr) == 1) {
    address.any.sa_family = AF_INET;
  } else if (inet_pton(AF_INET6, text.c_str(), &address.v6.sin6_addr) == 1) {
    address.any.sa_family = AF_INET6;
  } else {
    throw std::invalid_argument("not an address: " + text);
  }
  set_port(address, port);
  return address;
}

bool same_host(const Address& one, const Address& other) {
  if (one.any.sa_family != other.any.sa_family) return false;
  return one.any.sa_family == AF_INET
             ? one.v4.sin_addr.s_addr == other.v4.sin_addr.s_addr
             : std::memcmp(&one.v6.sin6_addr, &other.v6.sin6_addr, sizeof(in6_addr)) == 0;
}

FileDescriptor listen_on(const Address& address) {
  FileDescriptor listener = open_socket(address, SOCK_STREAM);
  set(listener, SOL_SOCKET, SO_REUSEADDR, 1);
  // Clients are told apart by their addresses, which are to have one spelling.
  if (address.any.sa_family == AF_INET6) set(listener, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  check(bind(listener.get(), &address.any, size_of(address)), "bind");
  check(listen(listener.get(), 1024), "listen");
  return listener;
}

bool readable_within(const FileDescriptor& socket, int milliseconds) {
  pollfd ready{socket.get(), POLLIN, 0};
  return poll(&ready, 1, milliseconds) > 0;
}

FileDescriptor accept_within(const FileDescriptor& listener, int milliseconds, Address& from) {
  if (!readable_within(listener, milliseconds)) return {};
  socklen_t length = sizeof from;
  FileDescriptor connection(accept4(listener.get(), &from.any, &length, SOCK_CLOEXEC));
  if (connection.open()) set(connection, IPPROTO_TCP, TCP_NODELAY, 1);
  return connection;
}

FileDescriptor connect_to(const Address& address, int attempt_ms) {
  FileDescriptor socket = open_socket(address, SOCK_STREAM);
  const timeval limit{attempt_ms / 1000, attempt_ms % 1000 * 1000};
  // Linux bounds connect(2) by the send timeout.
  check(setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), "setsockopt");
  check(connect(socket.get(), &address.any, size_of(address)), "connect");
  const timeval none{};
  check(setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none), "setsockopt");
  set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  return socket;
}

FileDescriptor udp_socket(const Address& local) {
  FileDescriptor socket = open_socket(local, SOCK_DGRAM);
  set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  check(bind(socket.get(), &local.any, size_of(local)), "bind");
  grow(socket, SO_RCVBUFFORCE, SO_RCVBUF);
  grow(socket, SO_SNDBUFFORCE, SO_SNDBUF);
  return socket;
}

void connect_udp(const FileDescriptor& socket, const Address& peer) {
  check(connect(socket.get(), &peer.any, size_of(peer)), "connect");
}

Address local_address(const FileDescriptor& socket) {
  Address address{};
  socklen_t length = sizeof address;
  check(getsockname(socket.get(), &address.any, &length), "getsockname");
  return address;
}

// Both families have it in the same place.
void set_port(Address& address, uint16_t port) {
  address.v4.sin_port = htons(port);
}

uint16_t port_of(const Address& address) {
  return ntohs(address.v4.sin_port);
}

void set_read_timeout(const FileDescriptor& socket, int milliseconds) {
  const timeval limit{milliseconds / 1000, milliseconds % 1000 * 1000};
  check(setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), "setsockopt");
}

void write_all(const FileDescriptor& socket, const void* bytes, size_t length) {
  const auto* at = static_cast<const char*>(bytes);
  while (length > 0) {
    const ssize_t written = send(socket.get(), at, length, MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("send");
    at += written;
    length -= static_cast<size_t>(written);
  }
}

bool read_all(const FileDescriptor& socket, void* bytes, size_t length) {
  auto* at = static_cast<char*>(bytes);
  while (length > 0) {
    const ssize_t got = recv(socket.get(), at, length, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("recv");
    if (got == 0) return false;
    at += got;
    length -= static_cast<size_t>(got);
  }
  return true;
}

void write_line(const FileDescriptor& socket, const std::string& line) {
  const std::string whole = line + "\n";
  write_all(socket, whole.data(), whole.size());
}

std::string read_line(const FileDescriptor& socket) {
  std::string line;
  char byte;
  while (line.size() < kMaxLine && read_all(socket, &byte, 1)) {
    if (byte == '\n') return line;
    line += byte;
  }
  throw std::runtime_error("the connection ended in the middle of a line");
}

}  // namespace overtap::load
