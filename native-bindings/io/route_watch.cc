#include "io/route_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace overtap {
namespace {

// Changes often come many at a time: asking waits until they have come.
constexpr int kSettleMilliseconds = 20;

constexpr int kChanges[] = {RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV4_RULE,
                            RTNLGRP_IPV6_RULE,  RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
                            RTNLGRP_LINK,       RTNLGRP_NEXTHOP};

FileDescriptor open_netlink() {
  FileDescriptor fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  // Without an address of its own a socket is not told of changes (do_one_broadcast).
  bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  return fd;
}

// A group that the kernel does not know is one it does not have (RTNLGRP_NEXTHOP: Linux 5.3).
FileDescriptor listen_to_changes() {
  FileDescriptor fd = open_netlink();
  for (const int group : kChanges) {
    setsockopt(fd.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group);
  }
  return fd;
}

struct RouteRequest {
  nlmsghdr header{};
  rtmsg route{};
  uint8_t attributes[64];

  void add(uint16_t type, const void* value, uint16_t size) {
    auto* attribute =
        reinterpret_cast<rtattr*>(reinterpret_cast<uint8_t*>(this) + NLMSG_ALIGN(header.nlmsg_len));
    attribute->rta_type = type;
    attribute->rta_len = static_cast<uint16_t>(RTA_LENGTH(size));
    std::memcpy(RTA_DATA(attribute), value, size);
    header.nlmsg_len = NLMSG_ALIGN(header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
  }
};

RouteRequest request_for(const SocketAddress& from, const SocketAddress& to) {
  RouteRequest request;
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(rtmsg));
  request.header.nlmsg_type = RTM_GETROUTE;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.route.rtm_family = static_cast<uint8_t>(to.any.sa_family);
  request.route.rtm_dst_len = static_cast<uint8_t>(8 * to.ip_size());
  request.add(RTA_DST, to.ip(), to.ip_size());
  request.route.rtm_src_len = static_cast<uint8_t>(8 * from.ip_size());
  request.add(RTA_SRC, from.ip(), from.ip_size());
  return request;
}

uint32_t device_mtu(int socket, uint32_t interface) {
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(interface);
  if (ioctl(socket, SIOCGIFNAME, &request) != 0 || ioctl(socket, SIOCGIFMTU, &request) != 0) {
    return 0;
  }
  return static_cast<uint32_t>(request.ifr_mtu);
}

uint32_t number(const rtattr* attribute) {
  uint32_t value;
  std::memcpy(&value, RTA_DATA(attribute), sizeof value);
  return value;
}

uint32_t mtu_metric(const rtattr* metrics) {
  int left = static_cast<int>(RTA_PAYLOAD(metrics));
  const auto* metric = static_cast<const rtattr*>(RTA_DATA(metrics));
  for (; RTA_OK(metric, left); metric = RTA_NEXT(metric, left)) {
    if (metric->rta_type == RTAX_MTU) return number(metric);
  }
  return 0;
}

// The route in an answer; none when it is an error, or leads nowhere else.
Path::Route parse(nlmsghdr* header, int socket) {
  const auto* route = static_cast<rtmsg*>(NLMSG_DATA(header));
  if (header->nlmsg_type != RTM_NEWROUTE || route->rtm_type != RTN_UNICAST) return {};
  Path::Route result{};
  int left = static_cast<int>(RTM_PAYLOAD(header));
  for (const rtattr* attribute = RTM_RTA(route); RTA_OK(attribute, left);
       attribute = RTA_NEXT(attribute, left)) {
    if (attribute->rta_type == RTA_OIF) result.interface = number(attribute);
    if (attribute->rta_type == RTA_METRICS) result.mtu = mtu_metric(attribute);
  }
  if (result.mtu == 0) result.mtu = device_mtu(socket, result.interface);
  return result;
}

Path::Route ask(int socket, const SocketAddress& from, const SocketAddress& to) {
  RouteRequest request = request_for(from, to);
  if (send(socket, &request, request.header.nlmsg_len, 0) < 0) return {};
  alignas(nlmsghdr) uint8_t answer[4096];
  const ssize_t length = recv(socket, answer, sizeof answer, 0);
  auto* header = reinterpret_cast<nlmsghdr*>(answer);
  if (length < 0 || !NLMSG_OK(header, static_cast<uint32_t>(length))) return {};
  return parse(header, socket);
}

}  // namespace

RouteWatch::RouteWatch(const SocketAddress& local)
    : local_(local),
      queries_(open_netlink()),
      changes_(listen_to_changes()),
      stop_(eventfd(0, EFD_CLOEXEC)),
      thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "overtap-routes");
}

RouteWatch::~RouteWatch() {
  const uint64_t one = 1;
  (void)!write(stop_.get(), &one, sizeof one);
  thread_.join();
}

std::shared_ptr<Path> RouteWatch::follow(const SocketAddress& to) {
  const std::lock_guard lock(lock_);
  auto path = std::make_shared<Path>();
  path->set(ask(queries_.get(), local_, to));
  std::erase_if(followed_, [](const auto& entry) { return entry.second.expired(); });
  followed_.emplace_back(to, path);
  return path;
}

void RouteWatch::run() {
  pollfd waiting[] = {{changes_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  uint8_t ignored[16384];
  for (;;) {
    poll(waiting, 2, -1);
    if (waiting[1].revents != 0) return;
    poll(&waiting[1], 1, kSettleMilliseconds);
    while (recv(changes_.get(), ignored, sizeof ignored, MSG_DONTWAIT) > 0) {
    }
    refresh();
  }
}

void RouteWatch::refresh() {
  const std::lock_guard lock(lock_);
  for (const auto& [to, weak] : followed_) {
    if (const auto path = weak.lock()) path->set(ask(queries_.get(), local_, to));
  }
}

}  // namespace overtap
