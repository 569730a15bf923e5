#include "io/send_plan.h"

namespace overtap {

// HOT PATH.
void SendPlan::make(const OutboundPacket* packets, uint32_t count, uint32_t senders, bool joins) {
  size_ = 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t sender = packets[i].flow_hash % senders;
    next_[i] = kNone;
    Message* message = joins ? joinable(packets, i, sender) : nullptr;
    if (message == nullptr) {
      const bool closed = packets[i].segment_size != 0 || packets[i].alone;
      messages_[size_++] = {i, i, sender, 1, packets[i].bytes, closed};
      continue;
    }
    message->closed = packets[i].bytes < packets[message->first].bytes;
    next_[message->last] = i;
    message->last = i;
    message->packets++;
    message->bytes += packets[i].bytes;
  }
  sort_by_sender();
}

// Packets of one flow have one sender, so their order stays. There are few, and often one.
void SendPlan::sort_by_sender() {
  for (uint32_t i = 1; i < size_; i++) {
    const Message message = messages_[i];
    uint32_t to = i;
    for (; to > 0 && messages_[to - 1].sender > message.sender; to--) {
      messages_[to] = messages_[to - 1];
    }
    messages_[to] = message;
  }
}

// The message that a packet may join. Only the newest of its peer and source port
// comes into question, or the packet would overtake those of its flow in it.
SendPlan::Message* SendPlan::joinable(const OutboundPacket* packets, uint32_t packet,
                                      uint32_t sender) {
  const OutboundPacket& candidate = packets[packet];
  for (uint32_t i = size_; i-- > 0;) {
    Message& message = messages_[i];
    const OutboundPacket& first = packets[message.first];
    if (message.sender != sender || first.to != candidate.to) continue;
    const bool fits = !message.closed && !first.to->runs.active() && candidate.segment_size == 0 &&
                      !candidate.alone && first.tos == candidate.tos &&
                      candidate.bytes <= first.bytes &&
                      message.packets < limits::kMaxSegmentsPerSend &&
                      message.bytes + candidate.bytes <= limits::kMaxUdpPayload;
    return fits ? &message : nullptr;
  }
  return nullptr;
}

}  // namespace overtap
