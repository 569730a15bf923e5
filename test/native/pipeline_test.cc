// Frames through the whole engine, over ports and an underlay made of memory.
#include <doctest/doctest.h>

#include <deque>
#include <random>

#include "engine/engine.h"
#include "frames.h"
#include "io/memory_port.h"
#include "io/memory_superpackets.h"
#include "io/memory_underlay.h"

using namespace overtap;
using frames::Bytes;

namespace {

constexpr uint32_t kVni = 256;
constexpr uint64_t kGatewayMac = 0x02420a000001;
constexpr uint64_t kBroadcast = 0xffffffffffff;
const SocketAddress kPeerAddress = frames::address("192.168.56.130");
const SocketAddress kOtherAddress = frames::address("192.168.56.131");

std::array<uint8_t, 4> ipv4(const char* text) {
  std::array<uint8_t, 4> bytes;
  inet_pton(AF_INET, text, bytes.data());
  return bytes;
}

// One host: container A (10.0.0.2) on it, container B (10.0.0.3) behind a peer.
struct Host {
  MemoryUnderlay* underlay = new MemoryUnderlay;
  int notified = 0;
  Engine engine;
  uint32_t peer = engine.add_peer(kPeerAddress);
  MemoryPort* a = nullptr;
  uint32_t port_a = 0;

  explicit Host(std::unique_ptr<SuperpacketSender> superpackets = nullptr)
      : engine(1, std::unique_ptr<Underlay>(underlay), [this] { notified++; },
               {std::move(superpackets), {}}) {
    engine.put_network(kVni, true, false);
    engine.set_vteps(kVni, {peer});
    std::tie(port_a, a) = add_port(frames::kMacA, "10.0.0.2");
    engine.forward(kVni, frames::kMacB, Engine::Target::kPeer, peer);
    engine.forward(kVni, kGatewayMac, Engine::Target::kUpcall, 0);
  }

  std::pair<uint32_t, MemoryPort*> add_port(uint64_t mac, const char* ip, uint32_t vni = kVni) {
    auto* io = new MemoryPort;
    const auto id =
        engine.add_port({vni, mac, 1450, {ipv4(ip)}, {}}, std::unique_ptr<FramePort>(io));
    REQUIRE(id.has_value());
    engine.forward(vni, mac, Engine::Target::kPort, *id);
    return {*id, io};
  }

  void send(const Bytes& frame, VirtioNetHeader vnet = {}) { send_from(port_a, a, frame, vnet); }

  void send_from(uint32_t id, MemoryPort* io, const Bytes& frame, VirtioNetHeader vnet = {}) {
    Bytes whole(sizeof vnet);
    std::memcpy(whole.data(), &vnet, sizeof vnet);
    frames::append(whole, frame);
    io->to_read.push_back(whole);
    engine.worker(0).serve_port(*engine.port(id));
  }

  void receive(const Bytes& packet, const SocketAddress& from = kPeerAddress,
               uint16_t segment_size = 0, uint8_t tos = 0) {
    underlay->arriving.push_back({from, packet, segment_size, tos, false});
    engine.worker(0).serve_underlay();
  }

  uint64_t drops(DropReason reason) { return engine.counters().drops[static_cast<size_t>(reason)]; }

  uint64_t all_drops() {
    uint64_t sum = 0;
    for (const uint64_t count : engine.counters().drops) sum += count;
    return sum;
  }

  std::vector<UpcallReason> upcalls() {
    std::vector<UpcallReason> reasons;
    engine.drain_upcalls([&](const Upcall& upcall) { reasons.push_back(upcall.reason); });
    return reasons;
  }
};

// From B to A, as the peer would send it.
frames::Spec reply() {
  frames::Spec spec;
  spec.destination = frames::kMacA;
  spec.source = frames::kMacB;
  spec.ip_source = "10.0.0.3";
  spec.ip_destination = "10.0.0.2";
  spec.payload = frames::pattern(100);
  return spec;
}

Bytes frame_of(const Bytes& written) {
  return frames::slice(written, sizeof(VirtioNetHeader), written.size() - sizeof(VirtioNetHeader));
}

VirtioNetHeader header_of(const Bytes& written) {
  VirtioNetHeader vnet;
  std::memcpy(&vnet, written.data(), sizeof vnet);
  return vnet;
}

Bytes arp_request(uint64_t mac, const char* ip) {
  Bytes frame;
  frames::put_mac(frame, kBroadcast);
  frames::put_mac(frame, mac);
  frames::put16(frame, 0x0806);
  frames::append(frame, {0, 1, 8, 0, 6, 4, 0, 1});
  frames::put_mac(frame, mac);
  frames::append(frame, frames::ip_bytes(4, ip));
  frames::append(frame, {0, 0, 0, 0, 0, 0, 10, 0, 0, 3});
  return frame;
}

}  // namespace

