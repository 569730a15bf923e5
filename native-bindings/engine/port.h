#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/counters.h"
#include "engine/token_bucket.h"
#include "io/frame_port.h"
#include "wire/limits.h"

namespace overtap {

struct Network;

struct PortIdentity {
  uint32_t vni;
  uint64_t mac;
  uint32_t mtu;
  std::vector<std::array<uint8_t, 4>> ipv4;
  std::vector<std::array<uint8_t, 16>> ipv6;
};

// A container's TAP. Everything but the counters and the bucket is fixed when
// the port is made; the owning worker alone reads from it, any may write to it.
struct Port {
  Port(uint32_t port_id, uint32_t port_worker, PortIdentity port_identity, Network* port_network,
       std::unique_ptr<FramePort> port_io, uint32_t lanes)
      : id(port_id),
        worker(port_worker),
        identity(std::move(port_identity)),
        network(port_network),
        io(std::move(port_io)),
        traffic(new TrafficPair[lanes]) {}

  const uint32_t id;
  const uint32_t worker;
  const PortIdentity identity;
  Network* const network;
  std::unique_ptr<FramePort> io;
  const std::unique_ptr<TrafficPair[]> traffic;  // by lane; rx: what the container sent
  uint32_t last_turn = 1;                        // frames of it; owning worker only
  // Owning worker only.
  TokenBucket upcall_budget{limits::kUpcallsPerSecond, limits::kUpcallBurst};
  TokenBucket too_big_budget{limits::kTooBigPerSecond, limits::kTooBigBurst};

  // For the control side, once no worker uses the port any more.
  std::unique_ptr<FramePort> release_io() { return std::move(io); }
};

}  // namespace overtap
