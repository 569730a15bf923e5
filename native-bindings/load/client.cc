#include "load/client.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include "load/bulk.h"
#include "load/crew.h"
#include "load/datagrams.h"
#include "load/run.h"
#include "load/transactions.h"

namespace overtap::load {
namespace {

// Longer than any run: another client may be served first.
constexpr int kQueuePatienceMilliseconds = 2 * static_cast<int>(kMaxMilliseconds);

class Session {
 public:
  Session(const Address& server, const Request& request)
      : server_(server), request_(request), control_(connect_to(server)) {}

  void run() {
    set_read_timeout(control_, kQueuePatienceMilliseconds);
    if (is_datagrams(request_)) open_datagrams();
    write_line(control_, to_line(request_));
    expect("go");
    for (uint32_t i = 0; i < connections_of(request_); i++) {
      connections_.push_back(connect_to(server_));
    }
    expect("start");
    start_threads();
    const Measured back = measure_window(meter_, kWarmupMilliseconds, request_.milliseconds,
                                         sleep_for, [this](const char* edge) { mark(edge); });
    stop_ = true;
    crew_.join();
    if (!crew_.problem().empty()) throw std::runtime_error(crew_.problem());
    print(read_result(), back);
  }

 private:
  void open_datagrams() {
    Address local = local_address(control_);
    set_port(local, 0);
    datagrams_ = udp_socket(local);
    connect_udp(datagrams_, server_);
    request_.udp_port = port_of(local_address(datagrams_));
  }

  void expect(const char* word) {
    const std::string line = read_line(control_);
    if (line == word) return;
    throw std::runtime_error(line.starts_with("error ") ? line.substr(6) : "unexpected: " + line);
  }

  void start_threads() {
    if (is_datagrams(request_)) {
      const bool gso = request_.kind == Kind::kGso;
      crew_.start([this, gso] { sent_ = send_datagrams(datagrams_, request_.size, gso, stop_); });
    } else if (request_.kind == Kind::kConnections) {
      crew_.start([this] { ask_anew(server_, request_.size, timed_); });
    }
    for (size_t i = 0; i < connections_.size(); i++) start_connection(i);
  }

  void start_connection(size_t index) {
    const FileDescriptor& connection = connections_[index];
    if (index == 0 && request_.kind == Kind::kRequests) {
      crew_.start([this, &connection] { ask(connection, request_.size, timed_); });
      return;
    }
    crew_.start([this, &connection] { send_bulk(connection, stop_); });
    if (request_.both) crew_.start([this, &connection] { receive_bulk(connection, meter_); });
  }

  void mark(const char* edge) {
    counting_ = edge[0] == 'b';
    std::printf("%s\n", edge);
    std::fflush(stdout);
  }

  Measured read_result() {
    Measured measured;
    const std::string line = read_line(control_);
    const int fields =
        std::sscanf(line.c_str(), "result %lu %lu %lf %lu %lu", &measured.window.bytes,
                    &measured.window.packets, &measured.seconds, &measured.total.bytes,
                    &measured.total.packets);
    if (fields != 5 || measured.seconds <= 0) throw std::runtime_error("unexpected: " + line);
    return measured;
  }

  void print(const Measured& there, const Measured& here) {
    const double forward = static_cast<double>(there.window.bytes) * 8 / there.seconds;
    const double backward =
        request_.both ? static_cast<double>(here.window.bytes) * 8 / here.seconds : 0;
    const double lost =
        sent_ == 0 ? 0 : 1 - static_cast<double>(there.total.packets) / static_cast<double>(sent_);
    std::printf(
        "{\"bitsPerSecond\":%.0f,\"backwardBitsPerSecond\":%.0f,\"packetsPerSecond\":%.0f,"
        "\"loss\":%.6f,\"windowBytes\":%lu,\"transactionsPerSecond\":%.1f,"
        "\"latencyUs\":{\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f}}\n",
        forward, backward, static_cast<double>(there.window.packets) / there.seconds,
        std::max(lost, 0.0), there.window.bytes + (request_.both ? here.window.bytes : 0),
        static_cast<double>(histogram_.total()) / here.seconds, microseconds(0.5),
        microseconds(0.99), microseconds(0.999), static_cast<double>(histogram_.max()) / 1000);
  }

  double microseconds(double share) const {
    return static_cast<double>(histogram_.percentile(share)) / 1000;
  }

  const Address server_;
  Request request_;
  FileDescriptor control_;
  std::vector<FileDescriptor> connections_;
  FileDescriptor datagrams_;
  Meter meter_;
  Histogram histogram_;
  std::atomic<bool> counting_{false};
  std::atomic<bool> stop_{false};
  const Timed timed_{counting_, stop_, histogram_, meter_};
  uint64_t sent_ = 0;
  Crew crew_;
};

}  // namespace

void measure(const Address& server, Request request) {
  Session(server, request).run();
}

}  // namespace overtap::load