TEST_CASE("outbound: a frame to a known MAC leaves in VXLAN to the peer that has it") {
  Host host;
  frames::Spec spec;
  spec.payload = frames::pattern(50);
  spec.partial_checksum = true;
  VirtioNetHeader vnet{};
  vnet.flags = virtio::kNeedsChecksum;
  vnet.csum_start = 34;
  vnet.csum_offset = 16;
  host.send(frames::build(spec), vnet);
  REQUIRE(host.underlay->sent.size() == 1);
  const auto& sent = host.underlay->sent[0];
  CHECK(sent.to.v4.sin_addr.s_addr == kPeerAddress.v4.sin_addr.s_addr);
  CHECK(ntohs(sent.to.v4.sin_port) == 4789);
  spec.partial_checksum = false;
  CHECK(sent.bytes == frames::vxlan(kVni, frames::build(spec)));
}

TEST_CASE("outbound: a superpacket leaves as one run of segments") {
  Host host;
  frames::Spec spec;
  spec.payload = frames::pattern(20000);
  spec.partial_checksum = true;
  VirtioNetHeader vnet{};
  vnet.flags = virtio::kNeedsChecksum;
  vnet.gso_type = virtio::kGsoTcp4;
  vnet.gso_size = 1398;
  // A small one before it must stay before it.
  frames::Spec small;
  host.a->to_read.push_back(Bytes(sizeof vnet));
  frames::append(host.a->to_read.back(), frames::build(small));
  host.send(frames::build(spec), vnet);
  REQUIRE(host.underlay->sent.size() == 2);
  CHECK(host.underlay->sent[0].segment_size == 0);
  CHECK(host.underlay->sent[1].segment_size == 8 + 54 + 1398);
  CHECK(host.engine.counters().peers[0].tx_frames == 1 + 15);
}

// A superpacket of 20,000 bytes, and how the kernel asks for its segmentation.
std::pair<Bytes, VirtioNetHeader> superpacket() {
  frames::Spec spec;
  spec.payload = frames::pattern(20000);
  spec.partial_checksum = true;
  spec.tos = 2;
  VirtioNetHeader vnet{};
  vnet.flags = virtio::kNeedsChecksum;
  vnet.gso_type = virtio::kGsoTcp4 | virtio::kGsoEcn;
  vnet.hdr_len = 9999;  // as on forwarding paths
  vnet.gso_size = 1396;
  return {frames::build(spec), vnet};
}

TEST_CASE("outbound: a superpacket leaves whole where a transport takes it") {
  auto owned = std::make_unique<MemorySuperpackets>();
  MemorySuperpackets& superpackets = *owned;
  Host host(std::move(owned));
  const auto [frame, vnet] = superpacket();
  superpackets.path->set({7, 1500});
  host.send(frame, vnet);
  CHECK(host.underlay->sent.empty());
  REQUIRE(superpackets.sent.size() == 1);
  const auto& sent = superpackets.sent[0];
  CHECK(sent.bytes == frames::vxlan(kVni, frame));
  CHECK(sent.interface == 7);
  CHECK(sent.tos == 2);
  CHECK(sent.to.v4.sin_addr.s_addr == kPeerAddress.v4.sin_addr.s_addr);
  CHECK(sent.inner.flags == virtio::kNeedsChecksum);
  CHECK(sent.inner.gso_type == (virtio::kGsoTcp4 | virtio::kGsoEcn));
  CHECK(sent.inner.hdr_len == 54);
  CHECK(sent.inner.gso_size == 1396);
  CHECK(sent.inner.csum_start == 34);
  CHECK(sent.inner.csum_offset == 16);
  const auto counters = host.engine.counters().peers[0];
  CHECK(counters.tx_frames == 15);
  CHECK(counters.tx_bytes == 20000 + 15 * 54);
}

