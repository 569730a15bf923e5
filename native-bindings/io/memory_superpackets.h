// Superpackets that go into a vector: tests and micro-benchmarks.
#pragma once

#include <vector>

#include "io/superpacket_sender.h"

namespace overtap {

class MemorySuperpackets final : public SuperpacketSender {
 public:
  struct Sent {
    VirtioNetHeader inner;
    SocketAddress to;
    uint32_t interface;
    uint16_t source_port;
    uint8_t tos;
    std::vector<uint8_t> bytes;  // from the VXLAN header on
  };

  std::vector<Sent> sent;
  SendResult send_result = SendResult::kOk;
  // Every peer is behind it.
  std::shared_ptr<Path> path = std::make_shared<Path>();

  std::shared_ptr<Path> path_to(const SocketAddress&) override { return path; }

  SendResult send(const Superpacket& packet) override {
    if (send_result != SendResult::kOk) return send_result;
    sent.push_back({packet.inner, packet.to->address, packet.interface, packet.source_port,
                    packet.tos, std::vector<uint8_t>(packet.vxlan, packet.vxlan + packet.length)});
    return SendResult::kOk;
  }
};

}  // namespace overtap
