// A way to send a superpacket whole, so that it is segmented as late as
// possible, or not at all.
#pragma once

#include <cstdint>
#include <memory>

#include "io/path.h"
#include "io/remote.h"
#include "io/underlay.h"
#include "wire/virtio_net.h"

namespace overtap {

// A TCP or UDP datagram to be segmented, behind its VXLAN header. The checksum
// field holds the sum of the pseudo-header only.
struct Superpacket {
  uint8_t* vxlan;         // with limits::kHeadroom - vxlan::kHeader writable bytes before it
  uint32_t length;        // VXLAN header included
  VirtioNetHeader inner;  // verified; offsets from the start of the inner frame
  uint16_t inner_l3;      // from the start of the inner frame
  const Remote* to;
  uint32_t interface;  // index of the one by which it leaves
  uint16_t source_port;
  uint8_t tos;
};

class SuperpacketSender {
 public:
  virtual ~SuperpacketSender() = default;

  // The path to a peer, kept up to date for as long as it is held.
  virtual std::shared_ptr<Path> path_to(const SocketAddress& address) = 0;

  // Safe to call from several threads. Whatever the result, the bytes from
  // `vxlan` on are as they were.
  virtual SendResult send(const Superpacket& packet) = 0;
};

}  // namespace overtap