TEST_CASE("outbound: small frames of a flow have the source port of its superpackets") {
  auto owned = std::make_unique<MemorySuperpackets>();
  MemorySuperpackets& superpackets = *owned;
  Host host(std::move(owned));
  const auto [frame, vnet] = superpacket();
  superpackets.path->set({7, 1500});
  host.send(frame, vnet);
  host.send(frames::build({}));
  REQUIRE(superpackets.sent.size() == 1);
  REQUIRE(host.underlay->sent.size() == 1);
  CHECK(superpackets.sent[0].source_port ==
        host.underlay->source_port(host.underlay->sent[0].flow_hash));
}

TEST_CASE("outbound: a superpacket is segmented here where it cannot leave whole") {
  auto owned = std::make_unique<MemorySuperpackets>();
  MemorySuperpackets& superpackets = *owned;
  Host host(std::move(owned));
  auto [frame, vnet] = superpacket();
  superpackets.path->set({7, 1500});
  SUBCASE("no route") {
    superpackets.path->set({0, 0});
  }
  SUBCASE("segments larger than the path takes") {
    superpackets.path->set({7, 1485});
  }
  SUBCASE("the transport refuses") {
    superpackets.send_result = SendResult::kError;
  }
  SUBCASE("a checksum that is not left to us") {
    frames::set16(frame, 50, 1);
  }
  host.send(frame, vnet);
  CHECK(superpackets.sent.empty());
  REQUIRE(host.underlay->sent.size() == 1);
  CHECK(host.underlay->sent[0].segment_size == 8 + 54 + 1396);
  CHECK(host.all_drops() == 0);
}

TEST_CASE("outbound: many frames in a turn all leave, in order and intact") {
  Host host;
  std::vector<Bytes> expected;
  for (int i = 0; i < 100; i++) {
    frames::Spec spec;
    spec.payload = frames::pattern(static_cast<size_t>(10 + i));
    spec.id = static_cast<uint16_t>(i);
    Bytes whole(sizeof(VirtioNetHeader));
    frames::append(whole, frames::build(spec));
    host.a->to_read.push_back(whole);
    expected.push_back(frames::vxlan(kVni, frames::build(spec)));
  }
  host.engine.worker(0).serve_port(*host.engine.port(host.port_a));
  host.engine.worker(0).serve_port(*host.engine.port(host.port_a));
  REQUIRE(host.underlay->sent.size() == expected.size());
  for (size_t i = 0; i < expected.size(); i++) CHECK(host.underlay->sent[i].bytes == expected[i]);
}

// Frames are read in batches into buffers used again and again, so that one could be lost under the
// next.
TEST_CASE("outbound: small frames, superpackets and local ones mixed all arrive, in order") {
  constexpr uint64_t kMacC = 0x02420a000004;
  Host host;
  auto* const c = host.add_port(kMacC, "10.0.0.4").second;
  std::mt19937 random(1);
  std::vector<Bytes> to_peer;
  std::vector<Bytes> local;
  for (int i = 0; i < 500; i++) {
    const uint32_t kind = random() % 4;
    frames::Spec spec;
    spec.id = static_cast<uint16_t>(i);
    if (kind == 0) spec.destination = kMacC;
    // Of two segments.
    spec.payload = frames::pattern(kind == 1 ? 1500 : 10 + random() % 1300);
    VirtioNetHeader vnet{};
    if (kind == 1) {
      spec.partial_checksum = true;
      vnet = {virtio::kNeedsChecksum, virtio::kGsoTcp4, 54, 1000, 34, 16};
    }
    Bytes whole(sizeof vnet);
    std::memcpy(whole.data(), &vnet, sizeof vnet);
    frames::append(whole, frames::build(spec));
    host.a->to_read.push_back(whole);
    (kind == 0 ? local : to_peer).push_back(frames::build(spec));
  }
  while (!host.a->to_read.empty()) host.engine.worker(0).serve_port(*host.engine.port(host.port_a));
  REQUIRE(c->written.size() == local.size());
  for (size_t i = 0; i < local.size(); i++) CHECK(frame_of(c->written[i]) == local[i]);
  REQUIRE(host.underlay->sent.size() == to_peer.size());
  for (size_t i = 0; i < to_peer.size(); i++) {
    const auto& sent = host.underlay->sent[i];
    const size_t id = 8 + eth::kHeader + ipv4::kId;
    CHECK(frames::get16(sent.bytes, id) == frames::get16(to_peer[i], id - 8));
    if (sent.segment_size == 0) CHECK(sent.bytes == frames::vxlan(kVni, to_peer[i]));
  }
}

