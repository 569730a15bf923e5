// A port whose frames come from and go to vectors: tests and micro-benchmarks.
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <vector>

#include "io/frame_port.h"
#include "wire/virtio_net.h"

namespace overtap {

class MemoryPort final : public FramePort {
 public:
  // With its virtio-net header in front.
  using Bytes = std::vector<uint8_t>;

  std::deque<Bytes> to_read;
  std::vector<Bytes> written;
  WriteResult write_result = WriteResult::kOk;
  bool takes_udp_superpackets = true;  // a TAP does since Linux 6.2

  uint32_t queues() const override { return 1; }

  int64_t read(uint32_t, uint8_t* buffer, uint32_t capacity) override {
    if (to_read.empty()) return 0;
    const Bytes frame = std::move(to_read.front());
    to_read.pop_front();
    const size_t length = std::min<size_t>(capacity, frame.size());
    std::memcpy(buffer, frame.data(), length);
    return static_cast<int64_t>(length);
  }

  WriteResult write(uint32_t, const iovec* parts, int count) override {
    if (write_result != WriteResult::kOk) return write_result;
    const auto* vnet = static_cast<const VirtioNetHeader*>(parts[0].iov_base);
    if (vnet->gso_type == virtio::kGsoUdpL4 && !takes_udp_superpackets) {
      return WriteResult::kRefused;
    }
    Bytes whole;
    for (int i = 0; i < count; i++) {
      const auto* bytes = static_cast<const uint8_t*>(parts[i].iov_base);
      whole.insert(whole.end(), bytes, bytes + parts[i].iov_len);
    }
    written.push_back(std::move(whole));
    return WriteResult::kOk;
  }

  int fd(uint32_t) const override { return -1; }
  void destroy() override {}
};

}  // namespace overtap
