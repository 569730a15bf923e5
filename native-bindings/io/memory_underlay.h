// An underlay made of vectors: tests and micro-benchmarks.
#pragma once

#include <cstring>
#include <deque>
#include <vector>

#include "io/underlay.h"
#include "wire/limits.h"

namespace overtap {

class MemoryUnderlay final : public Underlay {
 public:
  struct Sent {
    SocketAddress to;
    uint32_t flow_hash;
    uint16_t segment_size;
    uint8_t tos;
    std::vector<uint8_t> bytes;
    bool alone;
  };
  struct Arriving {
    SocketAddress from;
    std::vector<uint8_t> bytes;
    uint16_t segment_size = 0;
    uint8_t tos = 0;
    bool truncated = false;
  };

  std::vector<Sent> sent;
  std::deque<Arriving> arriving;
  SendResult send_result = SendResult::kOk;

  void send(const OutboundPacket* packets, uint32_t count, SendResult* results) override {
    for (uint32_t i = 0; i < count; i++) {
      const OutboundPacket& packet = packets[i];
      Sent record{packet.to->address, packet.flow_hash, packet.segment_size, packet.tos, {},
                  packet.alone};
      for (uint32_t p = 0; p < packet.part_count; p++) {
        const auto* bytes = static_cast<const uint8_t*>(packet.parts[p].iov_base);
        record.bytes.insert(record.bytes.end(), bytes, bytes + packet.parts[p].iov_len);
      }
      sent.push_back(std::move(record));
      results[i] = send_result;
    }
  }

  uint32_t receive(uint32_t, InboundPacket* packets, uint32_t capacity) override {
    delivered_.clear();
    while (!arriving.empty() && delivered_.size() < capacity) {
      delivered_.push_back(std::move(arriving.front()));
      arriving.pop_front();
      // Headroom before the packet, as the real buffers have it.
      auto& bytes = delivered_.back().bytes;
      bytes.insert(bytes.begin(), limits::kHeadroom, 0);
    }
    for (size_t i = 0; i < delivered_.size(); i++) {
      Arriving& from = delivered_[i];
      packets[i] = {&from.from,
                    from.bytes.data() + limits::kHeadroom,
                    static_cast<uint32_t>(from.bytes.size() - limits::kHeadroom),
                    from.segment_size,
                    from.tos,
                    from.truncated};
    }
    return static_cast<uint32_t>(delivered_.size());
  }

  uint16_t source_port(uint32_t flow_hash) const override {
    return static_cast<uint16_t>(49152 + flow_hash % 16);
  }
  uint64_t overruns(uint32_t) const override { return 0; }
  int fd(uint32_t) const override { return -1; }

 private:
  std::deque<Arriving> delivered_;
};

}  // namespace overtap