TEST_CASE("outbound: local delivery passes the offload header through untouched") {
  Host host;
  const auto [id, c] = host.add_port(0x02420a000004, "10.0.0.4");
  frames::Spec spec;
  spec.destination = 0x02420a000004;
  spec.payload = frames::pattern(30000);
  spec.partial_checksum = true;
  VirtioNetHeader vnet{};
  vnet.flags = virtio::kNeedsChecksum;
  vnet.gso_type = virtio::kGsoTcp4;
  vnet.gso_size = 1398;
  vnet.hdr_len = 54;
  host.send(frames::build(spec), vnet);
  REQUIRE(c->written.size() == 1);
  CHECK(std::memcmp(c->written[0].data(), &vnet, sizeof vnet) == 0);
  CHECK(frame_of(c->written[0]) == frames::build(spec));
  CHECK(host.underlay->sent.empty());
}

TEST_CASE("outbound: broadcast goes to every other port and every VTEP of the network") {
  Host host;
  const auto [id, c] = host.add_port(0x02420a000004, "10.0.0.4");
  host.engine.put_network(300, true, false);
  const auto [elsewhere_id, elsewhere] = host.add_port(0x02420a000005, "10.0.0.5", 300);
  const uint32_t second = host.engine.add_peer(kOtherAddress);
  host.engine.set_vteps(kVni, {host.peer, second});
  frames::Spec spec;
  spec.destination = kBroadcast;
  spec.protocol = 17;
  host.send(frames::build(spec));
  CHECK(host.underlay->sent.size() == 2);
  CHECK(c->written.size() == 1);
  CHECK(host.a->written.empty());
  CHECK(elsewhere->written.empty());
}

TEST_CASE(
    "outbound: ARP, neighbour solicitations and the gateway's MAC go up; unicast ARP does not") {
  Host host;
  host.send(arp_request(frames::kMacA, "10.0.0.2"));
  frames::Spec to_gateway;
  to_gateway.destination = kGatewayMac;
  host.send(frames::build(to_gateway));
  CHECK(host.notified == 1);  // one notification for what waits, not one per frame
  CHECK(host.upcalls() == std::vector{UpcallReason::kArp, UpcallReason::kGateway});
  CHECK(host.underlay->sent.empty());

  Bytes probe = arp_request(frames::kMacA, "10.0.0.2");
  Bytes unicast;
  frames::put_mac(unicast, frames::kMacB);
  std::copy(unicast.begin(), unicast.end(), probe.begin());
  host.send(probe);
  CHECK(host.upcalls().empty());
  CHECK(host.underlay->sent.size() == 1);
}

TEST_CASE("outbound: unknown unicast is dropped where all endpoints are known, flooded elsewhere") {
  Host host;
  frames::Spec spec;
  spec.destination = 0x020000000099;
  host.send(frames::build(spec));
  CHECK(host.drops(DropReason::unknown_destination) == 1);
  CHECK(host.underlay->sent.empty());
  host.engine.put_network(kVni, true, true);
  host.send(frames::build(spec));
  CHECK(host.underlay->sent.size() == 1);
}

TEST_CASE("outbound: a container sends only as itself, unless port security is off") {
  Host host;
  frames::Spec foreign_mac;
  foreign_mac.source = 0x020000000001;
  host.send(frames::build(foreign_mac));
  CHECK(host.drops(DropReason::spoofed_mac) == 1);
  frames::Spec foreign_ip;
  foreign_ip.ip_source = "10.0.0.9";
  host.send(frames::build(foreign_ip));
  host.send(arp_request(frames::kMacA, "10.0.0.9"));
  CHECK(host.drops(DropReason::spoofed_address) == 2);
  CHECK(host.underlay->sent.empty());
  CHECK(host.upcalls().empty());
  host.engine.put_network(kVni, false, false);
  host.send(frames::build(foreign_mac));
  host.send(frames::build(foreign_ip));
  CHECK(host.underlay->sent.size() == 2);
}

TEST_CASE("outbound: IPv6 sources are the port's addresses and its own link-local") {
  Host host;
  auto* io = new MemoryPort;
  std::array<uint8_t, 16> own;
  inet_pton(AF_INET6, "fd00::2", own.data());
  const auto id =
      host.engine.add_port({kVni, frames::kMacA, 1450, {}, {own}}, std::unique_ptr<FramePort>(io));
  frames::Spec spec;
  spec.version = 6;
  spec.ip_destination = "fd00::3";
  for (const char* allowed : {"fd00::2", "fe80::42:aff:fe00:2", "::"}) {
    spec.ip_source = allowed;
    host.send_from(*id, io, frames::build(spec));
  }
  CHECK(host.underlay->sent.size() == 3);
  for (const char* refused : {"fd00::3", "fe80::42:aff:fe00:3", "fe80::1"}) {
    spec.ip_source = refused;
    host.send_from(*id, io, frames::build(spec));
  }
  CHECK(host.drops(DropReason::spoofed_address) == 3);
}

