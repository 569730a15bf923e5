// VXLAN over UDP sockets: works on every kernel and every underlay.
//
// Out: UDP_SEGMENT lets the kernel carry a run of packets through its stack as
// one; where a path refuses that (EIO without transmit checksums, EINVAL on
// some drivers) the packets of a run are sent one by one for a minute. A pool
// of sockets gives each inner flow its own outer source port, which is what
// receive queues and ECMP hash on (RFC 7348 section 5).
//
// In: UDP_GRO hands over what the kernel could merge. Buffers hold 64 KB each,
// because a peer on a virtual underlay sends superpackets unsegmented.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "io/file_descriptor.h"
#include "io/io_error.h"
#include "io/send_plan.h"
#include "io/underlay.h"
#include "wire/limits.h"

namespace overtap {

// What may be used where the kernel has it.
struct UdpOptions {
  bool segment = true;  // UDP_SEGMENT
  bool merge = true;    // UDP_GRO
};

class UdpUnderlay final : public Underlay {
 public:
  // Binds to `local`, its port included; one receiving socket per worker.
  static std::variant<std::unique_ptr<UdpUnderlay>, IoError> open(const SocketAddress& local,
                                                                  uint32_t workers,
                                                                  UdpOptions options);

  void send(const OutboundPacket* packets, uint32_t count, SendResult* results) override;
  uint16_t source_port(uint32_t flow_hash) const override {
    return senders_[flow_hash % senders_.size()].port;
  }
  uint32_t receive(uint32_t worker, InboundPacket* packets, uint32_t capacity) override;
  uint64_t overruns(uint32_t worker) const override;
  int fd(uint32_t worker) const override { return receivers_[worker]->fd.get(); }

  bool segments() const { return segment_; }
  bool merges() const { return merge_; }

 private:
  // A receiving socket with the buffers its worker reads into.
  struct Receiver {
    explicit Receiver(FileDescriptor socket);
    FileDescriptor fd;
    std::unique_ptr<uint8_t[]> buffers;
    struct Slot;
    std::unique_ptr<Slot[]> slots;
    std::unique_ptr<mmsghdr[]> messages;
    ~Receiver();
  };

  explicit UdpUnderlay(const SocketAddress& local) : local_(local) {}
  struct Batch;
  static void describe_all(const OutboundPacket* packets, Batch& batch);
  uint32_t send_some(const OutboundPacket* packets, Batch& batch, uint32_t at, SendResult* results);
  void recover(int fd, const OutboundPacket* packets, Batch& batch, uint32_t at, int error,
               SendResult* results);
  SendResult send_one_by_one(int fd, const OutboundPacket& packet);
  bool too_large(const OutboundPacket& packet, int error) const;

  const SocketAddress local_;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  struct Sender {
    FileDescriptor fd;
    uint16_t port;
  };
  std::vector<Sender> senders_;
  bool segment_ = false;
  bool merge_ = false;
};

}  // namespace overtap
