#include "engine/outbound.h"

#include <algorithm>

#include "engine/delivery.h"
#include "engine/fault_reason.h"
#include "engine/network.h"
#include "engine/path_mtu.h"
#include "engine/port_security.h"
#include "wire/ecn.h"
#include "wire/outer.h"

namespace overtap {
namespace {

bool is_neighbor_discovery(const Frame& frame) {
  if (frame.ip_version != 6 || frame.protocol != protocol::kIcmpv6 || frame.l4 == 0) return false;
  const uint8_t type = frame.data[frame.l4];
  return type == icmpv6::kRouterSolicitation || type == icmpv6::kNeighborSolicitation;
}

// Does what the offload header asks for, for readers that cannot.
bool finish_checksum(Frame& frame, const VirtioNetHeader& vnet) {
  if ((vnet.flags & virtio::kNeedsChecksum) == 0) return true;
  return complete_checksum(frame.data, frame.length, vnet.csum_start, vnet.csum_offset);
}

}  // namespace

Outbound::Outbound(uint32_t lane, Transports transports, WorkerCounters& counters,
                   UpcallSink& upcalls)
    : lane_(lane),
      underlay_(transports.underlay),
      superpackets_(transports.superpackets),
      counters_(counters),
      upcalls_(upcalls),
      buffers_(new uint8_t[limits::kSendSlots * limits::kBufferSize]) {}

// HOT PATH.
bool Outbound::serve(Port& port) {
  PortQueue& queue = port.queue(lane_);
  uint32_t frames = 0;
  Source source = Source::kMore;
  while (frames < limits::kFramesPerTurn && source == Source::kMore) {
    // As many as came last time: these need not wait until it is known whether there are more.
    if (frames == queue.last_turn) flush();
    if (next_slot_ == limits::kSendSlots) recycle();
    const uint32_t turn = frames < queue.last_turn ? queue.last_turn : limits::kFramesPerTurn;
    source = gather(port, std::min(turn - frames, limits::kSendSlots - next_slot_));
    for (uint32_t i = 0; i < gathered_; i++) handle(port, gathered_frames_[i]);
    if (queued_ == 0) next_slot_ = 0;
    frames += gathered_;
  }
  recycle();
  if (frames != 0) queue.last_turn = frames;
  return source != Source::kLost;
}

// Reads frames into free slots, and has the memory fetched that tells where they go.
Outbound::Source Outbound::gather(Port& port, uint32_t most) {
  constexpr uint32_t kCapacity = limits::kMaxFrame + sizeof(VirtioNetHeader);
  gathered_ = 0;
  while (gathered_ < std::min(most, limits::kGather)) {
    uint8_t* frame = slot(next_slot_) + limits::kHeadroom;
    const int64_t length =
        port.io->read(port.queue_of(lane_), frame - sizeof(VirtioNetHeader), kCapacity);
    if (length <= 0) return length == 0 ? Source::kEmpty : Source::kLost;
    if (static_cast<size_t>(length) < sizeof(VirtioNetHeader)) continue;
    Gathered& gathered = gathered_frames_[gathered_++];
    gathered.data = frame;
    gathered.length = static_cast<uint32_t>(length - sizeof(VirtioNetHeader));
    std::memcpy(&gathered.vnet, frame - sizeof gathered.vnet, sizeof gathered.vnet);
    port.network->macs.prefetch(eth::load_mac(frame + eth::kDestination));
    next_slot_++;
    // It is handled while it is in the cache.
    if (gathered.vnet.gso_type != virtio::kGsoNone) break;
  }
  return Source::kMore;
}

void Outbound::handle(Port& port, Gathered& gathered) {
  VirtioNetHeader& vnet = gathered.vnet;
  port.traffic[lane_].rx.add(1, gathered.length);
  Frame frame;
  const FrameFault fault = parse_frame(gathered.data, gathered.length, frame);
  if (fault != FrameFault::kNone) return counters_.drop(fault_reason(fault));
  if (port.network->port_security.load(std::memory_order_relaxed)) {
    if (const auto reason = check_port_security(port.identity, frame)) {
      return counters_.drop(*reason);
    }
  }
  if (!goes_up(port, frame, vnet)) forward(port, frame, vnet);
}

bool Outbound::goes_up(Port& port, Frame& frame, const VirtioNetHeader& vnet) {
  // Unicast ARP and ND are a container probing a neighbour it knows: the
  // neighbour itself answers, which is the point of the probe.
  if (!eth::is_group(frame.destination())) return false;
  if (frame.ether_type == eth::kArp) {
    raise(port, UpcallReason::kArp, frame, vnet);
    return true;
  }
  if (is_neighbor_discovery(frame)) {
    raise(port, UpcallReason::kNeighborDiscovery, frame, vnet);
    return true;
  }
  return false;
}

void Outbound::raise(Port& port, UpcallReason reason, Frame& frame, const VirtioNetHeader& vnet) {
  if (vnet.gso_type != virtio::kGsoNone) return counters_.drop(DropReason::upcall_oversize);
  PortQueue& queue = port.queue(lane_);
  const bool to_gateway = reason == UpcallReason::kGateway;
  TokenBucket& budget = to_gateway ? queue.gateway_budget : queue.neighbour_budget;
  if (!budget.take()) return counters_.drop(DropReason::upcall_rate);
  if (!finish_checksum(frame, vnet)) return counters_.drop(DropReason::bad_offload);
  upcalls_.push(reason, port.network->vni, port.id, kNobody, frame.data, frame.length, counters_);
}

void Outbound::forward(Port& port, Frame& frame, VirtioNetHeader& vnet) {
  const Network& network = *port.network;
  const uint64_t mac = frame.destination();
  if (eth::is_group(mac)) return flood(port, frame, vnet);
  const Destination to(network.macs.find(mac));
  if (to.absent()) {
    if (network.flood_unknown.load(std::memory_order_relaxed)) return flood(port, frame, vnet);
    return counters_.drop(DropReason::unknown_destination);
  }
  switch (to.kind()) {
    case Destination::Kind::kPort:
      return deliver_locally(*to.port(), frame, vnet);
    case Destination::Kind::kPeer: {
      Peer* peer = to.peer();
      if (turned_back(port, *peer, frame, vnet)) return;
      return encapsulate(network.vni, port.identity.mtu, frame, vnet, &peer, 1);
    }
    case Destination::Kind::kUpcall:
      return raise(port, UpcallReason::kGateway, frame, vnet);
  }
}

void Outbound::flood(Port& port, Frame& frame, VirtioNetHeader& vnet) {
  const FloodList& list = *port.network->flood.load(std::memory_order_acquire);
  if (list.ports.size() <= 1 && list.peers.empty()) {
    return counters_.drop(DropReason::no_receiver);
  }
  // Local ports first: encapsulating may complete the checksum in place.
  for (Port* other : list.ports) {
    if (other != &port) deliver_locally(*other, frame, vnet);
  }
  if (list.peers.empty()) return;
  encapsulate(port.network->vni, port.identity.mtu, frame, vnet, list.peers.data(),
              list.peers.size());
}

// The offload header passes through as it came: neither segmentation nor
// checksum is ever computed between containers of one host.
void Outbound::deliver_locally(Port& to, const Frame& frame, VirtioNetHeader& vnet) {
  const iovec parts[] = {{&vnet, sizeof vnet}, {frame.data, frame.length}};
  deliver(to, parts, 2, frame.length, lane_, counters_);
}

// True for a packet that must not be cut, too large for the way to the peer: it is
// dropped, and its sender told. Without DF it goes on, and is fragmented outside.
bool Outbound::turned_back(Port& port, const Peer& peer, const Frame& frame,
                           const VirtioNetHeader& vnet) {
  const uint32_t mtu = std::min(port.identity.mtu, peer.mtu.load(std::memory_order_relaxed));
  const uint32_t size = largest_packet(frame, vnet);
  if (size <= mtu) return false;
  const uint32_t told = mtu_to_tell(frame, size, mtu);
  if (told == 0) return false;
  counters_.drop(DropReason::oversize);
  if (!port.queue(lane_).too_big_budget.take()) return true;
  upcalls_.push(UpcallReason::kTooBig, port.network->vni, port.id, kNobody, frame.data,
                std::min(frame.length, limits::kTooBigFrame), counters_, told);
  return true;
}

void Outbound::encapsulate(uint32_t vni, uint32_t mtu, Frame& frame, const VirtioNetHeader& vnet,
                           Peer* const* peers, size_t peer_count) {
  if (vnet.gso_type != virtio::kGsoNone) {
    // What waits was read before this superpacket: the order of a flow is kept.
    flush();
    for (size_t i = 0; i < peer_count; i++) send_superpacket(vni, frame, vnet, *peers[i]);
    return;
  }
  if (frame.length > mtu + eth::kHeader) return counters_.drop(DropReason::oversize);
  if (!finish_checksum(frame, vnet)) return counters_.drop(DropReason::bad_offload);
  uint8_t* start = frame.data - vxlan::kHeader;
  vxlan::write(start, vni);
  const uint32_t bytes = frame.length + vxlan::kHeader;
  const OutboundPacket packet{nullptr, flow_hash(frame), 0, outer_tos(frame), nullptr, 1, bytes};
  for (size_t i = 0; i < peer_count; i++) queue(*peers[i], packet, {start, bytes});
}

void Outbound::send_superpacket(uint32_t vni, Frame& frame, const VirtioNetHeader& vnet,
                                Peer& peer) {
  if (!Segmenter::valid(frame, vnet)) return counters_.drop(DropReason::bad_offload);
  const bool fits = largest_packet(frame, vnet) <= peer.mtu.load(std::memory_order_relaxed);
  if (fits && send_whole(vni, frame, vnet, peer)) return;
  // What the kernel is to fragment goes one by one: UDP_SEGMENT does not fragment.
  send_segments(vni, frame, vnet, peer, fits ? limits::kMaxSegmentsPerSend : 1);
}

// False when it must be segmented here.
bool Outbound::send_whole(uint32_t vni, const Frame& frame, const VirtioNetHeader& vnet,
                          Peer& peer) {
  const Remote& remote = peer.remote;
  if (superpackets_ == nullptr || remote.superpackets.active()) return false;
  if (!has_partial_checksum(frame)) return false;
  const Path::Route route = remote.path->route();
  const uint32_t outer = outer_length(remote.address.ip_version()) - eth::kHeader;
  // What the kernel segments on this way it never fragments.
  if (outer + vxlan::kHeader + frame.payload + vnet.gso_size > route.mtu) return false;

  vxlan::write(frame.data - vxlan::kHeader, vni);
  const VirtioNetHeader inner{virtio::kNeedsChecksum,
                              vnet.gso_type,
                              frame.payload,
                              vnet.gso_size,
                              frame.l4,
                              static_cast<uint16_t>(frame.checksum_field() - frame.l4)};
  const SendResult result = superpackets_->send(
      {frame.data - vxlan::kHeader, vxlan::kHeader + frame.end, inner, eth::kHeader, &remote,
       route.interface, underlay_.source_port(flow_hash(frame)), outer_tos(frame)});
  if (result != SendResult::kOk) return false;
  const uint32_t segments = (frame.payload_length() + vnet.gso_size - 1) / vnet.gso_size;
  settle(peer, SendResult::kOk, segments,
         frame.payload_length() + segments * (vxlan::kHeader + frame.payload));
  return true;
}

void Outbound::send_segments(uint32_t vni, Frame& frame, const VirtioNetHeader& vnet, Peer& peer,
                             uint32_t limit) {
  if (!segmenter_.start(frame, vnet, vni)) return counters_.drop(DropReason::bad_offload);
  const uint32_t hash = flow_hash(frame);
  const uint8_t tos = outer_tos(frame);
  Segmenter::Run run;
  while (segmenter_.next(run, limit)) {
    const OutboundPacket packet{&peer.remote, hash,           run.segment_size, tos,
                                run.parts,    run.part_count, run.bytes};
    SendResult result;
    underlay_.send(&packet, 1, &result);
    settle(peer, result, run.segments, run.bytes);
  }
}

void Outbound::queue(Peer& peer, const OutboundPacket& packet, const iovec& part) {
  if (queued_ == limits::kSendSlots) flush();
  packets_[queued_] = packet;
  packets_[queued_].to = &peer.remote;
  packets_[queued_].alone =
      packet.bytes - vxlan::kHeader - eth::kHeader > peer.mtu.load(std::memory_order_relaxed);
  packets_[queued_].parts = &parts_[queued_];
  parts_[queued_] = part;
  peers_[queued_] = &peer;
  queued_++;
}

void Outbound::flush() {
  if (queued_ == 0) return;
  std::array<SendResult, limits::kSendSlots> results;
  underlay_.send(packets_.data(), queued_, results.data());
  for (uint32_t i = 0; i < queued_; i++) settle(*peers_[i], results[i], 1, packets_[i].bytes);
  queued_ = 0;
}

void Outbound::recycle() {
  flush();
  next_slot_ = 0;
}

void Outbound::settle(Peer& peer, SendResult result, uint32_t frames, uint32_t bytes) {
  switch (result) {
    case SendResult::kFragmented:
      doubt_path(peer);
      [[fallthrough]];
    case SendResult::kOk:
      peer.traffic[lane_].tx.add(frames, bytes - frames * vxlan::kHeader);
      return;
    case SendResult::kOversize:
      return counters_.drop(DropReason::oversize, frames);
    case SendResult::kFull:
      return counters_.drop(DropReason::underlay_full, frames);
    case SendResult::kError:
      return counters_.drop(DropReason::underlay_error, frames);
  }
}

// Asks the control side, once until it has answered, to look at the path again.
void Outbound::doubt_path(Peer& peer) {
  if (peer.path_doubted.exchange(true)) return;
  const uint8_t no_frame = 0;
  upcalls_.push(UpcallReason::kPathDoubted, 0, kNobody, peer.id, &no_frame, 0, counters_);
}

void Outbound::flood_to_peers(const Network& network, uint8_t* data, uint32_t length) {
  const FloodList& list = *network.flood.load(std::memory_order_acquire);
  send_finished(network, list.peers.data(), list.peers.size(), data, length);
}

void Outbound::send_to_peer(const Network& network, Peer& peer, uint8_t* data, uint32_t length) {
  Peer* to = &peer;
  send_finished(network, &to, 1, data, length);
}

void Outbound::send_finished(const Network& network, Peer* const* peers, size_t peer_count,
                             uint8_t* data, uint32_t length) {
  Frame frame;
  if (parse_frame(data, length, frame) != FrameFault::kNone) return;
  encapsulate(network.vni, limits::kMaxFrame, frame, VirtioNetHeader{}, peers, peer_count);
  recycle();
}

}  // namespace overtap