TEST_CASE("outbound: malformed and contradictory frames are counted") {
  Host host;
  frames::Spec spec;
  spec.payload = frames::pattern(2000);
  host.send(frames::build(spec));
  CHECK(host.drops(DropReason::oversize) == 1);
  VirtioNetHeader vnet{};
  vnet.gso_type = virtio::kGsoTcp6;
  vnet.gso_size = 1000;
  host.send(frames::build(spec), vnet);
  vnet = {};
  vnet.flags = virtio::kNeedsChecksum;
  vnet.csum_start = 60000;
  spec.payload.clear();
  host.send(frames::build(spec), vnet);
  CHECK(host.drops(DropReason::bad_offload) == 2);
  host.send(Bytes(5));
  CHECK(host.drops(DropReason::runt) == 1);
  Bytes tagged = frames::build(spec);
  frames::set16(tagged, 12, 0x8100);
  host.send(tagged);
  CHECK(host.drops(DropReason::vlan_tagged) == 1);
  CHECK(host.underlay->sent.empty());
}

TEST_CASE("outbound: one port cannot flood the slow path") {
  Host host;
  for (int i = 0; i < 1000; i++) host.send(arp_request(frames::kMacA, "10.0.0.2"));
  CHECK(host.drops(DropReason::upcall_rate) > 500);
  CHECK(host.drops(DropReason::upcall_full) == 0);
}

TEST_CASE("outbound: a flood to the gateway leaves room for neighbours and for others") {
  constexpr uint64_t kMacC = 0x02420a000004;
  Host host;
  frames::Spec question;
  question.destination = kGatewayMac;
  const auto [port_c, c] = host.add_port(kMacC, "10.0.0.4");
  for (int i = 0; i < 1000; i++) host.send(frames::build(question));
  CHECK(host.drops(DropReason::upcall_rate) == 1000 - limits::kGatewayShare);

  host.send(arp_request(frames::kMacA, "10.0.0.2"));
  question.source = kMacC;
  question.ip_source = "10.0.0.4";
  host.send_from(port_c, c, frames::build(question));
  CHECK(host.drops(DropReason::upcall_rate) == 1000 - limits::kGatewayShare);
  const std::vector<UpcallReason> raised = host.upcalls();
  REQUIRE(raised.size() == limits::kGatewayShare + 2);
  CHECK(raised[limits::kGatewayShare] == UpcallReason::kArp);
  CHECK(raised.back() == UpcallReason::kGateway);
}

TEST_CASE("upcall ring: floods of many ports to gateways leave a reserve") {
  UpcallRing ring;
  const uint8_t frame[14]{};
  const auto push = [&](UpcallReason reason, uint32_t port) {
    return ring.push(reason, kVni, port, kNobody, frame, sizeof frame);
  };
  uint32_t taken = 0;
  for (uint32_t port = 0; port < 8; port++) {
    for (uint32_t i = 0; i < 100; i++) taken += push(UpcallReason::kGateway, port) == Pushed::kDone;
  }
  CHECK(taken == limits::kUpcallSlots - limits::kUpcallReserve);
  CHECK(push(UpcallReason::kGateway, 9) == Pushed::kFull);
  for (uint32_t i = 0; i < limits::kUpcallReserve; i++) {
    CHECK(push(UpcallReason::kArp, 0) == Pushed::kDone);
  }
  CHECK(push(UpcallReason::kArp, 0) == Pushed::kFull);
  ring.drain([](const Upcall&) {});
  CHECK(push(UpcallReason::kGateway, 0) == Pushed::kDone);
}

TEST_CASE("outbound: what the underlay refuses is counted by its reason") {
  Host host;
  const std::pair<SendResult, DropReason> rows[] = {
      {SendResult::kOversize, DropReason::oversize},
      {SendResult::kFull, DropReason::underlay_full},
      {SendResult::kError, DropReason::underlay_error},
  };
  for (const auto& [result, reason] : rows) {
    host.underlay->send_result = result;
    host.send(frames::build({}));
    CHECK(host.drops(reason) == 1);
  }
}

