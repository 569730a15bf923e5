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
FileDescriptor open_in_namespace(const std::string& netns, IoError& error) {
  FileDescriptor tun;
  std::thread([&] {
    const FileDescriptor ns(::open(netns.c_str(), O_RDONLY | O_CLOEXEC));
    if (!ns.open()) {
      error = failed("open " + netns);
    } else if (setns(ns.get(), CLONE_NEWNET) != 0) {
      error = failed("enter network namespace " + netns);
    } else {
      tun = FileDescriptor(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
      if (!tun.open()) error = failed("open /dev/net/tun");
    }
  }).join();
  return tun;
}

bool attach(int fd, const std::string& name) {
  ifreq request{};
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  return ioctl(fd, TUNSETIFF, &request) == 0;
}

// Older kernels refuse the bits they do not know; USO comes as a pair or not at all.
bool enable_uso(int fd) {
  return ioctl(fd, TUNSETOFFLOAD, kTcpOffloads | TUN_F_USO4 | TUN_F_USO6) == 0;
}

}  // namespace

std::variant<std::unique_ptr<TapPort>, IoError> TapPort::open(const std::string& netns,
                                                              const std::string& name, bool uso) {
  IoError error;
  FileDescriptor fd = open_in_namespace(netns, error);
  if (!fd.open()) return error;

  if (!attach(fd.get(), name)) return failed("attach to TAP " + name);

  int header = sizeof(VirtioNetHeader);
  int little_endian = 1;
  if (ioctl(fd.get(), TUNSETVNETHDRSZ, &header) != 0 ||
      ioctl(fd.get(), TUNSETVNETLE, &little_endian) != 0) {
    return failed("set the offload header of TAP " + name);
  }
  if (!(uso && enable_uso(fd.get())) && ioctl(fd.get(), TUNSETOFFLOAD, kTcpOffloads) != 0) {
    return failed("enable offloads of TAP " + name);
  }
  if (ioctl(fd.get(), TUNSETPERSIST, 1) != 0) return failed("make TAP " + name + " persistent");
  return std::unique_ptr<TapPort>(new TapPort(std::move(fd)));
}

bool TapPort::supports_uso() {
  const FileDescriptor fd(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
  return fd.open() && attach(fd.get(), "overtap%d") && enable_uso(fd.get());
}

void TapPort::destroy() {
  ioctl(fd_.get(), TUNSETPERSIST, 0);
}

// HOT PATH.
int64_t TapPort::read(uint8_t* buffer, uint32_t capacity) {
  const ssize_t length = ::read(fd_.get(), buffer, capacity);
  if (length >= 0) return length;
  return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

// HOT PATH.
WriteResult TapPort::write(const iovec* parts, int count) {
  if (::writev(fd_.get(), parts, count) >= 0) return WriteResult::kOk;
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
