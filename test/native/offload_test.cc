// Segmenter and coalescer: what one makes, the other joins again.
#include <doctest/doctest.h>

#include "engine/coalescer.h"
#include "engine/grace.h"
#include "engine/network.h"
#include "engine/segmenter.h"
#include "frames.h"
#include "io/memory_port.h"

using namespace overtap;
using frames::Bytes;

namespace {

constexpr uint32_t kVni = 256;

VirtioNetHeader gso(uint8_t type, uint16_t size) {
  VirtioNetHeader vnet{};
  vnet.flags = virtio::kNeedsChecksum;
  vnet.gso_type = type;
  vnet.gso_size = size;
  return vnet;
}

// The VXLAN packets a superpacket becomes, run by run.
std::vector<std::vector<Bytes>> segment(Bytes& superpacket, const VirtioNetHeader& vnet) {
  Frame frame;
  REQUIRE(parse_frame(superpacket.data(), static_cast<uint32_t>(superpacket.size()), frame) ==
          FrameFault::kNone);
  static Segmenter segmenter;
  REQUIRE(segmenter.start(frame, vnet, kVni));
  std::vector<std::vector<Bytes>> runs;
  Segmenter::Run run;
  while (segmenter.next(run)) {
    std::vector<Bytes> packets;
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < run.part_count; i += 2) {
      Bytes packet;
      for (const iovec& part : {run.parts[i], run.parts[i + 1]}) {
        const auto* data = static_cast<const uint8_t*>(part.iov_base);
        packet.insert(packet.end(), data, data + part.iov_len);
      }
      bytes += static_cast<uint32_t>(packet.size());
      packets.push_back(packet);
    }
    CHECK(bytes == run.bytes);
    CHECK(bytes <= 65507);
    CHECK(packets.size() == run.segments);
    CHECK(packets.size() <= 64);
    if (packets.size() > 1) CHECK(packets[0].size() == run.segment_size);
    for (size_t i = 0; i + 1 < packets.size(); i++) CHECK(packets[i].size() == run.segment_size);
    runs.push_back(packets);
  }
  return runs;
}

Bytes without_vxlan(const Bytes& packet) {
  return frames::slice(packet, 8, packet.size() - 8);
}

frames::Spec tcp_spec(int version, size_t payload) {
  frames::Spec spec;
  spec.version = version;
  if (version == 6) {
    spec.ip_source = "fd00::2";
    spec.ip_destination = "fd00::3";
  }
  spec.tcp_options = Bytes(12, 1);
  spec.payload = frames::pattern(payload);
  spec.partial_checksum = true;
  return spec;
}

struct Joined {
  Grace grace{1};
  Network network{kVni, grace};
  MemoryPort* io = new MemoryPort;
  Port port{0, 1, {kVni, frames::kMacB, 9050, {}, {}}, &network, std::unique_ptr<FramePort>(io)};
  WorkerCounters counters;
  Coalescer coalescer{0, counters, {}};

  void add(Bytes& bytes, bool verified = false) {
    Frame frame;
    REQUIRE(parse_frame(bytes.data(), static_cast<uint32_t>(bytes.size()), frame) ==
            FrameFault::kNone);
    coalescer.deliver(port, frame, verified);
  }

  VirtioNetHeader header(size_t index) const {
    VirtioNetHeader vnet;
    std::memcpy(&vnet, io->written.at(index).data(), sizeof vnet);
    return vnet;
  }

  Bytes frame(size_t index) const {
    const Bytes& all = io->written.at(index);
    return frames::slice(all, sizeof(VirtioNetHeader), all.size() - sizeof(VirtioNetHeader));
  }
};

}  // namespace

