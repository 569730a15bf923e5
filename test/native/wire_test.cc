#include <doctest/doctest.h>

#include <random>

#include "frames.h"
#include "wire/checksum.h"
#include "wire/ecn.h"
#include "wire/frame.h"
#include "wire/outer.h"

using namespace overtap;
using frames::Bytes;

namespace {

uint16_t swapped(uint16_t v) {
  return static_cast<uint16_t>(v << 8 | v >> 8);
}

FrameFault fault_of(Bytes bytes) {
  Frame frame;
  return parse_frame(bytes.data(), static_cast<uint32_t>(bytes.size()), frame);
}

}  // namespace

TEST_CASE("checksum: vector and scalar sums equal the naive one at every alignment and length") {
  std::mt19937 random(7);
  Bytes buffer(4096 + 64);
  for (auto& byte : buffer) byte = static_cast<uint8_t>(random());
  for (size_t offset = 0; offset < 64; offset++) {
    for (const size_t length : {0, 1, 2, 3, 5, 20, 63, 64, 65, 127, 1399, 1400, 4095}) {
      const Bytes part = frames::slice(buffer, offset, length);
      const uint16_t expected = swapped(frames::naive_sum(part));
      // 0 and 0xffff are the same number in ones' complement.
      const auto same = [&](uint64_t sum) {
        const uint16_t folded = checksum_fold(sum);
        return folded == expected || (folded % 0xffff == 0 && expected % 0xffff == 0);
      };
      CHECK(same(checksum_add(0, buffer.data() + offset, length)));
      CHECK(same(checksum_add_scalar(0, buffer.data() + offset, length)));
    }
  }
}

TEST_CASE("checksum: all ones in a full superpacket do not overflow") {
  const Bytes ones(65536, 0xff);
  CHECK(checksum_fold(checksum_add(0, ones.data(), ones.size())) == 0xffff);
}

TEST_CASE("frame: finds headers and payload") {
  frames::Spec spec;
  spec.payload = frames::pattern(100);
  spec.tcp_options = Bytes(12, 1);
  Bytes bytes = frames::build(spec);
  Frame frame;
  REQUIRE(parse_frame(bytes.data(), static_cast<uint32_t>(bytes.size()), frame) ==
          FrameFault::kNone);
  CHECK(frame.destination() == frames::kMacB);
  CHECK(frame.source() == frames::kMacA);
  CHECK(frame.is_tcp());
  CHECK(frame.l4 == 34);
  CHECK(frame.payload == 66);
  CHECK(frame.end == bytes.size());
}

TEST_CASE("frame: options, fragments and extension headers are carried") {
  frames::Spec options;
  options.ip_options = {7, 7, 4, 0, 0, 0, 0, 0};  // record route
  options.payload = frames::pattern(9);
  Bytes bytes = frames::build(options);
  Frame frame;
  CHECK(parse_frame(bytes.data(), static_cast<uint32_t>(bytes.size()), frame) == FrameFault::kNone);
  CHECK(frame.l4 == 42);

  frames::Spec fragment;
  fragment.fragment = 0x2000;
  bytes = frames::build(fragment);
  CHECK(parse_frame(bytes.data(), static_cast<uint32_t>(bytes.size()), frame) == FrameFault::kNone);
  CHECK(frame.fragment);
  CHECK(frame.payload == 0);

  frames::Spec six;
  six.version = 6;
  six.ip_source = "fd00::2";
  six.ip_destination = "fd00::3";
  six.protocol = 17;
  six.payload = frames::pattern(20);
  bytes = frames::build(six);
  // A hop-by-hop header between IPv6 and UDP.
  const Bytes hop = {17, 0, 1, 4, 0, 0, 0, 0};
  bytes[20] = 0;
  frames::set16(bytes, 18, static_cast<uint16_t>(frames::get16(bytes, 18) + 8));
  bytes.insert(bytes.begin() + 54, hop.begin(), hop.end());
  CHECK(parse_frame(bytes.data(), static_cast<uint32_t>(bytes.size()), frame) == FrameFault::kNone);
  CHECK(frame.is_udp());
  CHECK(frame.l4 == 62);
}

TEST_CASE("frame: malformed ones are told apart") {
  frames::Spec spec;
  spec.payload = frames::pattern(40);
  const Bytes good = frames::build(spec);

  CHECK(fault_of(frames::slice(good, 0, 13)) == FrameFault::kRunt);
  CHECK(fault_of(frames::slice(good, 0, 14)) == FrameFault::kMalformedIp);
  CHECK(fault_of(frames::slice(good, 0, 33)) == FrameFault::kMalformedIp);

  Bytes bad = good;
  bad[14] = 0x44;  // header of 16 bytes
  CHECK(fault_of(bad) == FrameFault::kMalformedIp);
  bad = good;
  bad[14] = 0x65;  // IPv6 under IPv4's EtherType
  CHECK(fault_of(bad) == FrameFault::kMalformedIp);
  bad = good;
  frames::set16(bad, 16, static_cast<uint16_t>(good.size()));  // longer than the frame
  CHECK(fault_of(bad) == FrameFault::kMalformedIp);
  bad = good;
  frames::set16(bad, 16, 19);  // shorter than its header
  CHECK(fault_of(bad) == FrameFault::kMalformedIp);
  bad = good;
  frames::set16(bad, 12, 0x8100);
  CHECK(fault_of(bad) == FrameFault::kVlan);
}

