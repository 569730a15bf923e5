#include "io/udp_underlay.h"

#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/path_probe.h"

namespace overtap {
namespace {

constexpr int kSendRetryMilliseconds = 20;
constexpr size_t kSendControl = CMSG_SPACE(sizeof(uint16_t)) + CMSG_SPACE(sizeof(int));
// RFC 6335 section 6: the dynamic ports.
constexpr uint16_t kFirstSourcePort = 49152;
constexpr uint32_t kSourcePortRange = 65536 - kFirstSourcePort;

IoError failed(const std::string& what) {
  return {what, errno};
}

bool set_option(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

FileDescriptor open_socket(const SocketAddress& local) {
  FileDescriptor fd(
      ::socket(local.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP));
  if (!fd.open()) return fd;
  // As the kernel's vxlan device without "df": the outer packet may be fragmented.
  if (local.any.sa_family == AF_INET) {
    set_option(fd.get(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
  } else {
    set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_option(fd.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
  }
  return fd;
}

// FORCE goes past the system's limits with CAP_NET_ADMIN.
void enlarge_buffer(int fd, int force_option, int option) {
  if (!set_option(fd, SOL_SOCKET, force_option, limits::kSocketBuffer)) {
    set_option(fd, SOL_SOCKET, option, limits::kSocketBuffer);
  }
}

bool bind_to(int fd, const SocketAddress& address) {
  return bind(fd, &address.any, address.size()) == 0;
}

void set_port(SocketAddress& address, uint16_t port) {
  // sin_port and sin6_port are at the same place.
  address.v4.sin_port = __builtin_bswap16(port);
}

FileDescriptor open_sender(const SocketAddress& local, uint32_t& next_port, uint16_t& port) {
  FileDescriptor fd = open_socket(local);
  if (!fd.open()) return fd;
  enlarge_buffer(fd.get(), SO_SNDBUFFORCE, SO_SNDBUF);
  for (uint32_t tries = 0; tries < kSourcePortRange; tries++) {
    SocketAddress address = local;
    port = static_cast<uint16_t>(kFirstSourcePort + next_port++ % kSourcePortRange);
    set_port(address, port);
    if (bind_to(fd.get(), address)) return fd;
    if (errno != EADDRINUSE) break;
  }
  return FileDescriptor();
}

FileDescriptor open_receiver(const SocketAddress& local, bool shared) {
  FileDescriptor fd = open_socket(local);
  if (!fd.open()) return fd;
  if (shared) set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  enlarge_buffer(fd.get(), SO_RCVBUFFORCE, SO_RCVBUF);
  if (local.any.sa_family == AF_INET) {
    set_option(fd.get(), IPPROTO_IP, IP_RECVTOS, 1);
  } else {
    set_option(fd.get(), IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  }
  return bind_to(fd.get(), local) ? std::move(fd) : FileDescriptor();
}

void append_control(msghdr& message, int level, int type, const void* value, size_t size) {
  auto* header = reinterpret_cast<cmsghdr*>(static_cast<uint8_t*>(message.msg_control) +
                                            message.msg_controllen);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(header), value, size);
  message.msg_controllen += CMSG_SPACE(size);
}

// Describes `packet` to sendmsg; `control` must hold kSendControl bytes.
void describe(const OutboundPacket& packet, uint16_t segment_size, uint8_t* control,
              msghdr& message) {
  message = msghdr{};
  message.msg_name = const_cast<SocketAddress*>(&packet.to->address);
  message.msg_namelen = packet.to->address.size();
  message.msg_iov = const_cast<iovec*>(packet.parts);
  message.msg_iovlen = packet.part_count;
  message.msg_control = control;
  if (segment_size != 0) {
    append_control(message, IPPROTO_UDP, UDP_SEGMENT, &segment_size, sizeof segment_size);
  }
  if (packet.tos != 0) {
    const bool v4 = packet.to->address.any.sa_family == AF_INET;
    const int tos = packet.tos;
    append_control(message, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, &tos,
                   sizeof tos);
  }
  if (message.msg_controllen == 0) message.msg_control = nullptr;
}

SendResult result_of(int error) {
  switch (error) {
    case 0:
      return SendResult::kOk;
    case EMSGSIZE:
      return SendResult::kOversize;
    case EAGAIN:
    case ENOBUFS:
      return SendResult::kFull;
    default:
      return SendResult::kError;
  }
}

// A full send queue empties at the speed of the wire: waiting a little holds the
// container back, which a drop would not do as gently.
bool wait_writable(int fd) {
  pollfd waiting{fd, POLLOUT, 0};
  return poll(&waiting, 1, kSendRetryMilliseconds) > 0;
}

}  // namespace

struct UdpUnderlay::Receiver::Slot {
  SocketAddress from;
  iovec part;
  alignas(cmsghdr) uint8_t control[128];
};

UdpUnderlay::Receiver::Receiver(FileDescriptor socket)
    : fd(std::move(socket)),
      buffers(new uint8_t[limits::kReceiveSlots * limits::kBufferSize]),
      slots(new Slot[limits::kReceiveSlots]),
      messages(new mmsghdr[limits::kReceiveSlots]) {
  for (uint32_t i = 0; i < limits::kReceiveSlots; i++) {
    Slot& slot = slots[i];
    uint8_t* buffer = buffers.get() + i * limits::kBufferSize + limits::kHeadroom;
    slot.part = {buffer, limits::kBufferSize - limits::kHeadroom};
    messages[i] = mmsghdr{};
    messages[i].msg_hdr.msg_name = &slot.from;
    messages[i].msg_hdr.msg_iov = &slot.part;
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_control = slot.control;
  }
}

UdpUnderlay::Receiver::~Receiver() = default;

std::variant<std::unique_ptr<UdpUnderlay>, IoError> UdpUnderlay::open(const SocketAddress& local,
                                                                      uint32_t workers,
                                                                      UdpOptions options) {
  std::unique_ptr<UdpUnderlay> underlay(new UdpUnderlay(local));
  for (uint32_t i = 0; i < workers; i++) {
    FileDescriptor fd = open_receiver(local, workers > 1);
    if (!fd.open()) return failed("bind the VXLAN socket");
    underlay->merge_ = options.merge && set_option(fd.get(), IPPROTO_UDP, UDP_GRO, 1);
    underlay->receivers_.push_back(std::make_unique<Receiver>(std::move(fd)));
  }
  // Two daemons on one host, or one restarted, should not meet at the same ports.
  uint32_t next_port = static_cast<uint32_t>(getpid()) * 31;
  for (uint32_t i = 0; i < limits::kSourcePorts; i++) {
    uint16_t port = 0;
    FileDescriptor fd = open_sender(local, next_port, port);
    if (!fd.open()) return failed("bind a sending socket");
    underlay->senders_.push_back({std::move(fd), port});
  }
  int ignored = 0;
  socklen_t size = sizeof ignored;
  underlay->segment_ = options.segment && getsockopt(underlay->senders_[0].fd.get(), IPPROTO_UDP,
                                                     UDP_SEGMENT, &ignored, &size) == 0;
  return underlay;
}

// What one call of send() hands to the kernel.
struct UdpUnderlay::Batch {
  SendPlan plan;
  std::array<mmsghdr, limits::kSendSlots> messages;
  std::array<iovec, limits::kSendSlots> parts;
  alignas(cmsghdr) uint8_t control[limits::kSendSlots][kSendControl];
};

// HOT PATH.
void UdpUnderlay::send(const OutboundPacket* packets, uint32_t count, SendResult* results) {
  if (packets[0].segment_size != 0 && (!segment_ || packets[0].to->runs.active())) {
    const int fd = senders_[packets[0].flow_hash % senders_.size()].fd.get();
    results[0] = send_one_by_one(fd, packets[0]);
    return;
  }
  Batch batch;
  const auto senders = static_cast<uint32_t>(senders_.size());
  batch.plan.make(packets, count, senders, segment_);
  describe_all(packets, batch);
  for (uint32_t at = 0; at < batch.plan.size();) at += send_some(packets, batch, at, results);
}

void UdpUnderlay::describe_all(const OutboundPacket* packets, Batch& batch) {
  iovec* part = batch.parts.data();
  for (uint32_t i = 0; i < batch.plan.size(); i++) {
    const SendPlan::Message& message = batch.plan[i];
    OutboundPacket whole = packets[message.first];
    if (message.packets > 1) {
      whole.segment_size = static_cast<uint16_t>(whole.bytes);
      whole.parts = part;
      whole.part_count = message.packets;
      batch.plan.each(i, [&](uint32_t packet) { *part++ = packets[packet].parts[0]; });
    }
    describe(whole, whole.segment_size, batch.control[i], batch.messages[i].msg_hdr);
  }
}

// Sends messages from `at` on that have the same source port: at least one; returns how many.
uint32_t UdpUnderlay::send_some(const OutboundPacket* packets, Batch& batch, uint32_t at,
                                SendResult* results) {
  const uint32_t sender = batch.plan[at].sender;
  uint32_t end = at + 1;
  while (end < batch.plan.size() && batch.plan[end].sender == sender) end++;
  const int fd = senders_[sender].fd.get();
  const int sent = sendmmsg(fd, &batch.messages[at], end - at, 0);
  if (sent <= 0) {
    recover(fd, packets, batch, at, errno, results);
    return 1;
  }
  for (uint32_t i = at; i < at + static_cast<uint32_t>(sent); i++) {
    batch.plan.each(i, [&](uint32_t packet) { results[packet] = SendResult::kOk; });
  }
  return static_cast<uint32_t>(sent);
}

// One message could not be sent: tries what can still be done for its packets.
void UdpUnderlay::recover(int fd, const OutboundPacket* packets, Batch& batch, uint32_t at,
                          int error, SendResult* results) {
  msghdr& message = batch.messages[at].msg_hdr;
  if ((error == EAGAIN || error == ENOBUFS) && wait_writable(fd)) {
    error = sendmsg(fd, &message, 0) >= 0 ? 0 : errno;
  }
  const OutboundPacket& first = packets[batch.plan[at].first];
  const bool run = batch.plan[at].packets > 1 || first.segment_size != 0;
  const bool narrow = run && too_large(first, error);
  const bool refused = run && !narrow && (error == EIO || error == EINVAL);
  if (refused) first.to->runs.begin(error);
  batch.plan.each(at, [&](uint32_t packet) {
    const bool retry = narrow || refused;
    const SendResult result = retry ? send_one_by_one(fd, packets[packet]) : result_of(error);
    results[packet] = narrow && result == SendResult::kOk ? SendResult::kFragmented : result;
  });
}

// A run for a path that takes less is refused, because UDP_SEGMENT does not fragment:
// before Linux 6.14 with the error of a device that cannot segment (udp_send_skb).
bool UdpUnderlay::too_large(const OutboundPacket& packet, int error) const {
  if (error == EMSGSIZE) return true;
  if (error != EINVAL) return false;
  const uint32_t datagram = packet.segment_size != 0 ? packet.segment_size : packet.bytes;
  return datagram + datagram_headers(packet.to->address) > path_mtu(local_, packet.to->address);
}

SendResult UdpUnderlay::send_one_by_one(int fd, const OutboundPacket& packet) {
  const uint32_t step = packet.segment_size != 0 ? 2 : 1;
  SendResult worst = SendResult::kOk;
  for (uint32_t i = 0; i < packet.part_count; i += step) {
    OutboundPacket single = packet;
    single.parts = packet.parts + i;
    single.part_count = step;
    msghdr message;
    alignas(cmsghdr) uint8_t control[kSendControl];
    describe(single, 0, control, message);
    if (sendmsg(fd, &message, 0) >= 0) continue;
    const bool full = errno == EAGAIN || errno == ENOBUFS;
    const bool retried = full && wait_writable(fd) && sendmsg(fd, &message, 0) >= 0;
    if (!retried) worst = result_of(errno);
  }
  return worst;
}

namespace {

void read_control(msghdr& message, InboundPacket& packet) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    const uint8_t* data = CMSG_DATA(header);
    if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_GRO) {
      int size;
      std::memcpy(&size, data, sizeof size);
      packet.segment_size = static_cast<uint16_t>(size);
    } else if ((header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TOS) ||
               (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_TCLASS)) {
      // A byte for IPv4, an int for IPv6; little-endian, so the first byte is it.
      packet.tos = data[0];
    }
  }
}

}  // namespace

uint64_t UdpUnderlay::overruns(uint32_t worker) const {
  uint32_t memory[SK_MEMINFO_VARS] = {};
  socklen_t size = sizeof memory;
  getsockopt(receivers_[worker]->fd.get(), SOL_SOCKET, SO_MEMINFO, memory, &size);
  return memory[SK_MEMINFO_DROPS];
}

// HOT PATH.
uint32_t UdpUnderlay::receive(uint32_t worker, InboundPacket* packets, uint32_t capacity) {
  Receiver& receiver = *receivers_[worker];
  const uint32_t slots = std::min(capacity, limits::kReceiveSlots);
  for (uint32_t i = 0; i < slots; i++) {
    receiver.messages[i].msg_hdr.msg_namelen = sizeof(SocketAddress);
    receiver.messages[i].msg_hdr.msg_controllen = sizeof(Receiver::Slot::control);
  }
  const int count =
      recvmmsg(receiver.fd.get(), receiver.messages.get(), slots, MSG_DONTWAIT, nullptr);
  for (int i = 0; i < count; i++) {
    msghdr& message = receiver.messages[i].msg_hdr;
    Receiver::Slot& slot = receiver.slots[i];
    packets[i] = {
        &slot.from, static_cast<uint8_t*>(slot.part.iov_base), receiver.messages[i].msg_len, 0,
        0,          (message.msg_flags & MSG_TRUNC) != 0};
    read_control(message, packets[i]);
  }
  return count > 0 ? static_cast<uint32_t>(count) : 0;
}

}  // namespace overtap