TEST_CASE("segmenter: every TCP segment is a packet a receiver accepts") {
  for (const int version : {4, 6}) {
    for (const size_t payload : {1u, 1398u, 1399u, 61000u, 65000u}) {
      CAPTURE(version);
      CAPTURE(payload);
      frames::Spec spec = tcp_spec(version, payload);
      spec.flags = 0x10 | 0x08 | 0x80 | 0x01;  // ACK, PSH, CWR, FIN
      Bytes superpacket = frames::build(spec);
      const uint8_t type = version == 4 ? virtio::kGsoTcp4 : virtio::kGsoTcp6;
      Bytes joined;
      size_t index = 0;
      const size_t l4 = version == 4 ? 34 : 54;
      const size_t count = (payload + 1397) / 1398;
      for (const auto& run : segment(superpacket, gso(type, 1398))) {
        for (const Bytes& packet : run) {
          CHECK(frames::get32(packet, 0) == 0x08000000);
          CHECK(frames::get32(packet, 4) == kVni << 8);
          const Bytes frame = without_vxlan(packet);
          CHECK(frames::verify(frame) == "");
          CHECK(frames::get32(frame, l4 + 4) == spec.sequence + joined.size());
          if (version == 4) CHECK(frames::get16(frame, 18) == spec.id + index);
          const uint8_t flags = frame[l4 + 13];
          CHECK((flags & 0x80) == (index == 0 ? 0x80 : 0));
          CHECK((flags & 0x09) == (index + 1 == count ? 0x09 : 0));
          frames::append(joined, frames::slice(frame, l4 + 32, frame.size() - l4 - 32));
          index++;
        }
      }
      CHECK(index == count);
      CHECK(joined == spec.payload);
    }
  }
}

TEST_CASE("segmenter: odd segment sizes and UDP") {
  frames::Spec spec;
  spec.protocol = 17;
  spec.payload = frames::pattern(5000);
  spec.partial_checksum = true;
  Bytes superpacket = frames::build(spec);
  Bytes joined;
  for (const auto& run : segment(superpacket, gso(virtio::kGsoUdpL4, 1201))) {
    for (const Bytes& packet : run) {
      const Bytes frame = without_vxlan(packet);
      CHECK(frames::verify(frame) == "");
      frames::append(joined, frames::slice(frame, 42, frame.size() - 42));
    }
  }
  CHECK(joined == spec.payload);
}

TEST_CASE("segmenter: refuses offload requests that contradict the frame") {
  Bytes bytes = frames::build(tcp_spec(4, 3000));
  Frame frame;
  REQUIRE(parse_frame(bytes.data(), static_cast<uint32_t>(bytes.size()), frame) ==
          FrameFault::kNone);
  Segmenter segmenter;
  CHECK_FALSE(segmenter.start(frame, gso(virtio::kGsoTcp6, 1398), kVni));
  CHECK_FALSE(segmenter.start(frame, gso(virtio::kGsoUdpL4, 1398), kVni));
  CHECK_FALSE(segmenter.start(frame, gso(virtio::kGsoTcp4, 0), kVni));
  CHECK_FALSE(segmenter.start(frame, gso(3, 1398), kVni));  // UFO
  CHECK(segmenter.start(frame, gso(virtio::kGsoTcp4 | virtio::kGsoEcn, 1398), kVni));
}

TEST_CASE("coalescer: joins what the segmenter cut, with the checksum left to the receiver") {
  for (const int version : {4, 6}) {
    Joined joined;
    frames::Spec spec = tcp_spec(version, 40000);
    spec.flags = 0x18;
    Bytes superpacket = frames::build(spec);
    const uint8_t type = version == 4 ? virtio::kGsoTcp4 : virtio::kGsoTcp6;
    std::vector<Bytes> segments;
    for (const auto& run : segment(superpacket, gso(type, 1398))) {
      for (const Bytes& packet : run) segments.push_back(without_vxlan(packet));
    }
    for (Bytes& bytes : segments) joined.add(bytes);
    joined.coalescer.flush();
    REQUIRE(joined.io->written.size() == 1);
    CHECK(joined.header(0).gso_type == type);
    CHECK(joined.header(0).gso_size == 1398);
    CHECK(joined.header(0).flags == virtio::kNeedsChecksum);
    // Byte for byte what the sender's kernel had handed over.
    CHECK(joined.frame(0) == superpacket);
  }
}

