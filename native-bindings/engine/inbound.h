// The way in: from a peer's datagram to a container's TAP. outbound.h is its
// mirror.
//
//   1. receive    datagrams, several VXLAN packets merged in one where possible, or a superpacket
//   2. check      VXLAN header, VNI known, sender a VTEP of that VNI
//   3. parse      find the headers; malformed frames end here
//   4. mark       carry ECN from the outer packet (RFC 6040)
//   5. look up    destination MAC -> local port; broadcast -> all local ports
//   6. coalesce   packets of one flow become a superpacket (coalescer.h)
//   7. deliver    write to the TAP, with the offload header its content needs
#pragma once

#include <array>
#include <cstdint>

#include "engine/coalescer.h"
#include "engine/counters.h"
#include "engine/tables.h"
#include "engine/token_bucket.h"
#include "engine/upcall_sink.h"
#include "io/underlay.h"
#include "wire/limits.h"

namespace overtap {

class Inbound {
 public:
  Inbound(uint32_t lane, Underlay& underlay, Coalescer::Joins joins, const Tables& tables,
          WorkerCounters& counters, UpcallSink& upcalls);

  // Receives and delivers what is waiting, for at most kReceiveRounds rounds.
  void serve();

 private:
  // The result of steps 2 and 5 for the packet before, which the next one of
  // the same flow has again. Pointers in it live for one round.
  struct LastHit {
    const Peer* peer = nullptr;
    uint32_t vni = 0;
    std::array<uint8_t, 12> macs;
    Port* port = nullptr;
  };

  void prefetch(uint32_t count) const;
  void handle(const InboundPacket& packet);
  void handle_one(Peer& peer, uint8_t* data, uint32_t length, const InboundPacket& packet);
  Port* resolve(Peer& peer, Network& network, Frame& frame);
  bool source_allowed(Peer& peer, Network& network, const Frame& frame);
  void flood(Network& network, Frame& frame);
  void turn_back(const Port& port, const Frame& frame, const Peer& sender);
  Network* admit(Peer& peer, uint32_t vni);

  const uint32_t lane_;
  Underlay& underlay_;
  const Tables& tables_;
  WorkerCounters& counters_;
  UpcallSink& upcalls_;
  TokenBucket learn_budget_{limits::kUpcallsPerSecond, limits::kUpcallBurst};
  TokenBucket too_big_budget_{limits::kTooBigPerSecond, limits::kTooBigBurst};
  Coalescer coalescer_;
  LastHit last_;
  uint32_t slots_ = limits::kReceiveSlots;  // for the next batch
  std::array<InboundPacket, limits::kReceiveSlots> packets_;
};

}  // namespace overtap
