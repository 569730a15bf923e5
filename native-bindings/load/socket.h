// Sockets by literal address; what fails throws std::system_error.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "io/file_descriptor.h"

namespace overtap::load {

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

// Throws std::invalid_argument for what is no literal address.
Address parse_address(const std::string& text, uint16_t port);
bool same_host(const Address& one, const Address& other);

// Something came in that time, or the other side is gone; -1 waits for ever.
bool readable_within(const FileDescriptor& socket, int milliseconds);

FileDescriptor listen_on(const Address& address);
// Nothing came in that time: a descriptor that is not open.
FileDescriptor accept_within(const FileDescriptor& listener, int milliseconds, Address& from);
// `attempt_ms` bounds the handshake.
FileDescriptor connect_to(const Address& address, int attempt_ms = 5000);

// Bound, with big buffers; connected to `peer` so that nobody else is heard.
FileDescriptor udp_socket(const Address& local);
void connect_udp(const FileDescriptor& socket, const Address& peer);
Address local_address(const FileDescriptor& socket);
void set_port(Address& address, uint16_t port);
uint16_t port_of(const Address& address);

// Reads give up after so long; 0 waits for ever.
void set_read_timeout(const FileDescriptor& socket, int milliseconds);

void write_all(const FileDescriptor& socket, const void* bytes, size_t length);
// False at the end of the connection.
bool read_all(const FileDescriptor& socket, void* bytes, size_t length);
void write_line(const FileDescriptor& socket, const std::string& line);
// Without its newline; throws std::runtime_error when none comes.
std::string read_line(const FileDescriptor& socket);

}  // namespace overtap::load
