// Frames that are too large for the way to their receiver.
#include <doctest/doctest.h>

#include "engine/engine.h"
#include "engine/path_mtu.h"
#include "frames.h"
#include "io/memory_port.h"
#include "io/memory_underlay.h"

using namespace overtap;
using frames::Bytes;

namespace {

constexpr uint32_t kVni = 256;
constexpr uint32_t kPortMtu = 1450;
constexpr uint32_t kPathMtu = 1350;
const SocketAddress kPeerAddress = frames::address("192.168.56.130");

struct Seen {
  UpcallReason reason;
  uint32_t port;
  uint32_t peer;
  uint32_t mtu;
  Bytes frame;
};

// Container A, with an MTU of 1450, and B behind a peer to which 1350 bytes pass.
struct Hosts {
  MemoryUnderlay* underlay = new MemoryUnderlay;
  Engine engine{1, std::unique_ptr<Underlay>(underlay), [] {}};
  uint32_t peer = engine.add_peer(kPeerAddress);
  MemoryPort* a = new MemoryPort;
  uint32_t port = 0;

  Hosts() {
    engine.put_network(kVni, false, false);
    engine.set_vteps(kVni, {peer});
    engine.set_peer_mtu(peer, kPathMtu);
    port = *engine.add_port({kVni, frames::kMacA, kPortMtu, {}, {}}, std::unique_ptr<FramePort>(a));
    engine.forward(kVni, frames::kMacA, Engine::Target::kPort, port);
    engine.forward(kVni, frames::kMacB, Engine::Target::kPeer, peer);
  }

  void wait_to_send(const Bytes& frame, VirtioNetHeader vnet = {}) {
    Bytes whole(sizeof vnet);
    std::memcpy(whole.data(), &vnet, sizeof vnet);
    frames::append(whole, frame);
    a->to_read.push_back(whole);
  }

  void serve() { engine.worker(0).serve_port(*engine.port(port)); }

  void send(const Bytes& frame, VirtioNetHeader vnet = {}) {
    wait_to_send(frame, vnet);
    serve();
  }

  void receive(const Bytes& packet) {
    underlay->arriving.push_back({kPeerAddress, packet, 0, 0, false});
    engine.worker(0).serve_underlay();
  }

  std::vector<Seen> upcalls() {
    std::vector<Seen> seen;
    engine.drain_upcalls([&](const Upcall& upcall) {
      seen.push_back({upcall.reason, upcall.port, upcall.peer, upcall.mtu,
                      Bytes(upcall.frame, upcall.frame + upcall.length)});
    });
    return seen;
  }

  uint64_t drops(DropReason reason) { return engine.counters().drops[static_cast<size_t>(reason)]; }
};

// An IP packet of `size` bytes.
frames::Spec packet_of(uint32_t size, int version = 4, uint8_t protocol = 17) {
  frames::Spec spec;
  spec.version = version;
  spec.protocol = protocol;
  if (version == 6) {
    spec.ip_source = "fd00::2";
    spec.ip_destination = "fd00::3";
  }
  const uint32_t headers = (version == 4 ? 20 : 40) + (protocol == 17 ? 8 : 20);
  spec.payload = frames::pattern(size - headers);
  return spec;
}

VirtioNetHeader superpacket(uint8_t gso_type, uint32_t headers, uint16_t gso_size) {
  VirtioNetHeader vnet{};
  vnet.flags = virtio::kNeedsChecksum;
  vnet.gso_type = gso_type;
  vnet.gso_size = gso_size;
  vnet.csum_start = static_cast<uint16_t>(headers);
  vnet.csum_offset = gso_type == virtio::kGsoUdpL4 ? 6 : 16;
  return vnet;
}

uint32_t told(Bytes frame, uint32_t size, uint32_t mtu) {
  Frame parsed;
  REQUIRE(parse_frame(frame.data(), static_cast<uint32_t>(frame.size()), parsed) ==
          FrameFault::kNone);
  return mtu_to_tell(parsed, size, mtu);
}

// An ICMP message in place of what the packet held.
Bytes icmp_message(int version, uint8_t type) {
  frames::Spec spec = packet_of(1400, version);
  spec.protocol = version == 4 ? 1 : 58;
  Bytes frame = frames::build(spec);
  frame[14 + (version == 4 ? 20 : 40)] = type;
  return frame;
}

// With a fragment header behind the IPv6 header.
Bytes fragment6(uint16_t offset_and_flags) {
  Bytes frame = frames::build(packet_of(1400, 6));
  frame[14 + 6] = 44;
  frame[14 + 40] = 17;
  frames::set16(frame, 14 + 42, offset_and_flags);
  return frame;
}

}  // namespace

