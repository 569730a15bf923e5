// As many datagrams as the machine sends, one system call each; or, like QUIC
// with GSO, many equal ones in one.
#pragma once

#include <atomic>
#include <cstdint>

#include "load/meter.h"
#include "load/socket.h"

namespace overtap::load {

// Until `stop`. Returns how many datagrams were handed to the kernel.
uint64_t send_datagrams(const FileDescriptor& socket, uint32_t size, bool gso,
                        const std::atomic<bool>& stop);
// Until `stop`, and nothing has come for a moment.
void receive_datagrams(const FileDescriptor& socket, bool gro, const std::atomic<bool>& stop,
                       Meter& meter);

}  // namespace overtap::load
