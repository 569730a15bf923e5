// One request, one response, and the time between; on one connection, or on a
// new one each.
#pragma once

#include <atomic>
#include <cstdint>

#include "load/histogram.h"
#include "load/meter.h"
#include "load/socket.h"

namespace overtap::load {

// Counts only what begins while `counting`.
struct Timed {
  const std::atomic<bool>& counting;
  const std::atomic<bool>& stop;
  Histogram& histogram;
  Meter& meter;
};

void ask(const FileDescriptor& connection, uint32_t size, const Timed& timed);
void ask_anew(const Address& server, uint32_t size, const Timed& timed);

// Until the other side has no more.
void answer(const FileDescriptor& connection, uint32_t size);
// Connections from `client`, one response each, until `stop`.
void answer_anew(const FileDescriptor& listener, const Address& client, uint32_t size,
                 const std::atomic<bool>& stop);

}  // namespace overtap::load