TEST_CASE("inbound: a frame for a local container is delivered as it is") {
  Host host;
  const Bytes frame = frames::build(reply());
  host.receive(frames::vxlan(kVni, frame));
  REQUIRE(host.a->written.size() == 1);
  CHECK(frame_of(host.a->written[0]) == frame);
  CHECK(header_of(host.a->written[0]).flags == 0);
  CHECK(host.all_drops() == 0);
}

TEST_CASE(
    "inbound: partial checksums and superpackets of kernel peers are labelled for the container") {
  Host host;
  frames::Spec spec = reply();
  spec.partial_checksum = true;
  host.receive(frames::vxlan(kVni, frames::build(spec)));
  spec.payload = frames::pattern(60000);
  host.receive(frames::vxlan(kVni, frames::build(spec)));
  REQUIRE(host.a->written.size() == 2);
  const VirtioNetHeader small = header_of(host.a->written[0]);
  CHECK(small.flags == virtio::kNeedsChecksum);
  CHECK(small.gso_type == virtio::kGsoNone);
  CHECK(small.csum_start == 34);
  CHECK(small.csum_offset == 16);
  const VirtioNetHeader big = header_of(host.a->written[1]);
  CHECK(big.gso_type == virtio::kGsoTcp4);
  CHECK(big.gso_size == 1450 - 40);
  CHECK(big.hdr_len == 54);
}

TEST_CASE("inbound: what is too big and no superpacket is dropped") {
  Host host;
  frames::Spec spec = reply();
  spec.payload = frames::pattern(2000);
  host.receive(frames::vxlan(kVni, frames::build(spec)));
  CHECK(host.drops(DropReason::oversize) == 1);
  CHECK(host.a->written.empty());
}

TEST_CASE("inbound: merged datagrams are split, and TCP in them joined again") {
  Host host;
  frames::Spec spec = reply();
  spec.payload = frames::pattern(1000);
  Bytes merged;
  uint16_t size = 0;
  for (int i = 0; i < 5; i++) {
    const Bytes packet = frames::vxlan(kVni, frames::build(spec));
    size = static_cast<uint16_t>(packet.size());
    frames::append(merged, packet);
    spec.sequence += 1000;
    spec.id++;
  }
  spec.payload = frames::pattern(300);
  frames::append(merged, frames::vxlan(kVni, frames::build(spec)));
  host.receive(merged, kPeerAddress, size);
  REQUIRE(host.a->written.size() == 1);
  CHECK(header_of(host.a->written[0]).gso_size == 1000);
  CHECK(frame_of(host.a->written[0]).size() == 54 + 5300);
  CHECK(host.engine.counters().peers[0].rx_frames == 6);
}

// A UDP superpacket of 3000 bytes in datagrams of 1000, as the kernel of a virtual underlay
// hands it over: whole, with the size of its segments as for merged datagrams.
frames::Spec udp_superpacket() {
  frames::Spec spec = reply();
  spec.protocol = 17;
  spec.payload = frames::pattern(3000);
  spec.partial_checksum = true;
  return spec;
}

TEST_CASE("inbound: a UDP superpacket of a kernel peer is delivered whole") {
  Host host;
  const Bytes frame = frames::build(udp_superpacket());
  host.receive(frames::vxlan(kVni, frame), kPeerAddress, 1000);
  REQUIRE(host.a->written.size() == 1);
  CHECK(frame_of(host.a->written[0]) == frame);
  const VirtioNetHeader vnet = header_of(host.a->written[0]);
  CHECK(vnet.flags == virtio::kNeedsChecksum);
  CHECK(vnet.gso_type == virtio::kGsoUdpL4);
  CHECK(vnet.gso_size == 1000);
  CHECK(vnet.csum_start == 34);
  CHECK(vnet.csum_offset == 6);
}

TEST_CASE("inbound: small UDP superpackets stay what they are") {
  Host host;
  frames::Spec spec = udp_superpacket();
  spec.payload = frames::pattern(300);
  for (int i = 0; i < 2; i++) {
    host.underlay->arriving.push_back(
        {kPeerAddress, frames::vxlan(kVni, frames::build(spec)), 100, 0, false});
  }
  host.engine.worker(0).serve_underlay();
  REQUIRE(host.a->written.size() == 2);
  for (const Bytes& written : host.a->written) CHECK(header_of(written).gso_size == 100);
}

