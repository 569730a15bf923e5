// The way out: from a container's TAP to another container or to a peer.
// inbound.h is its mirror.
//
//   1. read       some frames with their offload headers from the TAP
//   2. parse      find the headers; malformed frames end here
//   3. secure     only the port's own MAC and addresses
//   4. classify   ARP and neighbour discovery go up to TypeScript
//   5. look up    (VNI, destination MAC) -> local port, peer, slow path, or flood
//   6. turn back  larger than the way to the peer takes: up, for an ICMP error
//   7. deliver    to a local port untouched, offload header included; or
//      encapsulate  VXLAN in front; superpackets whole where a transport takes them,
//                   else cut into a run of segments
//   8. send       what has been gathered, in one system call
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/counters.h"
#include "engine/peer.h"
#include "engine/port.h"
#include "engine/segmenter.h"
#include "engine/upcall_sink.h"
#include "io/superpacket_sender.h"
#include "wire/frame.h"
#include "wire/limits.h"

namespace overtap {

// The ways to a peer.
struct Transports {
  Underlay& underlay;
  SuperpacketSender* superpackets;  // null when there is none
};

class Outbound {
 public:
  Outbound(uint32_t lane, Transports transports, WorkerCounters& counters, UpcallSink& upcalls);

  // Serves one port for at most kFramesPerTurn frames. False when its device is
  // gone for good.
  bool serve(Port& port);

  // Sends a finished frame (checksums complete) to every peer of a network.
  // `frame` must have kHeadroom writable bytes before it.
  void flood_to_peers(const Network& network, uint8_t* frame, uint32_t length);
  // The same to one peer.
  void send_to_peer(const Network& network, Peer& peer, uint8_t* frame, uint32_t length);

 private:
  // Read, and not yet handled.
  struct Gathered {
    uint8_t* data;
    uint32_t length;
    VirtioNetHeader vnet;
  };
  enum class Source { kMore, kEmpty, kLost };

  Source gather(Port& port, uint32_t most);
  void handle(Port& port, Gathered& gathered);
  bool goes_up(Port& port, Frame& frame, const VirtioNetHeader& vnet);
  void raise(Port& port, UpcallReason reason, Frame& frame, const VirtioNetHeader& vnet);
  void forward(Port& port, Frame& frame, VirtioNetHeader& vnet);
  void flood(Port& port, Frame& frame, VirtioNetHeader& vnet);
  void deliver_locally(Port& to, const Frame& frame, VirtioNetHeader& vnet);
  bool turned_back(Port& port, const Peer& peer, const Frame& frame, const VirtioNetHeader& vnet);
  void encapsulate(uint32_t vni, uint32_t mtu, Frame& frame, const VirtioNetHeader& vnet,
                   Peer* const* peers, size_t peer_count);
  void send_superpacket(uint32_t vni, Frame& frame, const VirtioNetHeader& vnet, Peer& peer);
  bool send_whole(uint32_t vni, const Frame& frame, const VirtioNetHeader& vnet, Peer& peer);
  // At most `limit` segments in one send.
  void send_segments(uint32_t vni, Frame& frame, const VirtioNetHeader& vnet, Peer& peer,
                     uint32_t limit);
  void queue(Peer& peer, const OutboundPacket& packet, const iovec& part);
  // Sends what is queued; the frames stay in their slots.
  void flush();
  // Sends what is queued and begins again at the first slot.
  void recycle();
  void send_finished(const Network& network, Peer* const* peers, size_t peer_count, uint8_t* frame,
                     uint32_t length);
  void doubt_path(Peer& peer);
  void settle(Peer& peer, SendResult result, uint32_t frames, uint32_t bytes);

  uint8_t* slot(uint32_t index) { return buffers_.get() + index * limits::kBufferSize; }

  const uint32_t lane_;
  Underlay& underlay_;
  SuperpacketSender* const superpackets_;
  WorkerCounters& counters_;
  UpcallSink& upcalls_;
  std::unique_ptr<uint8_t[]> buffers_;  // kSendSlots, each with headroom
  uint32_t next_slot_ = 0;
  uint32_t gathered_ = 0;
  std::array<Gathered, limits::kGather> gathered_frames_;
  uint32_t queued_ = 0;
  std::array<OutboundPacket, limits::kSendSlots> packets_;
  std::array<iovec, limits::kSendSlots> parts_;
  std::array<Peer*, limits::kSendSlots> peers_;
  Segmenter segmenter_;
};

}  // namespace overtap