TEST_CASE("coalescer: keeps apart what the kernel's GRO would, and keeps the order") {
  frames::Spec first;
  first.payload = frames::pattern(1000);
  frames::Spec next = first;
  next.sequence += 1000;
  next.id += 1;

  const auto packets_for = [&](const frames::Spec& second) {
    Joined joined;
    Bytes a = frames::build(first);
    Bytes b = frames::build(second);
    const Bytes a_before = a;
    const Bytes b_before = b;
    joined.add(a);
    joined.add(b);
    joined.coalescer.flush();
    if (joined.io->written.size() == 2) {
      CHECK(joined.frame(0) == a_before);
      CHECK(joined.frame(1) == b_before);
    }
    return joined.io->written.size();
  };

  CHECK(packets_for(next) == 1);

  frames::Spec other = next;
  other.sequence += 1;
  CHECK(packets_for(other) == 2);
  other = next;
  other.ack += 1;
  CHECK(packets_for(other) == 2);
  other = next;
  other.window += 1;
  CHECK(packets_for(other) == 2);
  other = next;
  other.tos = 2;
  CHECK(packets_for(other) == 2);
  other = next;
  other.destination_port = 81;
  CHECK(packets_for(other) == 2);
  other = next;
  other.ip_source = "10.0.0.9";
  CHECK(packets_for(other) == 2);
  other = next;
  other.tcp_options = Bytes(12, 1);
  CHECK(packets_for(other) == 2);
  other = next;
  other.payload = frames::pattern(1001);
  CHECK(packets_for(other) == 2);
  for (const uint8_t flags : {0x11, 0x12, 0x14, 0x30, 0x90, 0x00}) {
    other = next;
    other.flags = flags;
    CHECK(packets_for(other) == 2);
  }
  other = next;
  other.payload.clear();  // a pure ACK
  CHECK(packets_for(other) == 2);
}

TEST_CASE("coalescer: without DF, IP ids must be consecutive") {
  for (const int step : {1, 2}) {
    Joined joined;
    frames::Spec spec;
    spec.fragment = 0;
    spec.payload = frames::pattern(1000);
    Bytes a = frames::build(spec);
    spec.sequence += 1000;
    spec.id = static_cast<uint16_t>(spec.id + step);
    Bytes b = frames::build(spec);
    joined.add(a);
    joined.add(b);
    joined.coalescer.flush();
    CHECK(joined.io->written.size() == (step == 1 ? 1 : 2));
  }
}

TEST_CASE("coalescer: a short segment and PSH end a run") {
  for (const bool push : {true, false}) {
    Joined joined;
    frames::Spec spec;
    spec.payload = frames::pattern(1000);
    Bytes a = frames::build(spec);
    spec.sequence += 1000;
    spec.id++;
    if (push) spec.flags |= 0x08;
    if (!push) spec.payload = frames::pattern(500);
    Bytes b = frames::build(spec);
    spec.sequence += static_cast<uint32_t>(spec.payload.size());
    spec.id++;
    spec.flags = 0x10;
    Bytes c = frames::build(spec);
    joined.add(a);
    joined.add(b);
    joined.add(c);
    joined.coalescer.flush();
    CHECK(joined.io->written.size() == 2);
    CHECK((joined.frame(0)[47] & 0x08) == (push ? 0x08 : 0));
  }
}

TEST_CASE("coalescer: a run never grows past 64 KB") {
  Joined joined;
  frames::Spec spec;
  spec.payload = frames::pattern(9000);
  std::vector<Bytes> segments;
  for (int i = 0; i < 10; i++) {
    segments.push_back(frames::build(spec));
    spec.sequence += 9000;
    spec.id++;
  }
  for (Bytes& bytes : segments) joined.add(bytes);
  joined.coalescer.flush();
  REQUIRE(joined.io->written.size() == 2);
  CHECK(joined.frame(0).size() == 54 + 7 * 9000);
}

TEST_CASE("coalescer: flows that come interleaved are joined each for itself") {
  Joined joined;
  constexpr size_t kFlows = 5;
  std::vector<Bytes> packets;
  for (size_t step = 0; step < 4; step++) {
    for (size_t flow = 0; flow < kFlows; flow++) {
      frames::Spec spec;
      spec.source_port = static_cast<uint16_t>(40000 + flow);
      spec.sequence = static_cast<uint32_t>(1000 * step);
      spec.payload = frames::pattern(1000, static_cast<uint8_t>(16 * flow + step));
      packets.push_back(frames::build(spec));
    }
  }
  for (Bytes& packet : packets) joined.add(packet);
  joined.coalescer.flush();
  REQUIRE(joined.io->written.size() == kFlows);
  for (size_t flow = 0; flow < kFlows; flow++) {
    const Bytes frame = joined.frame(flow);
    CHECK(frames::get16(frame, 34) == 40000 + flow);
    Bytes expected;
    for (size_t step = 0; step < 4; step++) {
      frames::append(expected, frames::pattern(1000, static_cast<uint8_t>(16 * flow + step)));
    }
    CHECK(frames::slice(frame, 54, frame.size() - 54) == expected);
  }
}

