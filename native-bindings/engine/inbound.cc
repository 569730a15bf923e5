#include "engine/inbound.h"

#include <algorithm>
#include <cstring>

#include "engine/delivery.h"
#include "engine/fault_reason.h"
#include "engine/path_mtu.h"
#include "wire/ecn.h"

namespace overtap {
namespace {

// As many as fill a batch, to judge by the one before: many small datagrams, or few that were
// merged.
uint32_t slots_for(uint64_t bytes, uint32_t count) {
  if (count == 0) return limits::kReceiveSlots;
  const auto fitting = static_cast<uint32_t>(limits::kReceiveBytes * count / (bytes + 1));
  return std::clamp(fitting, limits::kMinReceiveSlots, limits::kReceiveSlots);
}

// Of a VXLAN packet with a UDP superpacket inside that never met a wire, the kernel tells the size
// of its segments as it does of merged datagrams. It is one when the inner packet ends where all
// does, with its checksum still to be made.
bool is_superpacket(const InboundPacket& packet) {
  if (packet.length <= vxlan::kHeader || packet.segment_size >= packet.length) return false;
  Frame frame;
  const uint32_t length = packet.length - vxlan::kHeader;
  return parse_frame(packet.data + vxlan::kHeader, length, frame) == FrameFault::kNone &&
         frame.is_udp() && frame.end == length && has_partial_checksum(frame);
}

}  // namespace

Inbound::Inbound(uint32_t lane, Underlay& underlay, Coalescer::Joins joins, const Tables& tables,
                 WorkerCounters& counters, UpcallSink& upcalls)
    : lane_(lane),
      underlay_(underlay),
      tables_(tables),
      counters_(counters),
      upcalls_(upcalls),
      coalescer_(lane, counters, joins) {}

// HOT PATH.
void Inbound::serve() {
  for (uint32_t round = 0; round < limits::kReceiveRounds; round++) {
    const uint32_t slots = slots_;
    const uint32_t count = underlay_.receive(lane_, packets_.data(), slots);
    prefetch(count);
    last_ = LastHit{};
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
      handle(packets_[i]);
      bytes += packets_[i].length;
    }
    coalescer_.flush();
    slots_ = slots_for(bytes, count);
    if (count < slots) return;
  }
}

// Has the memory fetched that tells where the packets go, all at once: to wait for each in its turn
// takes longest of all where a network has very many MACs.
void Inbound::prefetch(uint32_t count) const {
  constexpr uint32_t kLeast = vxlan::kHeader + eth::kHeader;
  for (uint32_t i = 0; i < count; i++) {
    const InboundPacket& packet = packets_[i];
    if (packet.length < kLeast) continue;
    const Network* network = tables_.network(vxlan::vni(packet.data));
    if (network == nullptr) continue;
    const uint8_t* frame = packet.data + vxlan::kHeader;
    network->macs.prefetch(eth::load_mac(frame + eth::kDestination));
    network->macs.prefetch(eth::load_mac(frame + eth::kSource));
  }
}

void Inbound::handle(const InboundPacket& packet) {
  if (packet.truncated) return counters_.drop(DropReason::truncated);
  Peer* peer = tables_.peer(*packet.from);
  if (peer == nullptr) return counters_.drop(DropReason::unregistered_source);
  const bool one = packet.segment_size == 0 || is_superpacket(packet);
  const uint32_t step = one ? packet.length : packet.segment_size;
  uint32_t offset = 0;
  do {
    const uint32_t length = std::min(step, packet.length - offset);
    handle_one(*peer, packet.data + offset, length, packet);
    offset += step;
  } while (offset < packet.length);
}

