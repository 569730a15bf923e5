#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "engine/atomic_map.h"

namespace overtap {

struct Peer;
struct Port;

// Where a known MAC is. Packed into a non-zero word for the table: the kind in
// the low two bits of an aligned pointer.
class Destination {
 public:
  enum class Kind : uint64_t { kPort = 1, kPeer = 2, kUpcall = 3 };

  static Destination to(Port* port) { return Destination(pack(port, Kind::kPort)); }
  static Destination to(Peer* peer) { return Destination(pack(peer, Kind::kPeer)); }
  static Destination upcall() { return Destination(static_cast<uint64_t>(Kind::kUpcall)); }
  explicit Destination(uint64_t word) : word_(word) {}

  uint64_t word() const { return word_; }
  bool absent() const { return word_ == 0; }
  Kind kind() const { return static_cast<Kind>(word_ & 3); }
  Port* port() const { return reinterpret_cast<Port*>(word_ & ~3ull); }
  Peer* peer() const { return reinterpret_cast<Peer*>(word_ & ~3ull); }

 private:
  static uint64_t pack(const void* pointer, Kind kind) {
    return reinterpret_cast<uint64_t>(pointer) | static_cast<uint64_t>(kind);
  }

  uint64_t word_;
};

// Who gets broadcast and multicast; replaced as a whole on every change.
struct FloodList {
  std::vector<Port*> ports;
  std::vector<Peer*> peers;
};

// One VNI. Workers read; the control thread writes through the atomics.
struct Network {
  Network(uint32_t network_vni, Grace& grace)
      : vni(network_vni), macs(grace), vteps(grace), flood(new FloodList) {}
  ~Network() { delete flood.load(); }

  const uint32_t vni;
  std::atomic<bool> port_security{true};
  std::atomic<bool> flood_unknown{false};
  AtomicMap macs;   // MAC -> Destination
  AtomicMap vteps;  // peer id + 1 -> 1: who may send to this VNI
  std::atomic<FloodList*> flood;
};

}  // namespace overtap
