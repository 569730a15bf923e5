// What a client asks a server for: one line of text on the control connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace overtap::load {

enum class Kind { kTcp, kUdp, kGso, kRequests, kConnections };

struct Request {
  Kind kind = Kind::kTcp;
  // TCP connections that carry bulk data; beside requests, the load they are measured under.
  uint32_t flows = 1;
  // The server sends as well.
  bool both = false;
  // Bytes of a datagram's payload, or of a request and of its response.
  uint32_t size = 64;
  uint32_t milliseconds = 1000;
  // Where the client's datagrams come from.
  uint16_t udp_port = 0;
};

// What a server lets a client ask for.
constexpr uint32_t kMaxFlows = 64;
constexpr uint32_t kMaxSize = 65000;
constexpr uint32_t kMaxMilliseconds = 60000;

// Of each run, before the window that counts: connections get up to speed.
constexpr uint32_t kWarmupMilliseconds = 300;

std::optional<Kind> parse_kind(const std::string& name);

std::string to_line(const Request& request);
// Nothing when the line is not a request, or asks for more than the limits.
std::optional<Request> parse_line(const std::string& line);

}  // namespace overtap::load
