#include "load/bulk.h"

#include <cerrno>
#include <vector>

namespace overtap::load {
namespace {

// As iperf3 has it.
constexpr size_t kChunk = 128 << 10;

}  // namespace

void send_bulk(const FileDescriptor& connection, const std::atomic<bool>& stop) {
  const std::vector<char> chunk(kChunk, 'o');
  while (!stop.load(std::memory_order_relaxed)) {
    if (send(connection.get(), chunk.data(), chunk.size(), MSG_NOSIGNAL) < 0 && errno != EINTR) {
      break;
    }
  }
  shutdown(connection.get(), SHUT_WR);
}

void receive_bulk(const FileDescriptor& connection, Meter& meter) {
  std::vector<char> chunk(kChunk);
  for (;;) {
    const ssize_t got = recv(connection.get(), chunk.data(), chunk.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    meter.add(static_cast<uint64_t>(got), 0);
  }
}

}  // namespace overtap::load
