// One host with a container and a peer, all in memory, for fuzz targets.
#pragma once

#include <memory>

#include "engine/engine.h"
#include "io/memory_port.h"
#include "io/memory_underlay.h"

namespace fuzz {

constexpr uint32_t kVni = 256;
constexpr uint64_t kOwnMac = 0x02420a000002;
constexpr uint64_t kPeerMac = 0x02420a000003;

struct Host {
  overtap::MemoryUnderlay* underlay = new overtap::MemoryUnderlay;
  overtap::MemoryPort* port = new overtap::MemoryPort;
  overtap::Engine engine{1, std::unique_ptr<overtap::Underlay>(underlay), [] {}};
  overtap::SocketAddress peer_address{};
  uint32_t id = 0;

  explicit Host(bool port_security) {
    peer_address.v4.sin_family = AF_INET;
    peer_address.v4.sin_addr.s_addr = 0x0138a8c0;
    const uint32_t peer = engine.add_peer(peer_address);
    engine.put_network(kVni, port_security, true);
    engine.set_vteps(kVni, {peer});
    id = *engine.add_port({kVni, kOwnMac, 1450, {{10, 0, 0, 2}}, {}},
                          std::unique_ptr<overtap::FramePort>(port));
    engine.forward(kVni, kOwnMac, overtap::Engine::Target::kPort, id);
    engine.forward(kVni, kPeerMac, overtap::Engine::Target::kPeer, peer);
  }

  // So that a long run does not grow.
  void forget() {
    underlay->sent.clear();
    port->written.clear();
    engine.drain_upcalls([](const overtap::Upcall&) {});
  }
};

}  // namespace fuzz