TEST_CASE("coalescer: more flows than it gathers at a time lose nothing") {
  Joined joined;
  std::vector<Bytes> packets;
  for (size_t i = 0; i < 100; i++) {
    frames::Spec spec;
    spec.source_port = static_cast<uint16_t>(40000 + i % 33);
    spec.sequence = static_cast<uint32_t>(1000 * (i / 33));
    spec.payload = frames::pattern(1000);
    packets.push_back(frames::build(spec));
  }
  for (Bytes& packet : packets) joined.add(packet);
  joined.coalescer.flush();
  size_t payload = 0;
  for (size_t i = 0; i < joined.io->written.size(); i++) payload += joined.frame(i).size() - 54;
  CHECK(payload == 100 * 1000);
}

TEST_CASE("coalescer: a packet that cannot join goes after what came before it") {
  Joined joined;
  frames::Spec spec;
  spec.payload = frames::pattern(1000);
  Bytes a = frames::build(spec);
  spec.sequence += 1000;
  Bytes b = frames::build(spec);
  spec.sequence += 1000;
  spec.flags = 0x11;  // FIN
  Bytes fin = frames::build(spec);
  frames::Spec fragment;
  fragment.protocol = 17;
  fragment.fragment = 0x2000;
  fragment.payload = frames::pattern(500);
  Bytes piece = frames::build(fragment);
  const Bytes fin_before = fin;
  const Bytes piece_before = piece;
  SUBCASE("of its flow") {
    joined.add(a);
    joined.add(b);
    joined.add(fin);
    REQUIRE(joined.io->written.size() == 2);
    CHECK(joined.frame(0).size() == 54 + 2000);
    CHECK(joined.frame(1) == fin_before);
  }
  SUBCASE("of no flow") {
    joined.add(a);
    joined.add(piece);
    REQUIRE(joined.io->written.size() == 2);
    CHECK(joined.frame(1) == piece_before);
  }
}

TEST_CASE("coalescer: a wrong checksum is never covered up") {
  for (const uint8_t protocol : {6, 17}) {
    Joined joined;
    frames::Spec spec;
    spec.protocol = protocol;
    spec.payload = frames::pattern(1000);
    Bytes good = frames::build(spec);
    spec.sequence += 1000;
    Bytes bad = frames::build(spec);
    bad.back() ^= 1;
    const Bytes bad_before = bad;
    joined.add(good);
    joined.add(bad);
    joined.coalescer.flush();
    REQUIRE(joined.io->written.size() == 2);
    CHECK(joined.header(1).flags == 0);
    CHECK(joined.frame(1) == bad_before);
  }
}

TEST_CASE("coalescer: equal datagrams of a flow become one for segmentation") {
  for (const int version : {4, 6}) {
    for (const bool partial : {false, true}) {
      Joined joined;
      frames::Spec spec = tcp_spec(version, 1200);
      spec.protocol = 17;
      spec.partial_checksum = partial;
      std::vector<Bytes> packets;
      for (int i = 0; i < 3; i++) {
        if (i == 2) spec.payload = frames::pattern(300);
        packets.push_back(frames::build(spec));
      }
      spec.payload = frames::pattern(1200);
      packets.push_back(frames::build(spec));
      for (Bytes& packet : packets) joined.add(packet);
      joined.coalescer.flush();
      // The shorter one ends the run.
      REQUIRE(joined.io->written.size() == 2);
      CHECK(joined.header(0).gso_type == virtio::kGsoUdpL4);
      CHECK(joined.header(0).gso_size == 1200);
      CHECK(joined.header(1).gso_type == virtio::kGsoNone);
      Bytes superpacket = joined.frame(0);
      size_t index = 0;
      for (const auto& run : segment(superpacket, joined.header(0))) {
        for (const Bytes& packet : run) {
          const Bytes frame = without_vxlan(packet);
          CHECK(frames::verify(frame) == "");
          CHECK(frame.size() == packets[index++].size());
        }
      }
      CHECK(index == 3);
    }
  }
}

TEST_CASE("coalescer: datagrams without a checksum stay apart") {
  Joined joined;
  frames::Spec spec;
  spec.protocol = 17;
  spec.payload = frames::pattern(100);
  Bytes a = frames::build(spec);
  frames::set16(a, 40, 0);
  Bytes b = a;
  joined.add(a);
  joined.add(b);
  joined.coalescer.flush();
  CHECK(joined.io->written.size() == 2);
}
