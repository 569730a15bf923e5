#include "engine/delivery.h"

#include "wire/virtio_net.h"

namespace overtap {
namespace {

// A peer on a virtual underlay hands over what its containers gave it: inner
// packets whose checksum was left to hardware, and whole TCP superpackets. Both are
// labelled for the receiving kernel, which then need not compute anything.
VirtioNetHeader offload_header(const Frame& frame, uint32_t mtu) {
  VirtioNetHeader vnet{};
  if (!has_partial_checksum(frame)) return vnet;
  vnet.flags = virtio::kNeedsChecksum;
  vnet.hdr_len = frame.payload;
  vnet.csum_start = frame.l4;
  vnet.csum_offset = static_cast<uint16_t>(frame.checksum_field() - frame.l4);
  const uint32_t headers = frame.payload - eth::kHeader;
  if (frame.is_tcp() && frame.end > mtu + eth::kHeader && mtu > headers) {
    vnet.gso_type = frame.ip_version == 4 ? virtio::kGsoTcp4 : virtio::kGsoTcp6;
    vnet.gso_size = static_cast<uint16_t>(mtu - headers);
  }
  return vnet;
}

}  // namespace

// HOT PATH.
void deliver(Port& port, const iovec* parts, int count, uint64_t bytes, uint32_t lane,
             WorkerCounters& counters) {
  switch (port.io->write(parts, count)) {
    case WriteResult::kOk:
      port.traffic[lane].tx.add(1, bytes);
      return;
    case WriteResult::kDown:
    case WriteResult::kLost:
      counters.drop(DropReason::port_down);
      return;
    case WriteResult::kRefused:
      counters.drop(DropReason::port_write);
      return;
  }
}

bool fits(const Port& port, const Frame& frame) {
  if (frame.end <= port.identity.mtu + eth::kHeader) return true;
  return offload_header(frame, port.identity.mtu).gso_type != virtio::kGsoNone;
}

// HOT PATH.
void deliver_frame(Port& port, const Frame& frame, uint32_t lane, WorkerCounters& counters) {
  if (!fits(port, frame)) return counters.drop(DropReason::oversize);
  VirtioNetHeader vnet = offload_header(frame, port.identity.mtu);
  // Padding after the datagram must not enter a checksum that is still to be made.
  const uint32_t length = vnet.flags == 0 ? frame.length : frame.end;
  const iovec parts[] = {{&vnet, sizeof vnet}, {frame.data, length}};
  deliver(port, parts, 2, length, lane, counters);
}

}  // namespace overtap
