#pragma once

#include <optional>

#include "engine/counters.h"
#include "engine/port.h"
#include "wire/frame.h"

namespace overtap {

// Whether a container may send this frame: only from its own MAC, and in IP,
// ARP and neighbour advertisements only as its own addresses. IPv6 link-local
// is the address derived from its MAC (RFC 4291 appendix A); the unspecified
// addresses are allowed where ARP probes (RFC 5227) and duplicate address
// detection (RFC 4862) need them. Returns the reason to drop it, or nothing.
std::optional<DropReason> check_port_security(const PortIdentity& port, const Frame& frame);

}  // namespace overtap