TEST_CASE("frame: an L4 header that is cut short is carried, not inspected") {
  frames::Spec spec;
  Bytes bytes = frames::build(spec);
  bytes[46] = 0xf0;  // TCP header of 60 bytes in 20
  Frame frame;
  CHECK(parse_frame(bytes.data(), static_cast<uint32_t>(bytes.size()), frame) == FrameFault::kNone);
  CHECK(frame.payload == 0);
}

TEST_CASE("frame: any truncation of any frame stays within its bytes") {
  for (const int version : {4, 6}) {
    for (const uint8_t protocol : {6, 17}) {
      frames::Spec spec;
      spec.version = version;
      spec.protocol = protocol;
      if (version == 6) {
        spec.ip_source = "fd00::2";
        spec.ip_destination = "fd00::3";
      }
      spec.payload = frames::pattern(16);
      const Bytes whole = frames::build(spec);
      for (size_t length = 0; length <= whole.size(); length++) {
        // A heap block of just this size: ASan sees a read past the end.
        Bytes cut = frames::slice(whole, 0, length);
        cut.shrink_to_fit();
        Frame frame;
        if (parse_frame(cut.data(), static_cast<uint32_t>(length), frame) == FrameFault::kNone) {
          flow_hash(frame);
          has_partial_checksum(frame);
        }
      }
    }
  }
}

TEST_CASE("frame: a partial checksum is recognised and completed") {
  frames::Spec spec;
  spec.payload = frames::pattern(77);
  spec.partial_checksum = true;
  Bytes bytes = frames::build(spec);
  Frame frame;
  REQUIRE(parse_frame(bytes.data(), static_cast<uint32_t>(bytes.size()), frame) ==
          FrameFault::kNone);
  CHECK(has_partial_checksum(frame));
  REQUIRE(complete_checksum(bytes.data(), static_cast<uint32_t>(bytes.size()), 34, 16));
  CHECK(frames::verify(bytes) == "");
  CHECK_FALSE(has_partial_checksum(frame));
  CHECK_FALSE(complete_checksum(bytes.data(), static_cast<uint32_t>(bytes.size()), 34, 5000));
  CHECK_FALSE(complete_checksum(bytes.data(), static_cast<uint32_t>(bytes.size()), 60000, 16));
}

TEST_CASE("frame: fragments of one datagram share a flow hash, different ports do not") {
  const auto hash_of = [](const frames::Spec& spec) {
    Bytes bytes = frames::build(spec);
    Frame frame;
    parse_frame(bytes.data(), static_cast<uint32_t>(bytes.size()), frame);
    return flow_hash(frame);
  };
  frames::Spec first;
  first.protocol = 17;
  first.fragment = 0x2000;
  frames::Spec second = first;
  second.fragment = 0x0010;
  second.source_port = 9;
  CHECK(hash_of(first) == hash_of(second));
  first.fragment = second.fragment = 0x4000;
  CHECK(hash_of(first) != hash_of(second));
}

TEST_CASE("ecn: RFC 6040 at both ends") {
  struct Row {
    uint8_t inner, outer, expected;
    bool kept;
  };
  const Row rows[] = {
      {0, 0, 0, true}, {0, 1, 0, true}, {0, 2, 0, true}, {0, 3, 0, false}, {2, 0, 2, true},
      {2, 1, 1, true}, {2, 2, 2, true}, {2, 3, 3, true}, {1, 0, 1, true},  {1, 2, 1, true},
      {1, 3, 3, true}, {3, 0, 3, true}, {3, 3, 3, true},
  };
  for (const int version : {4, 6}) {
    for (const Row& row : rows) {
      frames::Spec spec;
      spec.version = version;
      spec.tos = row.inner;
      if (version == 6) {
        spec.ip_source = "fd00::2";
        spec.ip_destination = "fd00::3";
      }
      Bytes bytes = frames::build(spec);
      Frame frame;
      parse_frame(bytes.data(), static_cast<uint32_t>(bytes.size()), frame);
      CAPTURE(int(row.inner));
      CAPTURE(int(row.outer));
      CHECK(outer_tos(frame) == (row.inner == 3 ? 2 : row.inner));
      CHECK(decapsulate_ecn(frame, row.outer) == row.kept);
      if (row.kept) CHECK(inner_ecn(frame) == row.expected);
      CHECK(frames::verify(bytes) == "");
    }
  }
}

TEST_CASE("outer: headers are what a sender with checksum offload would write") {
  for (const int version : {4, 6}) {
    const Bytes source = frames::ip_bytes(version, version == 4 ? "192.168.56.129" : "fd00::129");
    const Bytes destination =
        frames::ip_bytes(version, version == 4 ? "192.168.56.130" : "fd00::130");
    const uint32_t before = outer_length(static_cast<uint8_t>(version));
    const Bytes payload = frames::pattern(60001);
    Bytes bytes(before);
    frames::append(bytes, payload);
    write_outer(
        bytes.data() + before, static_cast<uint32_t>(payload.size()),
        {static_cast<uint8_t>(version), source.data(), destination.data(), 50000, 4789, 2, 77});
    frames::Spec spec;
    spec.version = version;
    spec.destination = spec.source = 0;
    spec.protocol = 17;
    spec.tos = 2;
    spec.id = 77;
    spec.fragment = 0;
    spec.ip_source = version == 4 ? "192.168.56.129" : "fd00::129";
    spec.ip_destination = version == 4 ? "192.168.56.130" : "fd00::130";
    spec.source_port = 50000;
    spec.destination_port = 4789;
    spec.payload = payload;
    spec.partial_checksum = true;
    CHECK(bytes == frames::build(spec));
  }
}