TEST_CASE("inbound: a UDP superpacket is segmented for a TAP that takes none") {
  Host host;
  host.a->takes_udp_superpackets = false;
  host.receive(frames::vxlan(kVni, frames::build(udp_superpacket())), kPeerAddress, 1000);
  REQUIRE(host.a->written.size() == 3);
  Bytes payload;
  for (const Bytes& written : host.a->written) {
    CHECK(header_of(written).gso_type == virtio::kGsoNone);
    CHECK(frames::verify(frame_of(written)) == "");
    frames::append(payload, frames::slice(frame_of(written), 42, 1000));
  }
  CHECK(payload == frames::pattern(3000));
}

TEST_CASE("inbound: a UDP superpacket whose datagrams are too big is dropped") {
  Host host;
  host.receive(frames::vxlan(kVni, frames::build(udp_superpacket())), kPeerAddress, 1423);
  CHECK(host.a->written.empty());
  CHECK(host.drops(DropReason::oversize) == 1);
}

TEST_CASE("inbound: merged datagrams that cannot be joined are delivered one by one") {
  Host host;
  frames::Spec spec = reply();
  spec.protocol = 1;
  spec.payload = frames::pattern(500);
  const Bytes packet = frames::vxlan(kVni, frames::build(spec));
  Bytes merged = packet;
  frames::append(merged, packet);
  host.receive(merged, kPeerAddress, static_cast<uint16_t>(packet.size()));
  REQUIRE(host.a->written.size() == 2);
  for (const Bytes& written : host.a->written) CHECK(frame_of(written) == frames::build(spec));
}

TEST_CASE("inbound: segments that arrive in datagrams of their own are joined, too") {
  Host host;
  for (uint32_t i = 0; i < 5; i++) {
    frames::Spec spec = reply();
    spec.sequence += 1000 * i;
    spec.payload = frames::pattern(1000);
    host.underlay->arriving.push_back(
        {kPeerAddress, frames::vxlan(kVni, frames::build(spec)), 0, 0, false});
  }
  host.engine.worker(0).serve_underlay();
  REQUIRE(host.a->written.size() == 1);
  CHECK(header_of(host.a->written[0]).gso_size == 1000);
  CHECK(frame_of(host.a->written[0]).size() == 54 + 5000);
}

TEST_CASE("inbound: only VTEPs of the network are heard, each reason counted") {
  Host host;
  const Bytes packet = frames::vxlan(kVni, frames::build(reply()));
  host.receive(packet, frames::address("192.168.56.99"));
  CHECK(host.drops(DropReason::unregistered_source) == 1);
  host.engine.add_peer(kOtherAddress);  // a VTEP, but not of this network
  host.receive(packet, kOtherAddress);
  CHECK(host.drops(DropReason::unregistered_source) == 2);
  host.receive(frames::vxlan(999, frames::build(reply())));
  CHECK(host.drops(DropReason::unknown_vni) == 1);
  host.engine.set_vteps(kVni, {});
  host.receive(packet);
  CHECK(host.drops(DropReason::unregistered_source) == 3);
  CHECK(host.a->written.empty());
}

TEST_CASE("inbound: malformed packets are counted and dropped") {
  Host host;
  const Bytes frame = frames::build(reply());
  for (size_t length = 0; length < 8; length++) {
    host.receive(frames::slice(frames::vxlan(kVni, frame), 0, length));
  }
  for (const uint32_t flags : {0u, 0x88000000u, 0x0c000000u, 0x08000001u}) {
    host.receive(frames::vxlan(kVni, frame, flags));
  }
  Bytes reserved = frames::vxlan(kVni, frame);
  reserved[7] = 1;
  host.receive(reserved);
  CHECK(host.drops(DropReason::vxlan_header) == 13);
  host.receive(frames::slice(frames::vxlan(kVni, frame), 0, 20));
  CHECK(host.drops(DropReason::runt) == 1);
  host.receive(frames::slice(frames::vxlan(kVni, frame), 0, 40));
  CHECK(host.drops(DropReason::malformed_ip) == 1);
  Bytes tagged = frames::vxlan(kVni, frame);
  frames::set16(tagged, 8 + 12, 0x8100);
  host.receive(tagged);
  CHECK(host.drops(DropReason::vlan_tagged) == 1);
  host.underlay->arriving.push_back({kPeerAddress, frames::vxlan(kVni, frame), 0, 0, true});
  host.engine.worker(0).serve_underlay();
  CHECK(host.drops(DropReason::truncated) == 1);
  CHECK(host.a->written.empty());
  // And the next good one is delivered.
  host.receive(frames::vxlan(kVni, frame));
  CHECK(host.a->written.size() == 1);
}

