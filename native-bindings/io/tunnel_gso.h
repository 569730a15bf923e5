// The transport `tunnel-gso`: a superpacket crosses into the kernel in one
// write, outer headers included, and is segmented where the kernel would
// segment a packet of its own vxlan device: in the network card, in the last
// moment, or never when the peer is on a virtual underlay.
//
// How: a TAP whose offload header knows UDP tunnels (Linux 6.17), from which a
// BPF program redirects every frame to the interface that leads to the peer
// (tcx_redirect.h). The packets do not pass the host's OUTPUT and POSTROUTING
// hooks, nor its IPsec policies. Everything is gone with the process.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "io/file_descriptor.h"
#include "io/io_error.h"
#include "io/route_watch.h"
#include "io/superpacket_sender.h"
#include "io/tcx_redirect.h"

namespace overtap {

class TunnelGso final : public SuperpacketSender {
 public:
  // Fails when the kernel lacks any part of it, or when the self-test does. `local` must be a
  // specific address.
  static std::variant<std::unique_ptr<TunnelGso>, IoError> open(const SocketAddress& local);

  std::shared_ptr<Path> path_to(const SocketAddress& address) override {
    return routes_.follow(address);
  }
  SendResult send(const Superpacket& packet) override;

 private:
  TunnelGso(const SocketAddress& local, FileDescriptor tap, FileDescriptor redirect)
      : local_(local), tap_(std::move(tap)), redirect_(std::move(redirect)), routes_(local) {}

  // False with errno set.
  bool write(const Superpacket& packet, Redirect redirect);
  // The self-test: a superpacket that the program sends back to us must come as it
  // went. What went wrong, or nothing. Takes at most 0.1 s.
  std::optional<IoError> probe(uint32_t own_interface);

  const SocketAddress local_;
  FileDescriptor tap_;
  FileDescriptor redirect_;
  RouteWatch routes_;
  std::atomic<uint16_t> next_id_{0};  // of the outer IPv4 packets
};

}  // namespace overtap
