// As many bytes as TCP takes.
#pragma once

#include <atomic>

#include "load/meter.h"
#include "load/socket.h"

namespace overtap::load {

// Until `stop`; then no more will come, and the other side hears of it.
void send_bulk(const FileDescriptor& connection, const std::atomic<bool>& stop);
// Until the other side has no more.
void receive_bulk(const FileDescriptor& connection, Meter& meter);

}  // namespace overtap::load