TEST_CASE("inbound: frames are not relayed, looped or handed to the slow path") {
  Host host;
  frames::Spec to_peer = reply();
  to_peer.destination = frames::kMacB;
  host.receive(frames::vxlan(kVni, frames::build(to_peer)));
  frames::Spec to_gateway = reply();
  to_gateway.destination = kGatewayMac;
  host.receive(frames::vxlan(kVni, frames::build(to_gateway)));
  CHECK(host.drops(DropReason::not_local) == 2);
  frames::Spec own = reply();
  own.source = frames::kMacA;
  host.receive(frames::vxlan(kVni, frames::build(own)));
  CHECK(host.drops(DropReason::looped) == 1);
  CHECK(host.upcalls().empty());
  CHECK(host.underlay->sent.empty());
}

TEST_CASE("inbound: congestion marks reach the container, or the packet is dropped") {
  Host host;
  frames::Spec spec = reply();
  spec.tos = 2;
  host.receive(frames::vxlan(kVni, frames::build(spec)), kPeerAddress, 0, 3);
  REQUIRE(host.a->written.size() == 1);
  CHECK((frame_of(host.a->written[0])[15] & 3) == 3);
  CHECK(frames::verify(frame_of(host.a->written[0])) == "");
  spec.tos = 0;
  host.receive(frames::vxlan(kVni, frames::build(spec)), kPeerAddress, 0, 3);
  CHECK(host.drops(DropReason::ecn) == 1);
}

TEST_CASE("inbound: new sources are reported only where they are learned") {
  Host host;
  frames::Spec spec = reply();
  spec.source = 0x020000000077;
  host.receive(frames::vxlan(kVni, frames::build(spec)));
  CHECK(host.upcalls().empty());
  host.engine.put_network(kVni, true, true);
  host.receive(frames::vxlan(kVni, frames::build(spec)));
  CHECK(host.upcalls() == std::vector{UpcallReason::kNewSource});
  host.engine.forward(kVni, 0x020000000077, Engine::Target::kPeer, host.peer);
  host.receive(frames::vxlan(kVni, frames::build(spec)));
  CHECK(host.upcalls().empty());
  CHECK(host.a->written.size() == 3);
}

TEST_CASE("inbound: a container whose interface is down costs a counted drop") {
  Host host;
  host.a->write_result = WriteResult::kDown;
  host.receive(frames::vxlan(kVni, frames::build(reply())));
  CHECK(host.drops(DropReason::port_down) == 1);
}

TEST_CASE("engine: removed ports, peers and networks leave no way to them") {
  Host host;
  CHECK_FALSE(host.engine.remove_network(kVni));
  const auto io = host.engine.remove_port(host.port_a);
  REQUIRE(io != nullptr);
  host.receive(frames::vxlan(kVni, frames::build(reply())));
  CHECK(host.drops(DropReason::not_local) == 1);
  CHECK(host.engine.remove_port(host.port_a) == nullptr);

  const auto [id, c] = host.add_port(0x02420a000004, "10.0.0.4");
  host.engine.remove_peer(host.peer);
  frames::Spec spec;
  spec.source = 0x02420a000004;
  spec.ip_source = "10.0.0.4";
  host.send_from(id, c, frames::build(spec));
  CHECK(host.drops(DropReason::unknown_destination) == 1);
  host.receive(frames::vxlan(kVni, frames::build(reply())));
  CHECK(host.drops(DropReason::unregistered_source) == 1);

  host.engine.remove_port(id);
  CHECK(host.engine.remove_network(kVni));
  CHECK_FALSE(host.engine.forward(kVni, 1, Engine::Target::kUpcall, 0));
  CHECK_FALSE(host.engine.add_port({kVni, 1, 1450, {}, {}}, nullptr).has_value());
}

TEST_CASE("engine: injected frames reach a port, or the VTEPs of a network") {
  Host host;
  const Bytes frame = frames::build(reply());
  host.engine.inject(host.port_a, frame.data(), static_cast<uint32_t>(frame.size()));
  REQUIRE(host.a->written.size() == 1);
  CHECK(frame_of(host.a->written[0]) == frame);
  host.engine.inject_flood(kVni, frame.data(), static_cast<uint32_t>(frame.size()));
  REQUIRE(host.underlay->sent.size() == 1);
  CHECK(host.underlay->sent[0].bytes == frames::vxlan(kVni, frame));
  host.engine.inject(99, frame.data(), 5);
  host.engine.inject_flood(99, frame.data(), 5);
}
