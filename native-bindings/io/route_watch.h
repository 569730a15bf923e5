// Follows the kernel's routes to the peers (rtnetlink(7)). A thread of its own
// sleeps until routes, rules, addresses or links change, and asks again for all peers.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "io/file_descriptor.h"
#include "io/path.h"
#include "io/socket_address.h"

namespace overtap {

class RouteWatch {
 public:
  // Routes are those that packets from `local` take.
  explicit RouteWatch(const SocketAddress& local);
  ~RouteWatch();
  RouteWatch(const RouteWatch&) = delete;
  RouteWatch& operator=(const RouteWatch&) = delete;

  // The path to an address, followed for as long as anybody holds it.
  std::shared_ptr<Path> follow(const SocketAddress& to);

 private:
  void run();
  void refresh();

  const SocketAddress local_;
  FileDescriptor queries_;
  FileDescriptor changes_;
  FileDescriptor stop_;
  std::mutex lock_;  // of the two sockets' use and of the list
  std::vector<std::pair<SocketAddress, std::weak_ptr<Path>>> followed_;
  std::thread thread_;
};

}  // namespace overtap
