// Writing frames into a container.
#pragma once

#include <sys/uio.h>

#include <cstdint>

#include "engine/counters.h"
#include "engine/port.h"
#include "wire/frame.h"

namespace overtap {

// Writes a frame as it is, counting it or the reason it was refused. `parts`
// start with the virtio-net header; `bytes` is the frame's length.
void deliver(Port& port, const iovec* parts, int count, uint64_t bytes, uint32_t lane,
             WorkerCounters& counters);

// False for a frame that is larger than the port takes, and no superpacket.
bool fits(const Port& port, const Frame& frame);

// Writes a frame that came from a peer, with the offload header its content needs.
void deliver_frame(Port& port, const Frame& frame, uint32_t lane, WorkerCounters& counters);

}  // namespace overtap
