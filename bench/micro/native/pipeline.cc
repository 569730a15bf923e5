// Frames through a worker in one thread, with everything but the kernel: parsing,
// port security, lookup, checksums, segmentation and coalescing.
#include <memory>
#include <random>
#include <stdexcept>

#include "case.h"
#include "engine/engine.h"
#include "frames.h"
#include "replay.h"
#include "wire/virtio_net.h"

namespace micro {
namespace {

using namespace overtap;

constexpr uint32_t kVni = 256;
constexpr uint32_t kMtu = 1450;
constexpr uint32_t kSegment = kMtu - 40;
constexpr uint32_t kSegmentsOut = 46;  // 65 KB of IP
constexpr uint32_t kSegmentsIn = 44;   // 65 KB of UDP
constexpr uint64_t kFirstMac = 0x02420a000003;

// Container A on this host, others behind a peer.
struct Host {
  ReplayUnderlay* underlay = new ReplayUnderlay;
  ReplayPort* port = new ReplayPort;
  Engine engine{1, std::unique_ptr<Underlay>(underlay), [] {}};
  uint32_t peer = engine.add_peer(frames::address("192.168.56.130"));
  uint32_t id = 0;

  Host() {
    underlay->from = frames::address("192.168.56.130");
    engine.put_network(kVni, true, false);
    engine.set_vteps(kVni, {peer});
    id = *engine.add_port({kVni, frames::kMacA, kMtu, {{10, 0, 0, 2}}, {}},
                          std::unique_ptr<FramePort>(port));
    engine.forward(kVni, frames::kMacA, Engine::Target::kPort, id);
    add_endpoints(1);
  }

  void add_endpoints(size_t count) {
    for (size_t i = 0; i < count; i++) {
      engine.forward(kVni, kFirstMac + i, Engine::Target::kPeer, peer);
    }
  }

  uint64_t send(uint32_t packets_each) {
    const uint64_t before = underlay->sent;
    engine.worker(0).serve_port(*engine.port(id));
    const uint64_t sent = underlay->sent - before;
    check(sent == uint64_t{limits::kFramesPerTurn} * packets_each);
    return limits::kFramesPerTurn;
  }

  uint64_t receive() {
    const uint64_t before = underlay->received;
    const uint64_t delivered = port->written;
    engine.worker(0).serve_underlay();
    check(port->written > delivered);
    return underlay->received - before;
  }

  void check(bool right) {
    uint64_t drops = 0;
    for (const auto& drop : engine.worker(0).counters().drops) drops += drop.read();
    if (!right || drops > 0) throw std::runtime_error("the engine dropped frames");
  }
};

frames::Spec spec_of(uint8_t protocol, size_t payload) {
  frames::Spec spec;
  spec.protocol = protocol;
  spec.payload = frames::pattern(payload);
  return spec;
}

// As a container sends it: what its checksum covers is for others to sum.
Bytes from_container(frames::Spec spec, uint16_t gso_size) {
  VirtioNetHeader vnet{};
  vnet.flags = virtio::kNeedsChecksum;
  vnet.csum_start = 34;
  vnet.csum_offset = spec.protocol == 17 ? 6 : 16;
  if (gso_size != 0) {
    vnet.gso_type = virtio::kGsoTcp4;
    vnet.gso_size = gso_size;
    vnet.hdr_len = 54;
  }
  spec.partial_checksum = true;
  Bytes whole(sizeof vnet);
  std::memcpy(whole.data(), &vnet, sizeof vnet);
  frames::append(whole, frames::build(spec));
  return whole;
}

frames::Spec reply(frames::Spec spec) {
  std::swap(spec.destination, spec.source);
  std::swap(spec.ip_source, spec.ip_destination);
  return spec;
}

// Packets of one TCP flow, as it sends them.
std::vector<Bytes> segments(size_t count, uint32_t payload) {
  std::vector<Bytes> packets;
  frames::Spec spec = reply(spec_of(6, payload));
  for (size_t i = 0; i < count; i++) {
    packets.push_back(frames::vxlan(kVni, frames::build(spec)));
    spec.sequence += payload;
    spec.id++;
  }
  return packets;
}

Bytes merged(const std::vector<Bytes>& packets) {
  Bytes whole;
  for (const auto& packet : packets) frames::append(whole, packet);
  return whole;
}

Case out(const std::string& name, const Bytes& frame, uint32_t packets) {
  const auto host = std::make_shared<Host>();
  host->port->frame = frame;
  const auto bytes = static_cast<uint32_t>(frame.size() - sizeof(VirtioNetHeader));
  return {"outbound", name, bytes, packets, [host, packets] { return host->send(packets); }};
}

Case in(const std::string& name, const std::vector<Bytes>& packets, uint32_t packets_each = 1) {
  const auto host = std::make_shared<Host>();
  host->underlay->packets = packets;
  const auto bytes = static_cast<uint32_t>(packets[0].size());
  if (packets_each > 1) host->underlay->segment_size = static_cast<uint16_t>(bytes / packets_each);
  return {"inbound", name, bytes, packets_each, [host] { return host->receive(); }};
}

std::vector<uint64_t> in_no_order(size_t size) {
  std::mt19937_64 random(1);
  std::vector<uint64_t> macs(size_t{1} << 20);
  for (auto& mac : macs) mac = kFirstMac + random() % size;
  return macs;
}

// Small frames, each to another of so many containers.
Case to_many(const std::string& name, const Bytes& frame, size_t size) {
  const auto host = std::make_shared<Host>();
  host->add_endpoints(size);
  host->port->frame = frame;
  host->port->destinations = in_no_order(size);
  return {"outbound, 64 B to one of", name, 64, 1, [host] { return host->send(1); }};
}

// Small frames, each from another of so many containers.
Case from_many(const std::string& name, const Bytes& packet, size_t size) {
  const auto host = std::make_shared<Host>();
  host->add_endpoints(size);
  host->underlay->packets = {packet};
  host->underlay->sources = in_no_order(size);
  return {"inbound, 64 B from one of", name, 64, 1, [host] { return host->receive(); }};
}

}  // namespace

Cases pipeline() {
  const frames::Spec small = spec_of(17, 64 - 14 - 28);
  const frames::Spec large = spec_of(6, 1400 - 40);
  const frames::Spec super = spec_of(6, kSegmentsOut * kSegment);
  const Bytes arriving = frames::vxlan(kVni, frames::build(reply(small)));
  return {
      out("64 B", from_container(small, 0), 1),
      out("1400 B", from_container(large, 0), 1),
      out("64 KB", from_container(super, kSegment), kSegmentsOut),
      in("64 B", {arriving}),
      in("1400 B", segments(kSegmentsIn, 1400 - 40)),
      in("64 KB", {merged(segments(kSegmentsIn, kSegment))}, kSegmentsIn),
      to_many("1 k", from_container(small, 0), 1000),
      to_many("1 M", from_container(small, 0), 1'000'000),
      from_many("1 k", arriving, 1000),
      from_many("1 M", arriving, 1'000'000),
  };
}

}  // namespace micro
