// What both sides have in common.
#pragma once

#include "load/request.h"
#include "load/socket.h"

namespace overtap::load {

constexpr int kPatienceMilliseconds = 5000;

// How long a server goes on after its window, for a client whose window ends later.
constexpr uint32_t kGraceMilliseconds = 300;

// Connections that the client makes before the start, in this order: the one
// for requests, then those for bulk.
inline uint32_t connections_of(const Request& request) {
  switch (request.kind) {
    case Kind::kTcp:
      return request.flows;
    case Kind::kRequests:
      return 1 + request.flows;
    default:
      return 0;
  }
}

inline bool is_datagrams(const Request& request) {
  return request.kind == Kind::kUdp || request.kind == Kind::kGso;
}

}  // namespace overtap::load