TEST_CASE("path MTU: who is told of a packet that is too large, and what") {
  const Bytes v4 = frames::build(packet_of(1400));
  const Bytes v6 = frames::build(packet_of(1400, 6));
  CHECK(told(v4, 1400, 1350) == 1350);
  CHECK(told(v6, 1400, 1350) == 1350);

  // Nobody can send less than this.
  CHECK(told(v4, 1400, 500) == 576);
  CHECK(told(v4, 576, 500) == 0);
  CHECK(told(v6, 1400, 1000) == 1280);
  CHECK(told(v6, 1280, 1000) == 0);

  frames::Spec spec = packet_of(1400);
  for (const uint16_t fragment : {0x0000, 0x2000, 0x0010, 0x4010, 0x6000, 0xc000}) {
    spec.fragment = fragment;
    CHECK(told(frames::build(spec), 1400, 1350) == 0);
  }
  CHECK(told(fragment6(0x0001), 1400, 1350) == 1350);
  CHECK(told(fragment6(0x00a1), 1400, 1350) == 0);
  CHECK(told(fragment6(0x00a0), 1400, 1350) == 0);

  for (const uint8_t type : {3, 4, 5, 11, 12}) CHECK(told(icmp_message(4, type), 1400, 1350) == 0);
  for (const uint8_t type : {0, 8, 13}) CHECK(told(icmp_message(4, type), 1400, 1350) == 1350);
  for (const uint8_t type : {1, 2, 3, 4, 127}) CHECK(told(icmp_message(6, type), 1400, 1350) == 0);
  for (const uint8_t type : {128, 129}) CHECK(told(icmp_message(6, type), 1400, 1350) == 1350);

  spec = packet_of(1400);
  spec.destination = 0x01005e000001;
  CHECK(told(frames::build(spec), 1400, 1350) == 0);
  Bytes other = v4;
  frames::set16(other, 12, 0x88b5);
  CHECK(told(other, 1400, 1350) == 0);
}

TEST_CASE("path MTU: one too large goes up, and the others of its batch go out") {
  Hosts hosts;
  const std::array<uint32_t, 5> sizes{100, 1350, 1351, 1400, 200};
  for (const uint32_t size : sizes) hosts.wait_to_send(frames::build(packet_of(size)));
  hosts.serve();

  REQUIRE(hosts.underlay->sent.size() == 3);
  const std::array<uint32_t, 3> passed{100, 1350, 200};
  for (size_t i = 0; i < passed.size(); i++) {
    CHECK_FALSE(hosts.underlay->sent[i].alone);
    CHECK(hosts.underlay->sent[i].bytes ==
          frames::vxlan(kVni, frames::build(packet_of(passed[i]))));
  }
  const auto seen = hosts.upcalls();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].reason == UpcallReason::kTooBig);
  CHECK(seen[0].port == hosts.port);
  CHECK(seen[0].peer == kNobody);
  CHECK(seen[0].mtu == kPathMtu);
  const Bytes whole = frames::build(packet_of(1351));
  CHECK(seen[0].frame == frames::slice(whole, 0, limits::kTooBigFrame));
  CHECK(hosts.drops(DropReason::oversize) == 2);
}

TEST_CASE("path MTU: without DF it goes out, for the underlay to fragment") {
  Hosts hosts;
  frames::Spec spec = packet_of(1400);
  spec.fragment = 0;
  hosts.send(frames::build(spec));
  REQUIRE(hosts.underlay->sent.size() == 1);
  CHECK(hosts.underlay->sent[0].bytes == frames::vxlan(kVni, frames::build(spec)));
  CHECK(hosts.underlay->sent[0].alone);
  CHECK(hosts.upcalls().empty());

  // The MTU of its own interface holds all the same.
  spec = packet_of(1500);
  spec.fragment = 0;
  hosts.send(frames::build(spec));
  CHECK(hosts.underlay->sent.size() == 1);
  CHECK(hosts.drops(DropReason::oversize) == 1);
}

TEST_CASE("path MTU: of a superpacket the segments count") {
  Hosts hosts;
  frames::Spec spec = packet_of(5000, 4, 6);
  spec.partial_checksum = true;
  // Exactly 1350 bytes each, then one more.
  hosts.send(frames::build(spec), superpacket(virtio::kGsoTcp4, 34, 1310));
  REQUIRE(hosts.underlay->sent.size() == 1);
  CHECK(hosts.underlay->sent[0].segment_size == 8 + 14 + 1350);

  hosts.send(frames::build(spec), superpacket(virtio::kGsoTcp4, 34, 1311));
  CHECK(hosts.underlay->sent.size() == 1);
  const auto seen = hosts.upcalls();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].mtu == kPathMtu);
  CHECK(seen[0].frame.size() == limits::kTooBigFrame);
}

