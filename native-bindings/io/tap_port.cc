#include "io/tap_port.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "wire/virtio_net.h"

#ifndef TUN_F_USO4  // Linux 6.2
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

namespace overtap {
namespace {

constexpr unsigned kTcpOffloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;

IoError failed(const std::string& what) {
  return {what, errno};
}

// The device belongs to the namespace of the thread that opens /dev/net/tun, at
// the moment it does (tun_chr_open), hence a thread of its own for each open:
// the namespace of a thread that anything else runs on must never change.
std::vector<FileDescriptor> open_in_namespace(const std::string& netns, uint32_t count,
                                              IoError& error) {
  std::vector<FileDescriptor> opened;
  std::thread([&] {
    const FileDescriptor ns(::open(netns.c_str(), O_RDONLY | O_CLOEXEC));
    if (!ns.open()) {
      error = failed("open " + netns);
    } else if (setns(ns.get(), CLONE_NEWNET) != 0) {
      error = failed("enter network namespace " + netns);
    } else {
      for (uint32_t i = 0; i < count; i++) {
        opened.emplace_back(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
        if (!opened.back().open()) error = failed("open /dev/net/tun");
      }
    }
  }).join();
  if (error.code != 0) opened.clear();
  return opened;
}

bool attach(int fd, const std::string& name, bool multi_queue = false) {
  ifreq request{};
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (multi_queue) request.ifr_flags |= IFF_MULTI_QUEUE;
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  return ioctl(fd, TUNSETIFF, &request) == 0;
}

// False with errno set. What remains of `queues` is attached: one where the device has one.
bool attach_all(std::vector<FileDescriptor>& queues, const std::string& name) {
  const bool several = queues.size() > 1;
  bool multi_queue = several;
  if (!attach(queues[0].get(), name, multi_queue)) {
    // It may be there already, of the other kind.
    multi_queue = !several;
    if (errno != EINVAL || !attach(queues[0].get(), name, multi_queue)) return false;
  }
  if (!multi_queue) queues.resize(1);
  for (size_t i = 1; i < queues.size(); i++) {
    if (!attach(queues[i].get(), name, true)) return false;
  }
  return true;
}

// Older kernels refuse the bits they do not know; USO comes as a pair or not at all.
bool enable_uso(int fd) {
  return ioctl(fd, TUNSETOFFLOAD, kTcpOffloads | TUN_F_USO4 | TUN_F_USO6) == 0;
}

}  // namespace

std::variant<std::unique_ptr<TapPort>, IoError> TapPort::open(const std::string& netns,
                                                              const std::string& name,
                                                              uint32_t queues, bool uso) {
  IoError error{};
  Queues opened = open_in_namespace(netns, queues, error);
  if (opened.empty()) return error;

  if (!attach_all(opened, name)) return failed("attach to TAP " + name);

  // These are of the device, whichever queue they are said to.
  const int fd = opened[0].get();
  int header = sizeof(VirtioNetHeader);
  int little_endian = 1;
  if (ioctl(fd, TUNSETVNETHDRSZ, &header) != 0 || ioctl(fd, TUNSETVNETLE, &little_endian) != 0) {
    return failed("set the offload header of TAP " + name);
  }
  if (!(uso && enable_uso(fd)) && ioctl(fd, TUNSETOFFLOAD, kTcpOffloads) != 0) {
    return failed("enable offloads of TAP " + name);
  }
  if (ioctl(fd, TUNSETPERSIST, 1) != 0) return failed("make TAP " + name + " persistent");
  return std::unique_ptr<TapPort>(new TapPort(std::move(opened)));
}

bool TapPort::supports_uso() {
  const FileDescriptor fd(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
  return fd.open() && attach(fd.get(), "overtap%d") && enable_uso(fd.get());
}

void TapPort::destroy() {
  ioctl(queues_[0].get(), TUNSETPERSIST, 0);
}

// HOT PATH.
int64_t TapPort::read(uint32_t queue, uint8_t* buffer, uint32_t capacity) {
  const ssize_t length = ::read(queues_[queue].get(), buffer, capacity);
  if (length >= 0) return length;
  return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

// HOT PATH.
WriteResult TapPort::write(uint32_t queue, const iovec* parts, int count) {
  if (::writev(queues_[queue].get(), parts, count) >= 0) return WriteResult::kOk;
  switch (errno) {
    case EIO:  // the interface is not up (tun_get_user)
      return WriteResult::kDown;
    case EBADFD:  // the namespace is gone
      return WriteResult::kLost;
    default:
      return WriteResult::kRefused;
  }
}

}  // namespace overtap
