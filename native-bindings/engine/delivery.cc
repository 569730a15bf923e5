#include "engine/delivery.h"

#include "engine/network.h"
#include "engine/segmenter.h"
#include "wire/virtio_net.h"

namespace overtap {
namespace {

// A peer on a virtual underlay hands over what its containers gave it: inner
// packets whose checksum was left to hardware, and whole superpackets. Both are
// labelled for the receiving kernel, which then need not compute anything.
VirtioNetHeader offload_header(const Frame& frame, uint32_t mtu) {
  VirtioNetHeader vnet{};
  if (!has_partial_checksum(frame)) return vnet;
  vnet.flags = virtio::kNeedsChecksum;
  vnet.hdr_len = frame.payload;
  vnet.csum_start = frame.l4;
  vnet.csum_offset = static_cast<uint16_t>(frame.checksum_field() - frame.l4);
  const uint32_t headers = frame.payload - eth::kHeader;
  if (frame.segment != 0) {
    vnet.gso_type = virtio::kGsoUdpL4;
    vnet.gso_size = frame.segment;
  } else if (frame.is_tcp() && frame.end > mtu + eth::kHeader && mtu > headers) {
    vnet.gso_type = frame.ip_version == 4 ? virtio::kGsoTcp4 : virtio::kGsoTcp6;
    vnet.gso_size = static_cast<uint16_t>(mtu - headers);
  }
  return vnet;
}

void settle(Port& port, WriteResult result, uint64_t bytes, uint32_t lane,
            WorkerCounters& counters) {
  switch (result) {
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

// For kernels whose TAPs take no UDP superpackets (before Linux 6.2).
[[gnu::noinline]] void deliver_segments(Port& port, const Frame& frame, const VirtioNetHeader& vnet,
                                        uint32_t lane, WorkerCounters& counters) {
  Segmenter segmenter;
  if (!segmenter.start(frame, vnet, port.network->vni)) {
    return counters.drop(DropReason::bad_offload);
  }
  Segmenter::Run run;
  while (segmenter.next(run, 1)) {
    VirtioNetHeader plain{};
    uint8_t* headers = static_cast<uint8_t*>(run.parts[0].iov_base) + vxlan::kHeader;
    const iovec parts[] = {
        {&plain, sizeof plain}, {headers, run.parts[0].iov_len - vxlan::kHeader}, run.parts[1]};
    deliver(port, parts, 3, run.bytes - vxlan::kHeader, lane, counters);
  }
}

}  // namespace

// HOT PATH.
void deliver(Port& port, const iovec* parts, int count, uint64_t bytes, uint32_t lane,
             WorkerCounters& counters) {
  settle(port, port.io->write(port.queue_of(lane), parts, count), bytes, lane, counters);
}

bool fits(const Port& port, const Frame& frame) {
  if (frame.segment != 0) return frame.payload + frame.segment <= port.identity.mtu + eth::kHeader;
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
  const WriteResult result = port.io->write(port.queue_of(lane), parts, 2);
  if (result == WriteResult::kRefused && frame.segment != 0) {
    return deliver_segments(port, frame, vnet, lane, counters);
  }
  settle(port, result, length, lane, counters);
}

}  // namespace overtap
