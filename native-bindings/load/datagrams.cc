#include "load/datagrams.h"

#include <netinet/udp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <vector>

namespace overtap::load {
namespace {

constexpr uint32_t kBatch = 64;
constexpr int kQuietMilliseconds = 100;
// However much still comes.
constexpr std::chrono::milliseconds kDrain{1000};
// What fits into one UDP packet, and the kernel's limit before 6.9.
constexpr uint32_t kMaxGsoBytes = 65000;
constexpr uint32_t kMaxGsoSegments = 64;

void set(const FileDescriptor& socket, int option, int value) {
  if (setsockopt(socket.get(), SOL_UDP, option, &value, sizeof value) < 0) {
    throw std::system_error(errno, std::generic_category(), "UDP offloads");
  }
}

// The size of the datagrams that the kernel merged into this one; 0 for none.
uint32_t merged_size(msghdr& message) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO) continue;
    int size;
    std::memcpy(&size, CMSG_DATA(c), sizeof size);
    return static_cast<uint32_t>(size);
  }
  return 0;
}

struct Batch {
  explicit Batch(size_t buffer_size) : memory(kBatch * buffer_size) {
    for (uint32_t i = 0; i < kBatch; i++) {
      parts[i] = {memory.data() + i * buffer_size, buffer_size};
      messages[i] = {};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }

  int receive(const FileDescriptor& socket) {
    for (uint32_t i = 0; i < kBatch; i++) {
      messages[i].msg_hdr.msg_control = control[i].data();
      messages[i].msg_hdr.msg_controllen = control[i].size();
    }
    return recvmmsg(socket.get(), messages.data(), kBatch, MSG_WAITFORONE, nullptr);
  }

  std::vector<char> memory;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages;
  alignas(cmsghdr) std::array<std::array<char, CMSG_SPACE(sizeof(int))>, kBatch> control;
};

}  // namespace

uint64_t send_datagrams(const FileDescriptor& socket, uint32_t size, bool gso,
                        const std::atomic<bool>& stop) {
  const uint32_t segments = gso ? std::min(kMaxGsoBytes / size, kMaxGsoSegments) : 1;
  if (gso) set(socket, UDP_SEGMENT, static_cast<int>(size));
  const std::vector<char> payload(size_t{size} * segments, 'o');
  uint64_t sent = 0;
  while (!stop.load(std::memory_order_relaxed)) {
    // A full queue or a lost host is loss like any other.
    if (send(socket.get(), payload.data(), payload.size(), 0) >= 0) sent += segments;
  }
  return sent;
}

void receive_datagrams(const FileDescriptor& socket, bool gro, const std::atomic<bool>& stop,
                       Meter& meter) {
  if (gro) set(socket, UDP_GRO, 1);
  set_read_timeout(socket, kQuietMilliseconds);
  Batch batch(gro ? 65536 : 9216);
  std::optional<Clock::time_point> end;
  for (;;) {
    const int count = batch.receive(socket);
    if (stop.load(std::memory_order_relaxed)) {
      if (!end) end = Clock::now() + kDrain;
      if (count <= 0 || Clock::now() > *end) return;
    }
    Amount arrived;
    for (int i = 0; i < count; i++) {
      mmsghdr& message = batch.messages[static_cast<size_t>(i)];
      const uint32_t merged = gro ? merged_size(message.msg_hdr) : 0;
      arrived.bytes += message.msg_len;
      arrived.packets += merged == 0 ? 1 : (message.msg_len + merged - 1) / merged;
    }
    meter.add(arrived.bytes, arrived.packets);
  }
}

}  // namespace overtap::load
