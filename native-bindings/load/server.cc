#include "load/server.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "load/bulk.h"
#include "load/crew.h"
#include "load/datagrams.h"
#include "load/run.h"
#include "load/transactions.h"

namespace overtap::load {
namespace {

// One run for one client.
class Session {
 public:
  Session(const FileDescriptor& listener, const FileDescriptor& control, const Address& client)
      : listener_(listener), control_(control), client_(client) {}
  ~Session() { stop(); }

  void run() {
    set_read_timeout(control_, kPatienceMilliseconds);
    const auto request = parse_line(read_line(control_));
    if (!request) {
      write_line(control_, "error the request is not understood, or beyond the limits");
      return;
    }
    request_ = *request;
    if (is_datagrams(request_)) open_datagrams();
    write_line(control_, "go");
    accept_connections();
    start_threads();
    write_line(control_, "start");
    const Measured measured = measure_window(
        meter_, kWarmupMilliseconds, request_.milliseconds,
        [this](uint32_t milliseconds) { wait_beside_client(milliseconds); }, [](const char*) {});
    // Even if the client never stops by itself.
    sleep_for(kGraceMilliseconds);
    stop();
    crew_.join();
    report(measured);
  }

 private:
  void open_datagrams() {
    Address peer = client_;
    set_port(peer, request_.udp_port);
    datagrams_ = udp_socket(local_address(control_));
    connect_udp(datagrams_, peer);
  }

  void accept_connections() {
    while (connections_.size() < connections_of(request_)) {
      Address from{};
      FileDescriptor connection = accept_within(listener_, kPatienceMilliseconds, from);
      if (!connection.open()) throw std::runtime_error("the client did not connect");
      if (!same_host(from, client_)) continue;
      set_read_timeout(connection, kPatienceMilliseconds);
      connections_.push_back(std::move(connection));
    }
  }

  void start_threads() {
    if (is_datagrams(request_)) {
      const bool gro = request_.kind == Kind::kGso;
      crew_.start([this, gro] { receive_datagrams(datagrams_, gro, stop_, meter_); });
    } else if (request_.kind == Kind::kConnections) {
      crew_.start([this] { answer_anew(listener_, client_, request_.size, stop_); });
    }
    for (size_t i = 0; i < connections_.size(); i++) start_connection(i);
  }

  void start_connection(size_t index) {
    const FileDescriptor& connection = connections_[index];
    if (index == 0 && request_.kind == Kind::kRequests) {
      crew_.start([this, &connection] { answer(connection, request_.size); });
      return;
    }
    crew_.start([this, &connection] { receive_bulk(connection, meter_); });
    if (request_.both) crew_.start([this, &connection] { send_bulk(connection, stop_); });
  }

  // The control connection is silent for the whole run, unless the client is gone.
  void wait_beside_client(uint32_t milliseconds) {
    if (readable_within(control_, static_cast<int>(milliseconds))) {
      throw std::runtime_error("the client went away");
    }
  }

  void stop() {
    stop_ = true;
    for (const auto& connection : connections_) shutdown(connection.get(), SHUT_RDWR);
  }

  void report(const Measured& measured) {
    const Amount total = meter_.read();
    char line[160];
    std::snprintf(line, sizeof line, "result %lu %lu %.6f %lu %lu", measured.window.bytes,
                  measured.window.packets, measured.seconds, total.bytes, total.packets);
    write_line(control_, line);
  }

  const FileDescriptor& listener_;
  const FileDescriptor& control_;
  const Address client_;
  Request request_;
  std::vector<FileDescriptor> connections_;
  FileDescriptor datagrams_;
  Meter meter_;
  std::atomic<bool> stop_{false};
  Crew crew_;
};

}  // namespace

void serve(const Address& local, const std::vector<Address>& allowed) {
  const FileDescriptor listener = listen_on(local);
  std::printf("listening\n");
  std::fflush(stdout);
  for (;;) {
    Address client{};
    const FileDescriptor control = accept_within(listener, -1, client);
    if (!control.open()) continue;
    const bool welcome =
        allowed.empty() || std::any_of(allowed.begin(), allowed.end(),
                                       [&](const Address& one) { return same_host(one, client); });
    try {
      if (welcome) {
        Session(listener, control, client).run();
      } else {
        write_line(control, "error the server does not allow this address");
      }
    } catch (const std::exception& error) {
      std::fprintf(stderr, "overtap-load: a run ended early: %s\n", error.what());
    }
  }
}

}  // namespace overtap::load