TEST_CASE("path MTU: what is to be fragmented leaves segment by segment") {
  Hosts hosts;
  frames::Spec spec = packet_of(4240, 4, 6);
  spec.partial_checksum = true;
  spec.fragment = 0;
  hosts.send(frames::build(spec), superpacket(virtio::kGsoTcp4, 34, 1400));
  REQUIRE(hosts.underlay->sent.size() == 3);
  for (const auto& sent : hosts.underlay->sent) {
    CHECK(sent.segment_size == 0);
    CHECK(sent.bytes.size() == 8 + 14 + 1440);
    CHECK(frames::verify(frames::slice(sent.bytes, 8, sent.bytes.size() - 8)) == "");
  }
  CHECK(hosts.upcalls().empty());
}

TEST_CASE("path MTU: of what goes to everybody nobody is told") {
  Hosts hosts;
  frames::Spec spec = packet_of(1400);
  spec.destination = 0xffffffffffff;
  spec.ip_destination = "255.255.255.255";
  hosts.send(frames::build(spec));
  CHECK(hosts.underlay->sent.size() == 1);
  CHECK(hosts.upcalls().empty());
}

TEST_CASE("path MTU: an interface that was given a larger MTU is told its own") {
  Hosts hosts;
  hosts.engine.set_peer_mtu(hosts.peer, 8950);
  hosts.send(frames::build(packet_of(3000)));
  const auto seen = hosts.upcalls();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].mtu == kPortMtu);
  CHECK(hosts.drops(DropReason::oversize) == 1);
}

TEST_CASE("path MTU: one port is told so often and no more, and ARP still goes up") {
  Hosts hosts;
  constexpr uint32_t kMany = 3 * limits::kTooBigBurst;
  for (uint32_t i = 0; i < kMany; i++) hosts.send(frames::build(packet_of(1400)));
  const size_t count = hosts.upcalls().size();
  CHECK(count >= limits::kTooBigBurst);
  CHECK(count < limits::kTooBigBurst + 20);
  CHECK(hosts.drops(DropReason::oversize) == kMany);

  Bytes arp;
  frames::put_mac(arp, 0xffffffffffff);
  frames::put_mac(arp, frames::kMacA);
  frames::put16(arp, 0x0806);
  arp.resize(42);
  hosts.send(arp);
  CHECK(hosts.upcalls().size() == 1);
}

TEST_CASE("path MTU: a peer's frame that is too large for the container goes up, too") {
  Hosts hosts;
  frames::Spec spec = packet_of(3000);
  std::swap(spec.source, spec.destination);
  hosts.receive(frames::vxlan(kVni, frames::build(spec)));
  spec.fragment = 0;
  hosts.receive(frames::vxlan(kVni, frames::build(spec)));
  const auto seen = hosts.upcalls();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].reason == UpcallReason::kTooBig);
  CHECK(seen[0].port == kNobody);
  CHECK(seen[0].peer == hosts.peer);
  CHECK(seen[0].mtu == kPortMtu);
  CHECK(hosts.a->written.empty());
  CHECK(hosts.drops(DropReason::oversize) == 2);
}

TEST_CASE("path MTU: what had to be fragmented is sent, and reported once until looked at") {
  Hosts hosts;
  hosts.underlay->send_result = SendResult::kFragmented;
  for (int i = 0; i < 3; i++) hosts.send(frames::build(packet_of(1000)));
  auto seen = hosts.upcalls();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].reason == UpcallReason::kPathDoubted);
  CHECK(seen[0].peer == hosts.peer);
  CHECK(hosts.engine.counters().peers[0].tx_frames == 3);

  hosts.engine.set_peer_mtu(hosts.peer, 900);
  hosts.send(frames::build(packet_of(800)));
  CHECK(hosts.upcalls().size() == 1);
}

TEST_CASE("path MTU: a probe is dropped under its own name") {
  Hosts hosts;
  hosts.receive(Bytes(1472));
  hosts.receive(Bytes(8));
  hosts.receive(Bytes(7));
  CHECK(hosts.drops(DropReason::path_probe) == 2);
  CHECK(hosts.drops(DropReason::vxlan_header) == 1);
}

TEST_CASE("path MTU: an injected frame reaches one peer") {
  Hosts hosts;
  hosts.engine.set_vteps(kVni, {hosts.peer, hosts.engine.add_peer(frames::address("10.1.1.1"))});
  const Bytes frame = frames::build(packet_of(100));
  hosts.engine.inject_to_peer(kVni, hosts.peer, frame.data(), static_cast<uint32_t>(frame.size()));
  REQUIRE(hosts.underlay->sent.size() == 1);
  CHECK(hosts.underlay->sent[0].to.v4.sin_addr.s_addr == kPeerAddress.v4.sin_addr.s_addr);
  CHECK(hosts.underlay->sent[0].bytes == frames::vxlan(kVni, frame));
  hosts.engine.inject_to_peer(kVni, 77, frame.data(), static_cast<uint32_t>(frame.size()));
  CHECK(hosts.underlay->sent.size() == 1);
}
