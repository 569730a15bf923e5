// One data-plane thread: waits for its TAPs and its underlay socket, and serves
// both directions in turn. It never waits for anything else.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "engine/grace.h"
#include "engine/inbound.h"
#include "engine/outbound.h"

namespace overtap {

class Worker {
 public:
  Worker(uint32_t index, Transports transports, Coalescer::Joins joins, const Tables& tables,
         Grace& grace, std::function<void()> notify);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  // Returns when the thread has ended. Idempotent.
  void stop();

  // Control thread: begin and end to serve a port, one queue of it. After unwatch, the port may
  // be in use until the next quiescent point.
  void watch(Port& port);
  void unwatch(Port& port);

  // One turn without waiting, for tests that drive the pipeline themselves.
  void serve_underlay() { inbound_.serve(); }
  void serve_port(Port& port);

  UpcallSink& upcalls() { return upcalls_; }
  const WorkerCounters& counters() const { return counters_; }

 private:
  void run();
  // Waits for work; returns the number of events, 0 when what came may be of a
  // port that is gone.
  int wait();
  void serve(void* source);

  const uint32_t index_;
  Grace& grace_;
  int epoll_ = -1;
  int wake_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> unwatched_{0};  // times
  WorkerCounters counters_;
  UpcallSink upcalls_;
  Outbound outbound_;
  Inbound inbound_;
  std::thread thread_;
  static constexpr int kMaxEvents = 64;
  struct Events;
  std::unique_ptr<Events> events_;
};

}  // namespace overtap
