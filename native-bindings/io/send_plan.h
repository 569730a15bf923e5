// Which packets of a batch can leave in one message: single packets of equal size
// to one peer, from one source port and with one TOS are a run for UDP_SEGMENT,
// however they were interleaved with others. The kernel then carries them through
// its stack as one.
#pragma once

#include <array>
#include <cstdint>

#include "io/underlay.h"
#include "wire/limits.h"

namespace overtap {

class SendPlan {
 public:
  struct Message {
    uint32_t first;  // index of its first packet
    uint32_t last;
    uint32_t sender;
    uint32_t packets;
    uint32_t bytes;
    bool closed;  // the last packet was shorter: nothing can follow it
  };

  // For at most kSendSlots packets. `senders`: the number of source ports. Without
  // `joins` each packet is a message of its own. Packets of one flow keep their order.
  void make(const OutboundPacket* packets, uint32_t count, uint32_t senders, bool joins);

  // Messages are grouped by sender.
  uint32_t size() const { return size_; }
  const Message& operator[](uint32_t index) const { return messages_[index]; }
  // Calls visit(index of packet) for each in a message, in order.
  template <typename Visit>
  void each(uint32_t message, Visit visit) const {
    for (uint32_t i = messages_[message].first; i != kNone; i = next_[i]) visit(i);
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  void sort_by_sender();
  Message* joinable(const OutboundPacket* packets, uint32_t packet, uint32_t sender);

  uint32_t size_ = 0;
  std::array<Message, limits::kSendSlots> messages_;
  std::array<uint32_t, limits::kSendSlots> next_;
};

}  // namespace overtap
