#pragma once

#include "engine/counters.h"
#include "engine/port.h"

namespace overtap {

// Writes a frame into a container, counting it or the reason it was refused.
// `parts` start with the virtio-net header; `bytes` is the frame's length.
inline void deliver(Port& port, const iovec* parts, int count, uint64_t bytes, uint32_t lane,
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

}  // namespace overtap
