// Ends of the engine that cost next to nothing: the same frame or packets come
// in again and again, copied once as the kernel would, and what goes out is
// counted. MemoryPort and MemoryUnderlay keep all of it, and so would measure
// the allocator.
#pragma once

#include <cstring>
#include <vector>

#include "io/frame_port.h"
#include "io/underlay.h"
#include "wire/limits.h"

namespace micro {

using Bytes = std::vector<uint8_t>;

// Writes the MAC whose turn it is, if there are any.
inline void write_next(const std::vector<uint64_t>& macs, size_t& next, uint8_t* where) {
  if (macs.empty()) return;
  const uint64_t mac = __builtin_bswap64(macs[next] << 16);
  std::memcpy(where, &mac, 6);
  next = next + 1 == macs.size() ? 0 : next + 1;
}

class ReplayPort final : public overtap::FramePort {
 public:
  // With its virtio-net header in front.
  Bytes frame;
  // When there are some, frames go to them in turn.
  std::vector<uint64_t> destinations;
  uint64_t written = 0;

  uint32_t queues() const override { return 1; }

  int64_t read(uint32_t, uint8_t* buffer, uint32_t) override {
    std::memcpy(buffer, frame.data(), frame.size());
    write_next(destinations, next_, buffer + kVnetHeader);
    return static_cast<int64_t>(frame.size());
  }

  overtap::WriteResult write(uint32_t, const iovec*, int) override {
    written++;
    return overtap::WriteResult::kOk;
  }

  int fd(uint32_t) const override { return -1; }
  void destroy() override {}

 private:
  static constexpr size_t kVnetHeader = 10;
  size_t next_ = 0;
};

class ReplayUnderlay final : public overtap::Underlay {
 public:
  overtap::SocketAddress from{};
  // They arrive in turn.
  std::vector<Bytes> packets;
  // When there are some, packets come from them in turn.
  std::vector<uint64_t> sources;
  // Of the VXLAN packets that arrive merged in one; 0 for a single one.
  uint16_t segment_size = 0;
  uint64_t sent = 0;
  uint64_t received = 0;

  void send(const overtap::OutboundPacket* going, uint32_t count,
            overtap::SendResult* results) override {
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t size = going[i].segment_size;
      sent += size == 0 ? 1 : (going[i].bytes + size - 1) / size;
      results[i] = overtap::SendResult::kOk;
    }
  }

  uint16_t source_port(uint32_t) const override { return 49152; }

  uint32_t receive(uint32_t, overtap::InboundPacket* arriving, uint32_t capacity) override {
    for (uint32_t i = 0; i < capacity; i++) {
      uint8_t* data = &buffers_[i * overtap::limits::kBufferSize + overtap::limits::kHeadroom];
      const Bytes& packet = packets[received++ % packets.size()];
      std::memcpy(data, packet.data(), packet.size());
      write_next(sources, next_, data + kInnerSource);
      arriving[i] = {&from, data, static_cast<uint32_t>(packet.size()), segment_size, 0, false};
    }
    return capacity;
  }

  uint64_t overruns(uint32_t) const override { return 0; }
  int fd(uint32_t) const override { return -1; }

 private:
  static constexpr size_t kInnerSource = 8 + 6;
  size_t next_ = 0;
  Bytes buffers_ = Bytes(overtap::limits::kReceiveSlots * size_t{overtap::limits::kBufferSize});
};

}  // namespace micro