void Inbound::handle_one(Peer& peer, uint8_t* data, uint32_t length, const InboundPacket& packet) {
  if (length < vxlan::kHeader || !vxlan::valid(data)) {
    const bool probe = length >= vxlan::kHeader && vxlan::is_probe(data);
    return counters_.drop(probe ? DropReason::path_probe : DropReason::vxlan_header);
  }
  Network* network = admit(peer, vxlan::vni(data));
  if (network == nullptr) return;
  peer.traffic[lane_].rx.add(1, length - vxlan::kHeader);
  Frame frame;
  const FrameFault fault = parse_frame(data + vxlan::kHeader, length - vxlan::kHeader, frame);
  if (fault != FrameFault::kNone) return counters_.drop(fault_reason(fault));
  if (length > packet.segment_size) frame.segment = packet.segment_size;  // a superpacket, then
  if (!decapsulate_ecn(frame, packet.tos)) return counters_.drop(DropReason::ecn);
  Port* port = resolve(peer, *network, frame);
  if (port == nullptr) return;
  if (!fits(*port, frame)) return turn_back(*port, frame, peer);
  coalescer_.deliver(*port, frame, packet.segment_size != 0);
}

// The network, if the peer may send to it.
Network* Inbound::admit(Peer& peer, uint32_t vni) {
  Network* network = tables_.network(vni);
  if (network == nullptr) {
    counters_.drop(DropReason::unknown_vni);
    return nullptr;
  }
  if (network->vteps.find(peer.id + 1ull) == 0) {
    counters_.drop(DropReason::unregistered_source);
    return nullptr;
  }
  return network;
}

// The port to deliver to; null when the frame has been dealt with.
Port* Inbound::resolve(Peer& peer, Network& network, Frame& frame) {
  if (last_.peer == &peer && last_.vni == network.vni &&
      std::memcmp(last_.macs.data(), frame.data, last_.macs.size()) == 0) {
    return last_.port;
  }
  if (!source_allowed(peer, network, frame)) {
    counters_.drop(DropReason::looped);
    return nullptr;
  }
  if (eth::is_group(frame.destination())) {
    flood(network, frame);
    return nullptr;
  }
  const Destination to(network.macs.find(frame.destination()));
  if (to.absent() || to.kind() != Destination::Kind::kPort) {
    counters_.drop(DropReason::not_local);
    return nullptr;
  }
  last_.peer = &peer;
  last_.vni = network.vni;
  std::memcpy(last_.macs.data(), frame.data, last_.macs.size());
  last_.port = to.port();
  return last_.port;
}

// Not when the source MAC is one of our own containers'. Where sources are learned, one that
// the table does not have at this peer is reported.
bool Inbound::source_allowed(Peer& peer, Network& network, const Frame& frame) {
  const Destination from(network.macs.find(frame.source()));
  if (!from.absent() && from.kind() == Destination::Kind::kPort) return false;
  const bool known =
      !from.absent() && (from.kind() != Destination::Kind::kPeer || from.peer() == &peer);
  if (!known && network.flood_unknown.load(std::memory_order_relaxed) && learn_budget_.take()) {
    upcalls_.push(UpcallReason::kNewSource, network.vni, kNobody, peer.id, frame.data, eth::kHeader,
                  counters_);
  }
  return true;
}

void Inbound::flood(Network& network, Frame& frame) {
  coalescer_.flush();
  const FloodList& list = *network.flood.load(std::memory_order_acquire);
  if (list.ports.empty()) return counters_.drop(DropReason::no_receiver);
  for (Port* port : list.ports) deliver_frame(*port, frame, lane_, counters_);
}

// Too large for the port; who sent it is told if that is possible.
void Inbound::turn_back(const Port& port, const Frame& frame, const Peer& sender) {
  counters_.drop(DropReason::oversize);
  const uint32_t mtu = mtu_to_tell(frame, frame.end - eth::kHeader, port.identity.mtu);
  if (mtu == 0 || !too_big_budget_.take()) return;
  upcalls_.push(UpcallReason::kTooBig, port.network->vni, kNobody, sender.id, frame.data,
                std::min(frame.length, limits::kTooBigFrame), counters_, mtu);
}

}  // namespace overtap
