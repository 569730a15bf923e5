// The UDP transport on real sockets, over loopback.
#include <doctest/doctest.h>
#include <poll.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "frames.h"
#include "io/udp_underlay.h"

using namespace overtap;
using frames::Bytes;

namespace {

constexpr int kWaitMilliseconds = 2000;

struct Arrived {
  Bytes bytes;
  uint16_t source_port;
  uint8_t tos;
};

SocketAddress loopback6() {
  SocketAddress address;
  std::memset(&address, 0, sizeof address);
  address.v6.sin6_family = AF_INET6;
  address.v6.sin6_addr = in6addr_loopback;
  return address;
}

// Two VTEPs' sockets: `near` sends, `far` receives at a port of the kernel's choice.
struct Pair {
  std::unique_ptr<UdpUnderlay> near;
  std::unique_ptr<UdpUnderlay> far;
  uint32_t far_workers = 1;
  std::unique_ptr<Remote> remote;

  explicit Pair(UdpOptions options = {}, SocketAddress local = frames::address("127.0.0.1", 0))
      : near(open(local, 1, options)), far(open(local, 1, options)) {
    SocketAddress to;
    socklen_t size = sizeof to;
    REQUIRE(getsockname(far->fd(0), &to.any, &size) == 0);
    remote.reset(new Remote{to, nullptr, {}, {}});
  }

  static std::unique_ptr<UdpUnderlay> open(const SocketAddress& local, uint32_t workers,
                                           UdpOptions options) {
    auto opened = UdpUnderlay::open(local, workers, options);
    REQUIRE(std::holds_alternative<std::unique_ptr<UdpUnderlay>>(opened));
    return std::move(std::get<std::unique_ptr<UdpUnderlay>>(opened));
  }

  std::vector<SendResult> send(const std::vector<OutboundPacket>& packets) {
    std::vector<SendResult> results(packets.size(), SendResult::kError);
    near->send(packets.data(), static_cast<uint32_t>(packets.size()), results.data());
    return results;
  }

  // Datagrams as they were sent, whatever was merged, until there are so many.
  std::vector<Arrived> receive(size_t count) {
    std::vector<Arrived> arrived;
    std::vector<pollfd> waiting;
    for (uint32_t i = 0; i < far_workers; i++) waiting.push_back({far->fd(i), POLLIN, 0});
    while (arrived.size() < count && poll(waiting.data(), waiting.size(), kWaitMilliseconds) > 0) {
      for (uint32_t i = 0; i < far_workers; i++) take(i, arrived);
    }
    return arrived;
  }

  void take(uint32_t worker, std::vector<Arrived>& arrived) {
    std::array<InboundPacket, 4> packets;
    const uint32_t count = far->receive(worker, packets.data(), packets.size());
    for (uint32_t i = 0; i < count; i++) {
      const InboundPacket& packet = packets[i];
      const uint32_t step = packet.segment_size != 0 ? packet.segment_size : packet.length;
      for (uint32_t at = 0; at < packet.length; at += step) {
        const uint32_t length = std::min(step, packet.length - at);
        arrived.push_back({Bytes(packet.data + at, packet.data + at + length),
                           ntohs(packet.from->v4.sin_port), packet.tos});
      }
    }
  }
};

// Packets with the storage that they point into.
struct Outgoing {
  std::vector<Bytes> payloads;
  std::vector<iovec> parts;
  std::vector<OutboundPacket> packets;

  explicit Outgoing(std::vector<Bytes> bytes) : payloads(std::move(bytes)) {
    for (Bytes& payload : payloads) parts.push_back({payload.data(), payload.size()});
  }

  // Each payload for itself.
  std::vector<OutboundPacket>& singles(const Remote& to, uint32_t flows = 1) {
    for (size_t i = 0; i < payloads.size(); i++) {
      packets.push_back({&to, static_cast<uint32_t>(i % flows), 0, 0, &parts[i], 1,
                         static_cast<uint32_t>(payloads[i].size())});
    }
    return packets;
  }

  // Pairs of payloads, {headers, rest}, as one run.
  std::vector<OutboundPacket>& run(const Remote& to) {
    uint32_t bytes = 0;
    for (const Bytes& payload : payloads) bytes += static_cast<uint32_t>(payload.size());
    const auto size = static_cast<uint16_t>(payloads[0].size() + payloads[1].size());
    packets.push_back({&to, 5, size, 0, parts.data(), static_cast<uint32_t>(parts.size()), bytes});
    return packets;
  }
};

bool all_ok(const std::vector<SendResult>& results) {
  return std::all_of(results.begin(), results.end(),
                     [](SendResult result) { return result == SendResult::kOk; });
}

std::vector<Bytes> numbered(size_t count, size_t size) {
  std::vector<Bytes> payloads;
  for (size_t i = 0; i < count; i++) {
    payloads.push_back(frames::pattern(size, static_cast<uint8_t>(i)));
  }
  return payloads;
}

}  // namespace

