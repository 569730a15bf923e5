#include "load/request.h"

#include <array>
#include <cstdio>

namespace overtap::load {
namespace {

constexpr std::array<const char*, 5> kNames = {"tcp", "udp", "gso", "requests", "connections"};

bool within_limits(const Request& request) {
  const bool needs_flow = request.kind == Kind::kTcp;
  return request.flows >= (needs_flow ? 1 : 0) && request.flows <= kMaxFlows && request.size >= 1 &&
         request.size <= kMaxSize && request.milliseconds >= 1 &&
         request.milliseconds <= kMaxMilliseconds;
}

}  // namespace

std::optional<Kind> parse_kind(const std::string& name) {
  for (size_t i = 0; i < kNames.size(); i++) {
    if (name == kNames[i]) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

std::string to_line(const Request& request) {
  char line[160];
  std::snprintf(line, sizeof line, "overtap-load/1 %s %u %d %u %u %u",
                kNames[static_cast<size_t>(request.kind)], request.flows, request.both,
                request.size, request.milliseconds, request.udp_port);
  return line;
}

std::optional<Request> parse_line(const std::string& line) {
  char name[16] = "";
  unsigned both = 0;
  unsigned udp_port = 0;
  Request request;
  const int fields =
      std::sscanf(line.c_str(), "overtap-load/1 %15s %u %u %u %u %u", name, &request.flows, &both,
                  &request.size, &request.milliseconds, &udp_port);
  const auto kind = parse_kind(name);
  if (fields != 6 || !kind || both > 1 || udp_port > 0xffff) return std::nullopt;
  request.kind = *kind;
  request.both = both == 1;
  request.udp_port = static_cast<uint16_t>(udp_port);
  if (!within_limits(request)) return std::nullopt;
  return request;
}

}  // namespace overtap::load
