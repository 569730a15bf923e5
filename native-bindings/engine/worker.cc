#include "engine/worker.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace overtap {

struct Worker::Events {
  epoll_event list[kMaxEvents];
};

Worker::Worker(uint32_t index, Transports transports, Coalescer::Joins joins, const Tables& tables,
               Grace& grace, std::function<void()> notify)
    : index_(index),
      grace_(grace),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      upcalls_(std::move(notify)),
      outbound_(index, transports, counters_, upcalls_),
      inbound_(index, transports.underlay, joins, tables, counters_, upcalls_),
      events_(new Events) {
  epoll_event event{EPOLLIN, {.ptr = &wake_}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
  const int socket = transports.underlay.fd(index);
  if (socket < 0) return;
  event.data.ptr = &inbound_;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
}

Worker::~Worker() {
  stop();
  close(epoll_);
  close(wake_);
}

void Worker::start() {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), ("overtap-w" + std::to_string(index_)).c_str());
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  const uint64_t one = 1;
  (void)!write(wake_, &one, sizeof one);
  thread_.join();
}

void Worker::watch(Port& port) {
  const int fd = port.io->fd(port.queue_of(index_));
  if (fd < 0) return;
  epoll_event event{EPOLLIN, {.ptr = &port}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void Worker::unwatch(Port& port) {
  const int fd = port.io->fd(port.queue_of(index_));
  if (fd < 0) return;
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  unwatched_.fetch_add(1);
}

// HOT PATH.
void Worker::run() {
  while (!stopping_.load(std::memory_order_relaxed)) {
    const int count = wait();
    for (int i = 0; i < count; i++) serve(events_->list[i].data.ptr);
  }
  grace_.offline(index_);
}

int Worker::wait() {
  const uint64_t unwatched = unwatched_.load();
  grace_.offline(index_);
  const int count = epoll_wait(epoll_, events_->list, kMaxEvents, -1);
  grace_.online(index_);
  // A port that was unwatched meanwhile may be gone already, and its event here.
  return unwatched_.load() == unwatched ? std::max(0, count) : 0;
}

void Worker::serve(void* source) {
  if (source == &wake_) return;
  if (source == &inbound_) {
    inbound_.serve();
    return;
  }
  serve_port(*static_cast<Port*>(source));
}

void Worker::serve_port(Port& port) {
  if (outbound_.serve(port)) return;
  unwatch(port);
  const uint8_t no_frame = 0;
  upcalls_.push(UpcallReason::kPortLost, port.network->vni, port.id, kNobody, &no_frame, 0,
                counters_);
}

}  // namespace overtap
