#include "load/transactions.h"

#include <system_error>
#include <vector>

namespace overtap::load {
namespace {

template <typename Transaction>
void repeat(const Timed& timed, uint32_t size, Transaction transaction) {
  while (!timed.stop.load(std::memory_order_relaxed)) {
    const bool counts = timed.counting.load(std::memory_order_relaxed);
    const Clock::time_point start = Clock::now();
    if (!transaction()) return;
    if (!counts) continue;
    const auto passed = std::chrono::nanoseconds(Clock::now() - start);
    timed.histogram.add(static_cast<uint64_t>(passed.count()));
    timed.meter.add(size, 1);
  }
}

// The server closes first, so that ports in TIME_WAIT are on its side.
void exchange_and_close(const FileDescriptor& connection, std::vector<char>& buffer) {
  write_all(connection, buffer.data(), buffer.size());
  read_all(connection, buffer.data(), buffer.size());
  char end;
  read_all(connection, &end, 1);
}

}  // namespace

void ask(const FileDescriptor& connection, uint32_t size, const Timed& timed) {
  std::vector<char> buffer(size);
  repeat(timed, size, [&] {
    write_all(connection, buffer.data(), size);
    return read_all(connection, buffer.data(), size);
  });
  shutdown(connection.get(), SHUT_WR);
}

void ask_anew(const Address& server, uint32_t size, const Timed& timed) {
  std::vector<char> buffer(size);
  repeat(timed, size, [&] {
    const FileDescriptor connection = connect_to(server);
    exchange_and_close(connection, buffer);
    return true;
  });
}

void answer(const FileDescriptor& connection, uint32_t size) {
  std::vector<char> buffer(size);
  while (read_all(connection, buffer.data(), size)) write_all(connection, buffer.data(), size);
}

void answer_anew(const FileDescriptor& listener, const Address& client, uint32_t size,
                 const std::atomic<bool>& stop) {
  std::vector<char> buffer(size);
  while (!stop.load(std::memory_order_relaxed)) {
    Address from{};
    const FileDescriptor connection = accept_within(listener, 50, from);
    if (!connection.open() || !same_host(from, client)) continue;
    try {
      set_read_timeout(connection, 1000);
      if (read_all(connection, buffer.data(), size)) write_all(connection, buffer.data(), size);
    } catch (const std::system_error&) {
      // This client of many gave up; the next one may not.
    }
  }
}

}  // namespace overtap::load
