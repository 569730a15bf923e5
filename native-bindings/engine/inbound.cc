#include "engine/inbound.h"

#include <algorithm>
#include <cstring>

#include "engine/delivery.h"
#include "engine/fault_reason.h"
#include "wire/ecn.h"

namespace overtap {
namespace {

// A peer on a virtual underlay hands over what its containers gave it: inner
// packets whose checksum was left to hardware, and whole TCP superpackets. Both are
// labelled for the receiving kernel, which then need not compute anything.
VirtioNetHeader offload_header(const Frame& frame, uint32_t mtu) {
  VirtioNetHeader vnet{};
  if (!has_partial_checksum(frame)) return vnet;
  vnet.flags = virtio::kNeedsChecksum;
  vnet.hdr_len = frame.payload;
  vnet.csum_start = frame.l4;
  vnet.csum_offset = static_cast<uint16_t>(frame.checksum_field() - frame.l4);
  const uint32_t headers = frame.payload - eth::kHeader;
  if (frame.is_tcp() && frame.end > mtu + eth::kHeader && mtu > headers) {
    vnet.gso_type = frame.ip_version == 4 ? virtio::kGsoTcp4 : virtio::kGsoTcp6;
    vnet.gso_size = static_cast<uint16_t>(mtu - headers);
  }
  return vnet;
}

}  // namespace

Inbound::Inbound(uint32_t lane, Underlay& underlay, const Tables& tables, WorkerCounters& counters,
                 UpcallSink& upcalls)
    : lane_(lane),
      underlay_(underlay),
      tables_(tables),
      counters_(counters),
      upcalls_(upcalls),
      coalescer_(lane, counters) {}

// HOT PATH.
void Inbound::serve() {
  for (uint32_t round = 0; round < limits::kReceiveRounds; round++) {
    const uint32_t count = underlay_.receive(lane_, packets_.data(), limits::kReceiveSlots);
    last_ = LastHit{};
    for (uint32_t i = 0; i < count; i++) handle(packets_[i]);
    if (count < limits::kReceiveSlots) return;
  }
}

void Inbound::handle(const InboundPacket& packet) {
  if (packet.truncated) return counters_.drop(DropReason::truncated);
  Peer* peer = tables_.peer(*packet.from);
  if (peer == nullptr) return counters_.drop(DropReason::unregistered_source);
  const uint32_t step = packet.segment_size != 0 ? packet.segment_size : packet.length;
  uint32_t offset = 0;
  do {
    const uint32_t length = std::min(step, packet.length - offset);
    handle_one(*peer, packet.data + offset, length, packet);
    offset += step;
  } while (offset < packet.length);
  coalescer_.flush();
}

void Inbound::handle_one(Peer& peer, uint8_t* data, uint32_t length, const InboundPacket& packet) {
  if (length < vxlan::kHeader || !vxlan::valid(data)) {
    return counters_.drop(DropReason::vxlan_header);
  }
  Network* network = admit(peer, vxlan::vni(data));
  if (network == nullptr) return;
  peer.traffic[lane_].rx.add(1, length - vxlan::kHeader);
  Frame frame;
  const FrameFault fault = parse_frame(data + vxlan::kHeader, length - vxlan::kHeader, frame);
  if (fault != FrameFault::kNone) return counters_.drop(fault_reason(fault));
  if (!decapsulate_ecn(frame, packet.tos)) return counters_.drop(DropReason::ecn);
  Port* port = resolve(peer, *network, frame);
  if (port == nullptr) return;
  const bool verified = packet.segment_size != 0;
  if (verified && coalescer_.add(*port, frame)) return;
  coalescer_.flush();
  deliver_whole(*port, frame);
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
  for (Port* port : list.ports) deliver_whole(*port, frame);
}

void Inbound::deliver_whole(Port& port, Frame& frame) {
  VirtioNetHeader vnet = offload_header(frame, port.identity.mtu);
  if (frame.end > port.identity.mtu + eth::kHeader && vnet.gso_type == virtio::kGsoNone) {
    return counters_.drop(DropReason::oversize);
  }
  // Padding after the datagram must not enter a checksum that is still to be made.
  const uint32_t length = vnet.flags == 0 ? frame.length : frame.end;
  const iovec parts[] = {{&vnet, sizeof vnet}, {frame.data, length}};
  deliver(port, parts, 2, length, lane_, counters_);
}

}  // namespace overtap