TEST_CASE("udp underlay: a run arrives as the packets it is made of") {
  for (const bool offloads : {true, false}) {
    CAPTURE(offloads);
    Pair pair({offloads, offloads});
    Outgoing out(numbered(20, 600));
    out.payloads.back().resize(100);
    out.parts.back().iov_len = 100;
    CHECK(all_ok(pair.send(out.run(*pair.remote))));

    const auto arrived = pair.receive(10);
    REQUIRE(arrived.size() == 10);
    for (size_t i = 0; i < arrived.size(); i++) {
      Bytes expected = out.payloads[2 * i];
      frames::append(expected, out.payloads[2 * i + 1]);
      CHECK(arrived[i].bytes == expected);
      CHECK(arrived[i].source_port == pair.near->source_port(5));
    }
  }
}

TEST_CASE("udp underlay: packets of a batch keep the order and the source port of their flow") {
  for (const bool offloads : {true, false}) {
    CAPTURE(offloads);
    Pair pair({offloads, offloads});
    Outgoing out(numbered(limits::kSendSlots, 100));
    CHECK(all_ok(pair.send(out.singles(*pair.remote, 3))));

    const auto arrived = pair.receive(limits::kSendSlots);
    REQUIRE(arrived.size() == limits::kSendSlots);
    std::map<uint16_t, std::vector<Bytes>> by_port;
    for (const Arrived& one : arrived) by_port[one.source_port].push_back(one.bytes);
    for (uint32_t flow = 0; flow < 3; flow++) {
      std::vector<Bytes> expected;
      for (size_t i = flow; i < out.payloads.size(); i += 3) expected.push_back(out.payloads[i]);
      CHECK(by_port[pair.near->source_port(flow)] == expected);
    }
  }
}

TEST_CASE("udp underlay: one packet that is too large fails alone") {
  Pair pair;
  Outgoing out(numbered(3, 100));
  out.payloads[1] = frames::pattern(65508);
  out.parts[1] = {out.payloads[1].data(), out.payloads[1].size()};
  const auto results = pair.send(out.singles(*pair.remote));
  CHECK(results[0] == SendResult::kOk);
  CHECK(results[1] == SendResult::kOversize);
  CHECK(results[2] == SendResult::kOk);
  CHECK(pair.receive(2).size() == 2);
}

TEST_CASE("udp underlay: DSCP and ECN of the outer packet arrive, over both families") {
  for (const SocketAddress& local : {frames::address("127.0.0.1", 0), loopback6()}) {
    CAPTURE(static_cast<int>(local.ip_version()));
    Pair pair({}, local);
    Outgoing out(numbered(2, 100));
    auto& packets = out.singles(*pair.remote);
    packets[1].tos = 0xb9;
    CHECK(all_ok(pair.send(packets)));
    std::map<uint8_t, Bytes> by_tos;
    for (const Arrived& one : pair.receive(2)) by_tos[one.tos] = one.bytes;
    CHECK(by_tos[0] == out.payloads[0]);
    CHECK(by_tos[0xb9] == out.payloads[1]);
  }
}

TEST_CASE("udp underlay: workers share a port, and what arrives reaches one of them") {
  const SocketAddress free_port = Pair().remote->address;
  Pair pair;
  pair.far = Pair::open(free_port, 3, {});
  pair.far_workers = 3;
  const Remote remote{free_port, nullptr, {}, {}};
  Outgoing out(numbered(limits::kSendSlots, 100));
  CHECK(all_ok(pair.send(out.singles(remote, limits::kSourcePorts))));
  CHECK(pair.receive(limits::kSendSlots).size() == limits::kSendSlots);
}

TEST_CASE("udp underlay: two on one host have source ports of their own") {
  Pair pair;
  std::set<uint16_t> ports;
  for (uint32_t i = 0; i < limits::kSourcePorts; i++) {
    ports.insert(pair.near->source_port(i));
    ports.insert(pair.far->source_port(i));
  }
  CHECK(ports.size() == 2 * limits::kSourcePorts);
}
