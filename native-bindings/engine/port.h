#pragma once

#include <algorithm>
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

// What the worker that reads from a queue of a TAP keeps about it.
struct PortQueue {
  explicit PortQueue(uint32_t share)
      : neighbour_budget(limits::kUpcallsPerSecond / share, limits::kUpcallBurst / share),
        gateway_budget(limits::kUpcallsPerSecond / share, limits::kUpcallBurst / share),
        too_big_budget(limits::kTooBigPerSecond / share,
                       std::max(1u, limits::kTooBigBurst / share)) {}

  uint32_t last_turn = 1;  // frames of it
  // What is asked about neighbours, and apart from it what is sent to the gateway:
  // a flood of DNS questions must not make the container unreachable.
  TokenBucket neighbour_budget;
  TokenBucket gateway_budget;
  TokenBucket too_big_budget;
};

// A container's TAP. Everything but the counters and the queues is fixed when
// the port is made. One queue is read by one worker; of several, each worker
// reads its own. Any worker may write, where there are several into its own.
struct Port {
  Port(uint32_t port_id, uint32_t workers, PortIdentity port_identity, Network* port_network,
       std::unique_ptr<FramePort> port_io)
      : id(port_id),
        worker(port_id % workers),
        queues(port_io->queues(), PortQueue(port_io->queues())),
        identity(std::move(port_identity)),
        network(port_network),
        io(std::move(port_io)),
        traffic(new TrafficPair[workers + 1]) {}

  const uint32_t id;
  const uint32_t worker;  // that reads if there is but one queue
  std::vector<PortQueue> queues;
  const PortIdentity identity;
  Network* const network;
  std::unique_ptr<FramePort> io;
  const std::unique_ptr<TrafficPair[]> traffic;  // by lane; rx: what the container sent

  // The queue that a lane reads from, if it does, and writes to. The control side's lane is the
  // one after the workers'.
  uint32_t queue_of(uint32_t lane) const { return lane % static_cast<uint32_t>(queues.size()); }
  PortQueue& queue(uint32_t lane) { return queues[queue_of(lane)]; }
  bool is_read_by(uint32_t lane) const {
    return queues.size() == 1 ? lane == worker : lane < queues.size();
  }

  // For the control side, once no worker uses the port any more.
  std::unique_ptr<FramePort> release_io() { return std::move(io); }
};

}  // namespace overtap
