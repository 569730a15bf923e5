// Which packets of a batch share a message.
#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "frames.h"
#include "io/send_plan.h"

using namespace overtap;

namespace {

constexpr uint32_t kSenders = 8;
const Remote kHere{frames::address("192.168.56.130"), nullptr, {}, {}};
const Remote kThere{frames::address("192.168.56.131"), nullptr, {}, {}};

struct Batch {
  std::vector<OutboundPacket> packets;

  Batch& add(uint32_t bytes, uint32_t flow = 0, const Remote& to = kHere, uint8_t tos = 0) {
    OutboundPacket packet{};
    packet.to = &to;
    packet.flow_hash = flow;
    packet.tos = tos;
    packet.part_count = 1;
    packet.bytes = bytes;
    packets.push_back(packet);
    return *this;
  }

  // The packets of each message by index: "0 1 | 2".
  std::string plan(bool joins = true) const {
    SendPlan plan;
    plan.make(packets.data(), static_cast<uint32_t>(packets.size()), kSenders, joins);
    std::string text;
    for (uint32_t i = 0; i < plan.size(); i++) {
      if (i > 0) text += "| ";
      plan.each(i, [&](uint32_t packet) { text += std::to_string(packet) + " "; });
    }
    return text.empty() ? text : text.substr(0, text.size() - 1);
  }
};

}  // namespace

TEST_CASE("send plan: packets of equal size to one peer are one message") {
  CHECK(Batch().add(100).add(100).add(100).plan() == "0 1 2");
  CHECK(Batch().add(100).add(100).plan(false) == "0 | 1");
}

TEST_CASE("send plan: a shorter packet is the last of its message") {
  CHECK(Batch().add(100).add(60).add(60).plan() == "0 1 | 2");
  CHECK(Batch().add(60).add(100).plan() == "0 | 1");
}

TEST_CASE("send plan: other peers, source ports and marks are kept apart") {
  CHECK(Batch().add(100).add(100, 0, kThere).add(100).plan() == "0 2 | 1");
  CHECK(Batch().add(100).add(100, 1).add(100).add(100, 1).plan() == "0 2 | 1 3");
  CHECK(Batch().add(100).add(100, 0, kHere, 2).add(100).plan() == "0 | 1 | 2");
}

TEST_CASE("send plan: what is too large for the path, or paused, goes alone") {
  Batch batch;
  batch.add(100).add(100).add(100);
  batch.packets[1].alone = true;
  CHECK(batch.plan() == "0 | 1 | 2");
  const Remote paused{frames::address("192.168.56.132"), nullptr, {}, {}};
  paused.runs.begin(EIO);
  CHECK(Batch().add(100, 0, paused).add(100, 0, paused).add(100).add(100).plan() == "0 | 1 | 2 3");
}

TEST_CASE("send plan: a message holds what one send takes") {
  Batch large;
  for (int i = 0; i < 8; i++) large.add(9000);
  CHECK(large.plan() == "0 1 2 3 4 5 6 | 7");
}

TEST_CASE("send plan: every packet leaves once, and no flow loses its order") {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; round++) {
    Batch batch;
    const uint32_t count = 1 + random() % limits::kSendSlots;
    for (uint32_t i = 0; i < count; i++) {
      batch.add(50 + 25 * (random() % 3), random() % 20, random() % 2 ? kHere : kThere);
      batch.packets.back().alone = random() % 8 == 0;
    }
    SendPlan plan;
    plan.make(batch.packets.data(), count, kSenders, true);
    std::vector<int> times(count, 0);
    std::map<std::pair<const Remote*, uint32_t>, uint32_t> last;
    for (uint32_t i = 0; i < plan.size(); i++) {
      plan.each(i, [&](uint32_t packet) {
        times[packet]++;
        const auto flow = std::pair(batch.packets[packet].to, batch.packets[packet].flow_hash);
        CHECK(packet >= last[flow]);
        last[flow] = packet;
      });
    }
    CHECK(times == std::vector<int>(count, 1));
  }
}
