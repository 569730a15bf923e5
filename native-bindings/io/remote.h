// A peer as the transports know it.
#pragma once

#include <memory>

#include "io/path.h"
#include "io/pause.h"
#include "io/socket_address.h"

namespace overtap {

struct Remote {
  const SocketAddress address;
  const std::shared_ptr<const Path> path;  // null without a transport that needs it
  // Some paths refuse what others take, so each is paused for itself.
  mutable Pause runs;          // UDP_SEGMENT
  mutable Pause superpackets;  // tunnel-gso
};

}  // namespace overtap
